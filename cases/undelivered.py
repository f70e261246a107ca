"""Messages that no try could deliver: of what, to whom, since when; and sending them again."""

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from cases import outbox
from cases.calendars import SHANGHAI
from cases.models import AccountNotice, DutyNotice, DutyWarning

# kind: (model, to whom, the moment that it is about)
_KINDS = {
    "duty": (DutyNotice, "officer", "event__at"),
    "warning": (DutyWarning, "unit", "day"),
    "account": (AccountNotice, "officer", "at"),
}
_TO_WRITERS = "writers"
# Who sends to writers adds two functions: (number of a way, its label, how many, since, error) of
# an officer, and sending again what went one way, of an officer at a time.
WRITERS = []


@dataclass(frozen=True)
class Failed:
    """What did not reach one officer, the leaders of one unit, or writers; nothing of a letter."""

    kind: str
    to_id: int
    what: str
    to: str
    number: int
    since: datetime
    error: str


def given_up(user):
    """Return what was given up, as this officer may know it, a Failed for each cause; the oldest first."""
    found = [one for kind in _KINDS for one in _of(kind)]
    for counted, _again in WRITERS:
        for way, label, number, since, error in counted(user):
            words = _("来信通知（%(way)s）") % {"way": label}
            found.append(Failed(_TO_WRITERS, way, words, _("来信人"), number, since, error))
    return sorted(found, key=lambda one: one.since)


def _of(kind):
    model, to, moment = _KINDS[kind]
    found = _failed(kind).values_list(to, "error").annotate(Count("pk"), Min(moment)).order_by()
    known = model._meta.get_field(to).related_model.objects.in_bulk([row[0] for row in found])
    for to_id, error, number, since in found:
        if not isinstance(since, datetime):
            since = datetime.combine(since, time(), SHANGHAI)
        words = str(model._meta.verbose_name)
        yield Failed(kind, to_id, words, str(known[to_id]), number, since, error)


def count():
    """Return how many messages to officers were given up."""
    return sum(_failed(kind).count() for kind in _KINDS)


def again(user, kind, to_id, at):
    """Let what did not reach somebody be tried again, counted anew; return how many.

    kind: one of a Failed; any other is none.
    """
    if kind == _TO_WRITERS:
        return sum(again(user, to_id, at) for _counted, again in WRITERS)
    if kind not in _KINDS:
        return 0
    return outbox.again(_failed(kind).filter(**{_KINDS[kind][1]: to_id}), at)


def _failed(kind):
    model = _KINDS[kind][0]
    return model.objects.filter(status=model.FAILED)

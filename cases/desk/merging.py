"""Merged letters on the page of a case: where it went, what is inside, and what their writers add."""

from dataclasses import replace
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from cases import access
from cases.desk import history
from cases.models import Attachment, Event

_MANY = 100
# What the history of the main case tells of a letter inside it.
_TOLD = {
    "merge": _("并入一件来信"),
    "unmerge": _("撤销并入"),
    "add": _("并入来信的来信人追加情况"),
    "withdraw": _("并入来信的来信人撤回来信"),
}


def panel(user, case):
    """Return the main letter and the letters inside, as far as this officer may read them."""
    seen = access.visible_cases(user).select_related("letter")
    into = seen.filter(pk=case.merged_into_id).first() if case.merged_into_id else None
    inside = access.merged_inside(user, case).select_related("letter").order_by("pk")[:_MANY]
    inside = list(inside.prefetch_related("letter__attachments"))
    opens = set(seen.filter(pk__in=[one.pk for one in inside]).values_list("pk", flat=True))
    return {
        "into": into,
        "elsewhere": case.merged_into_id and not into,
        "inside": [(one.letter, one.pk in opens) for one in inside],
    }


def lines(user, case):
    """Return the history of a case and of the letters inside it, the newest first."""
    inside = list(_inside(user, case))
    both = [*history.lines(user, case), *reversed(inside)]
    return sorted(both, key=lambda line: line.at, reverse=True)


def attachment(user, case, number):
    """Return a file that came with a letter inside a case, or None."""
    inside = access.merged_inside(user, case).values("pk")
    return Attachment.objects.filter(letter__in=inside, pk=number).first()


def evidence(user, case, number):
    """Return a file that the writer of a letter inside a case has added since, or None."""
    files = (file for line in _inside(user, case) for file in line.files)
    return next((file for file in files if file.pk == number), None)


def _inside(user, case):
    merges = Event.objects.filter(action="merge", data__into=case.pk)
    keys = access.readable(user, set(merges.values_list("case", flat=True)))
    events = Event.objects.filter(case__in=keys, action__in=_TOLD)
    events = events.select_related("user__unit", "unit", "message", "case__letter")
    events = events.prefetch_related("evidence")
    for _key, steps in groupby(events.order_by("case", "seq"), key=lambda event: event.case_id):
        into = None
        for event in steps:
            into = event.data["into"] if event.action == "merge" else into
            if into == case.pk:
                told = history.line(event.case, event, event.unit_id, {}, event.evidence.all())
                label, receipt = _TOLD[event.action], event.case.letter.receipt
                yield replace(told, label=label, of=receipt, said=(), state="")
            into = None if event.action in ("unmerge", "withdraw") else into

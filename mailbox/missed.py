"""Notices that no try could deliver and nothing made up for: of a letter, of a list, and to be sent again."""

from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery

from cases import access, outbox
from cases.models import Event
from mailbox.models import Notice

_LOOKED_AT = 20
_CHANNELS = [code for code, _label in Notice.CHANNELS]


def undelivered(case):
    """Return the notices of a letter that its writer missed, for the desk."""
    return list(_missed().filter(letter=case.pk).order_by("-pk")[:_LOOKED_AT])


def untold(cases):
    """Return those of the cases whose writers missed something, the newest first, each with since and error."""
    missed = _missed().filter(letter=OuterRef("pk"))
    first, last = missed.order_by("pk"), missed.order_by("-pk")
    found = cases.filter(pk__in=_missed().values("letter")).annotate(
        untold_since=Subquery(first.values("created_at")[:1]),
        untold_error=Subquery(last.values("error")[:1]),
    )
    return found.order_by("-untold_since", "-pk")


def counted(user):
    """Yield (number of the way, its label, how many, since, error), less what recusal hides from an officer."""
    rows = _to_send_again(user).values_list("channel", "error")
    rows = rows.annotate(Count("pk"), Min("created_at"))
    for channel, error, number, since in rows.order_by():
        yield _CHANNELS.index(channel), dict(Notice.CHANNELS)[channel], number, since, error


def again(user, way, at):
    """Let what went by one way be tried again, counted anew; return how many."""
    if way >= len(_CHANNELS):
        return 0
    return outbox.again(_to_send_again(user).filter(channel=_CHANNELS[way]), at)


def _to_send_again(user):
    """Return what an officer may have tried again: of a request the address is forgotten by now."""
    return _missed().filter(request=None).exclude(letter__in=access.recused_ids(user))


def _missed():
    """Return what was given up and nothing made up for.

    That is the same news by another way, later news by the same, or a call that reached the writer.
    """
    later = Q(channel=OuterRef("channel"), pk__gt=OuterRef("pk"))
    same = Q(event=OuterRef("event")) | Q(request=OuterRef("request"))
    went = Notice.objects.filter(later | same, letter=OuterRef("letter"), status=Notice.SENT)
    called = Event.objects.filter(
        case=OuterRef("letter"),
        at__gt=OuterRef("created_at"),
        action__in=("contact", "call_back"),
        data__reached=True,
    )
    return Notice.objects.filter(~Exists(went), ~Exists(called), status=Notice.FAILED)

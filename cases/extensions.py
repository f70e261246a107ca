"""Putting off a reply (延期): the unit asks, a leader grants or refuses; read from the events alone."""

from django.db.models import Exists, OuterRef, Q

from cases.models import Event
from cases.transitions import State

ASK, GRANT, REFUSE = "request_extension", "extend", "refuse_extension"
# What ends a request: the leader's word, or that the case has gone on without it.
_ENDS = (
    GRANT, REFUSE, ASK, "dispatch", "forward_down", "return_to_desk", "recall", "propose_reply",
    "reopen",
)  # fmt: skip


def asked(case):
    """Return the Event of a request that waits for a leader, or None."""
    if case.state != State.IN_HAND or case.extended_days:
        return None
    steps = case.events.filter(action__in=_ENDS).select_related("user__unit", "message")
    last = steps.order_by("-seq").first()
    return last if last and last.action == ASK else None


def requests():
    """Return the events of requests that nothing has ended, of cases in any state."""
    later = Event.objects.filter(case=OuterRef("case"), seq__gt=OuterRef("seq"), action__in=_ENDS)
    return Event.objects.filter(~Exists(later), action=ASK)


def waiting():
    """Return the condition that a case waits for a leader's word on a request."""
    return Q(state=State.IN_HAND, extended_days=0, pk__in=requests().values("case"))

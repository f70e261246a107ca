"""The letters that wait at the desk for one officer, as a queue to go through one by one."""

from dataclasses import dataclass

from cases import presence
from cases.desk import waiting
from cases.transitions import AT_DESK, TRANSITIONS

_LOOKED_AT = 200


@dataclass(frozen=True)
class Place:
    """Where a letter stands in the queue: its number from 1 (0: not in it), how many there are
    (`more`: at least so many), and the receipts around it, "" where there is no other."""

    number: int
    count: int
    more: bool
    previous: str
    next: str


def may_triage(user):
    """Return whether any letter at the desk could wait for this officer."""
    return bool(_states(user))


def place(user, at, receipt=""):
    """Return the Place of a letter; without one, `next` is the first of the queue.

    Next is the first one after it that nobody else has open, or simply the one after it.
    """
    cases = waiting.in_order(waiting.waiting_for(user, at), at)
    cases = cases.filter(unit=user.unit_id, state__in=_states(user))
    rows = list(cases.values_list("pk", "letter__receipt")[: _LOOKED_AT + 1])
    more, rows = len(rows) > _LOOKED_AT, rows[:_LOOKED_AT]
    receipts = [found for _pk, found in rows]
    index = receipts.index(receipt) if receipt in receipts else -1
    following = rows[index + 1 :] + rows[: max(index, 0)]
    taken = presence.taken(user, [pk for pk, _receipt in following])
    free = [found for pk, found in following if pk not in taken]
    ahead = [found for _pk, found in following]
    return Place(
        number=index + 1,
        count=len(rows),
        more=more,
        previous=(ahead or [""])[-1],
        next=(free or ahead or [""])[0],
    )


def _states(user):
    return [
        state
        for state in AT_DESK
        if user.has_perm(f"cases.{TRANSITIONS[waiting.NEXT_STEPS[state]].permission}")
    ]

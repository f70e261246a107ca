"""The letters that wait at the desk for one officer, as a queue to go through one by one."""

from dataclasses import dataclass

from cases import presence
from cases.desk import waiting
from cases.models import Case
from cases.transitions import AT_DESK, TRANSITIONS


@dataclass(frozen=True)
class Place:
    """Where a letter stands in the queue: its number from 1 (0: not in it), how many there are,
    and the receipts around it, "" where there is no other."""

    number: int
    count: int
    previous: str
    next: str


def place(user, at, case=None):
    """Return the Place of a letter; without one, `next` is the first of the queue.

    Next is the first one after it that nobody else has open, or simply the one after it.
    """
    cases = waiting.waiting_for(user, at).filter(unit=user.unit_id, state__in=_states(user))
    keys = waiting.keys_in_order(cases, at)
    number = keys.index(case.pk) + 1 if case and case.pk in keys else 0
    following = after(keys, case.pk if case else None)
    taken = presence.taken(user)
    free = (key for key in following if key not in taken)
    wanted = {"next": next(free, following[0]), "previous": following[-1]} if following else {}
    receipts = Case.objects.filter(pk__in=wanted.values()).values_list("pk", "letter__receipt")
    there = dict(receipts)
    around = {name: there[key] for name, key in wanted.items()}
    return Place(number, len(keys), around.get("previous", ""), around.get("next", ""))


def after(keys, key):
    """Return the keys that follow one, the first again after the last; all, if it is not there."""
    index = keys.index(key) if key in keys else -1
    return keys[index + 1 :] + keys[: max(index, 0)]


def _states(user):
    return [
        state
        for state in AT_DESK
        if user.has_perm(f"cases.{TRANSITIONS[waiting.NEXT_STEPS[state]].permission}")
    ]

"""Which policy holds: in the live world that of the newest version in force, in a run's the file's.

A run keeps the rules it was made with, whatever the office decides later. Each process looks
for new versions now and then; one comes into force so long after it is saved that by then every
process knows it, so that two steps at one moment are never counted by different rules.
"""

import time
from bisect import bisect_right
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from cases import policy as policies
from cases import worlds
from cases.calendars import Calendar
from cases.models import PolicyVersion

# How often a process looks, and how soon after it is saved a version may come into force.
EVERY_SECONDS = 30
LEAD = timedelta(minutes=2)
_kept = None  # (when looked, the keys of the versions, Versions)


class Versions:
    """The policies of the live world through time; to the fold it looks like one."""

    def __init__(self, rows):
        """rows: (moment from which on, Policy) in order, after the file's."""
        self._since = [since for since, _policy in rows]
        self._policies = [policies.load(), *(policy for _since, policy in rows)]

    def at(self, moment):
        """Return the policy in force at a moment."""
        return self._policies[bisect_right(self._since, moment)]

    def later(self, start, end):
        """Return (moment, policy) of each that came into force after start, up to end."""
        first, last = bisect_right(self._since, start), bisect_right(self._since, end)
        return [(self._since[n], self._policies[n + 1]) for n in range(first, last)]

    def knowing(self, working_days):
        """Return these versions as a process counts by them that knows these working days."""
        found = Versions(())
        found._since = self._since
        found._policies = [
            replace(policy, calendar=Calendar(working_days, policy.calendar.blocks))
            for policy in self._policies
        ]
        return found

    def with_one_more(self, since, policy):
        """Return these versions and one that is not saved, to see what it would change."""
        rows = list(zip(self._since, self._policies[1:], strict=True))
        return Versions([*rows, (since, policy)])


def versions():
    """Return what the fold of this world needs: its one policy, or the live versions."""
    return _live() if worlds.current().live else policies.load()


def policy(at=None):
    """Return the policy in force at a moment, by default now, in this world."""
    return versions().at(at or worlds.now())


def forget():
    """Look for new versions at the next question, in this process."""
    global _kept
    _kept = None


def _live():
    global _kept
    kept, clock = _kept, time.monotonic()
    if kept and clock - kept[0] < EVERY_SECONDS:
        return kept[2]
    rows = list(PolicyVersion.objects.order_by("valid_from").values_list("pk", "valid_from"))
    known = tuple(pk for pk, _since in rows)
    found = kept[2] if kept and kept[1] == known else _read(rows)
    _kept = clock, known, found
    return found


def _read(rows):
    texts = dict(PolicyVersion.objects.values_list("pk", "text"))
    return Versions([(since, _parsed(texts[pk], pk)) for pk, since in rows if pk in texts])


@lru_cache(maxsize=64)
def _parsed(text, number):
    return policies.read(text, f"policy version {number}")

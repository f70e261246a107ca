"""Why a unit fell behind: which queue held letters for days, in which weeks, and how busy it was."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from simulation.replication import HOUR

DAYS_BEHIND = 2.0  # a queue is behind while it holds more work than its officers do in these
FEWEST = 5  # and at least so many letters
GAP = 7  # days without a backlog, up to which two spells are one


@dataclass(frozen=True)
class Spell:
    """A span in which a queue was behind. letters: at most, days: of work it then held."""

    station: str
    first: date
    last: date
    letters: int
    days: float
    utilisation: float
    wait: float  # mean of the whole span, in hours

    def __str__(self):
        return (
            f"{self.station}: from {self.first} to {self.last} up to {self.letters:,} letters "
            f"waited, {self.days:.1f} days' work for all its officers; busy {self.utilisation:.0%} "
            f"of its time on duty over the whole span, mean wait {self.wait:.1f} h"
        )


def spells(outcome, scenario):
    """Return the longest Spell of each station that fell behind, the worst first.

    outcome: replication.Outcome. The worst is the one in which most letters waited longest.
    """
    found = []
    for name, daily in outcome.backlog.items():
        measure, (_busy, duty) = outcome.stations[name], outcome.hours[name]
        days = daily * measure.mean_work / (duty.sum() / scenario.days)
        runs = _runs((days >= DAYS_BEHIND) & (daily >= FEWEST))
        if not runs:
            continue
        first, end = max(runs, key=lambda run: daily[run[0] : run[1]].sum())
        letters = int(daily[first:end].max())
        spell = Spell(
            station=name,
            first=scenario.start + timedelta(days=first),
            last=scenario.start + timedelta(days=end - 1),
            letters=letters,
            days=float(days[first:end].max()),
            utilisation=measure.utilisation,
            wait=measure.mean_wait / HOUR,
        )
        found.append((int(daily[first:end].sum()), spell))
    return [spell for _weight, spell in sorted(found, key=lambda pair: (-pair[0], pair[1].station))]


def _runs(behind):
    """Return (first day, day after the last) of each spell of days."""
    found = []
    for day in np.flatnonzero(behind).tolist():
        if found and day - found[-1][1] <= GAP:
            found[-1][1] = day + 1
        else:
            found.append([day, day + 1])
    return found

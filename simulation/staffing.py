"""Staffing from queueing theory: how many officers each station needs at a level of comfort.

A station to which a busy officers' work comes needs a + level × √a of them (the square-root
rule: Halfin and Whitt, 1981), whatever its size; so one level for a group of stations staffs
small and large cities alike, and a search over the groups' levels need not try every desk.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from simulation import coming, replication
from simulation.model import DAY
from simulation.replication import QUEUES
from simulation.scenario import DEPARTMENT

AMPLE = 20  # times the staff: nobody waits for an officer any more
PEAK_DAYS = 28  # a peak shorter than this may be waited for
# At which of its stations a group's officers stand, and how a planner calls them.
LABELS = {
    "department": "the department's desk (day + night)",
    "desks": "city desks (day + night)",
    "duty": "duty officers at units (day + night)",
    "handlers": "handlers at units",
    "review": "reviewers at cities",
}


@dataclass(frozen=True)
class Post:
    """One number of a scenario's staff: how many officers stand at each of some stations.

    name: as simulation/changing.py knows it. now: officers there now. shifts: how many share
    the day; a station that is open at night stays so.
    stations: how many there are. load: officers busy on average while it is open, at the
    busiest of the stations, in the busiest weeks.
    """

    name: str
    group: str
    now: int
    shifts: int
    stations: int
    load: float

    @property
    def least(self):
        """The fewest officers: one a shift."""
        return self.shifts

    def officers(self, level):
        """Return how many officers each of its stations needs at this level."""
        wanted = self.load + level * sqrt(self.load)
        return max(self.least, ceil(round(wanted * self.shifts, 6)))


def posts(scenario, seed=1):
    """Return all Posts of a scenario, their loads measured where nobody has to wait."""
    ample, peak = scenario.with_staff(AMPLE), peak_factor(scenario, seed)
    found = loads_of(replication.play(ample, seed), ample)
    loads = {name: load * peak for name, load in found.items()}

    def post(name, group, now, stations):
        load = max(loads[station] for station in stations)
        by_shift = [n for n in now if n] if isinstance(now, tuple) else [now]
        return Post(name, group, sum(by_shift), len(by_shift), len(stations), load)

    found = [
        post("desk.staff", "department", scenario.department_desk, [f"desk {DEPARTMENT}"]),
    ]
    for city in scenario.cities:
        code = city.code
        duty = [f"duty {unit}" for unit in city.units]
        handlers = [f"handlers {unit}" for unit in city.units]
        found += [
            post(f"desk.{code}.staff", "desks", city.desk, [f"desk {code}"]),
            post(f"duty.{code}.staff", "duty", city.duty, duty),
            post(f"handlers.{code}.staff", "handlers", city.handlers, handlers),
            post(f"review.{code}.staff", "review", city.reviewers, [f"review {code}"]),
        ]
    return found


def loads_of(outcome, scenario):
    """Return {station: officers busy on average while it is open}."""
    by_day = {f"desk {DEPARTMENT}": scenario.department_desk}
    for city in scenario.cities:
        by_day |= {f"desk {city.code}": city.desk, f"review {city.code}": (city.reviewers, 0)}
        for unit in city.units:
            by_day |= {f"duty {unit}": city.duty, f"handlers {unit}": (city.handlers, 0)}
    found = {}
    for name, (busy, duty) in outcome.hours.items():
        day, night = by_day[name]
        opened = scenario.horizon if night else duty.sum() / day
        found[name] = float(busy.sum() / opened)
    return found


def peak_factor(scenario, seed):
    """Return the letters of the busiest weeks over those of the mean ones."""
    daily = coming.hourly_levels(scenario, seed).reshape(-1, DAY // coming.HOUR).sum(axis=1)
    weeks = np.ones(min(PEAK_DAYS, len(daily)))
    return float(np.convolve(daily, weeks, "valid").max() / len(weeks) / daily.mean())


def changes(found, levels):
    """Return the staffing at these levels as changes to the scenario.

    found: Posts. levels: {group: level}.
    """
    return {post.name: post.officers(levels[post.group]) for post in found}


def present(found):
    """Return the staffing as it is, as changes."""
    return {post.name: post.now for post in found}


def times(staffing, factor, found):
    """Return a staffing times a factor, each post rounded, with none below the least possible."""
    least = {post.name: post.least for post in found}
    return {name: max(least[name], int(n * factor + 0.5)) for name, n in staffing.items()}


def totals(found, staffing):
    """Return {group: officers} of a staffing, over all stations of each group."""
    sums = dict.fromkeys(QUEUES, 0)
    for post in found:
        sums[post.group] += staffing[post.name] * post.stations
    return sums

"""Where the event loop stands: a heap of what comes, stations, rosters, letters in them.

The same rules as simulation/stations.py, which is the readable reference. What a letter is
and where it goes next is none of the loop's business (loop.py).
A Floor is all arrays, so a run can be broken off and gone on with at any event.
"""

from collections import namedtuple
from math import prod
from mmap import mmap

import numpy as np

from simulation.compiled import compiled
from simulation.stations import NEVER
from simulation.weeks import HOUR, WEEK_HOURS

DAY = 86400
# Places in Floor.clock.
HEAP, TICK, NOW = 0, 1, 2

STATION = np.dtype(
    [
        (name, np.int64)
        for name in (
            "roster", "step", "armed", "busy", "started", "joined", "served", "waiting", "waited",
            "work", "worked", "there", "since", "integral", "time_there", "days",
        )
    ]
)  # fmt: skip
# Of a letter: the next in its queue; where it is; since when; when work began; how much.
VISIT = np.dtype(
    [(name, np.int64) for name in ("next", "station", "rank", "entered", "started", "work")]
)
ROSTER = np.dtype(
    [(name, np.int64) for name in ("first", "last", "opens", "closes", "always")]
)  # rows of steps and of periods: first..last, opens..closes, the ends not counted

Calendar = namedtuple("Calendar", "rosters steps periods")
Floor = namedtuple("Floor", "stations queues calendar weeks days visits heap clock")


def build(rosters, places, ranks, days, letters):
    """Return the Floor of some stations.

    rosters: Roster objects. places: for each station, which of them. ranks: how many.
    days: for how many ends of days the waiting letters are counted. letters: room for these.
    """
    table, steps, periods = np.zeros(len(rosters), ROSTER), [], []
    for row, roster in zip(table, rosters, strict=True):
        row["first"], row["opens"] = len(steps), len(periods)
        steps += zip(roster.times, roster.staff, strict=True)
        periods += zip(roster.opens, roster.closes, roster.before, strict=True)
        row["last"], row["closes"], row["always"] = len(steps), len(periods), roster.always
    stations = np.zeros(len(places), STATION)
    stations["roster"] = places
    stations["step"] = table["first"][places]
    return Floor(
        stations=stations,
        queues=np.full((len(places), ranks, 2), -1, np.int64),
        calendar=Calendar(
            rosters=table,
            steps=np.array(steps, np.int64).reshape(-1, 2),
            periods=np.array(periods, np.int64).reshape(-1, 3),
        ),
        weeks=np.zeros((len(places), 2, WEEK_HOURS), np.int64),
        days=np.zeros((len(places), days), np.int32),
        visits=np.zeros(letters, VISIT),
        heap=np.zeros((letters + len(places) + 1, 3), np.int64),
        clock=np.zeros(4, np.int64),
    )


def grown(floor, letters):
    """Return the Floor with room for more letters."""
    heap = longer(floor.heap, letters + len(floor.stations) + 1)
    return floor._replace(visits=longer(floor.visits, letters), heap=heap)


def longer(array, length):
    """Return an array that begins as this one; what follows takes no memory until it is used.

    It is mapped by itself: what malloc has once had, it would not give back when this grows again.
    """
    shape = (length, *array.shape[1:])
    new = np.frombuffer(mmap(-1, array.itemsize * prod(shape)), array.dtype).reshape(shape)
    new[: len(array)] = array
    return new


# -- rosters -----------------------------------------------------------------------------------


@compiled
def _period(calendar, roster, column, value):
    """Return the last row of periods whose `column` is no more than `value` (or first - 1)."""
    low, high = calendar.rosters[roster].opens, calendar.rosters[roster].closes
    while low < high:
        middle = (low + high) >> 1
        if calendar.periods[middle, column] <= value:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def _until(calendar, roster, at):
    period = _period(calendar, roster, 0, at)
    if period < calendar.rosters[roster].opens:
        return np.int64(0)
    row = calendar.periods[period]
    return row[2] + min(at, row[1]) - row[0]


@compiled
def end(calendar, roster, start, work):
    """Return when work begun at `start` ends (Roster.end)."""
    if calendar.rosters[roster].always:
        return start + work
    total = _until(calendar, roster, start) + work
    period = _period(calendar, roster, 2, total - 1)
    return calendar.periods[period, 0] + total - calendar.periods[period, 2]


@compiled
def opening(calendar, roster, at):
    """Return the time itself while anybody is on duty, else the next opening (Roster.opening)."""
    period = _period(calendar, roster, 0, at)
    if period >= calendar.rosters[roster].opens and at < calendar.periods[period, 1]:
        return at
    period += 1
    return calendar.periods[period, 0] if period < calendar.rosters[roster].closes else NEVER


@compiled
def _add_hours(week, start, end):
    """Add one officer's time to a Week: its parts and steps (simulation/weeks.py)."""
    first, last = start // HOUR, end // HOUR
    week[0, first % WEEK_HOURS] -= start - first * HOUR
    week[0, last % WEEK_HOURS] += end - last * HOUR
    week[1, first % WEEK_HOURS] += 1
    week[1, last % WEEK_HOURS] -= 1
    week[1, 0] += last // WEEK_HOURS - first // WEEK_HOURS


@compiled
def add_work(floor, station, start, end):
    """Add one officer's work to the Week of a station; return its seconds on duty."""
    calendar, worked = floor.calendar, np.int64(0)
    roster = floor.stations[station].roster
    table = calendar.rosters[roster]
    period = max(_period(calendar, roster, 0, start), table.opens)
    while period < table.closes and calendar.periods[period, 0] < end:
        begins = max(start, calendar.periods[period, 0])
        ends = min(end, calendar.periods[period, 1])
        _add_hours(floor.weeks[station], begins, ends)
        worked += ends - begins
        period += 1
    return worked


@compiled
def on_duty(floor, station, at):
    """Return the officers on duty at a station now; `at` never goes back."""
    row, calendar = floor.stations[station], floor.calendar
    step, last = row.step, calendar.rosters[row.roster].last - 1
    while step < last and calendar.steps[step + 1, 0] <= at:
        step += 1
    row.step = step
    return calendar.steps[step, 1] if calendar.steps[step, 0] <= at else 0

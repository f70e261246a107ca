"""What stations measured: the arrays of a Floor as Measures, hours of the week and days."""

import numpy as np

from simulation.compiled import compiled_whole
from simulation.compiled.floor import HEAP, add_work
from simulation.compiled.loop import end_days
from simulation.stations import Measure
from simulation.weeks import HOUR

_UNFINISHED = 4  # columns: letters in service, their work, their time there; those waiting


@compiled_whole
def _close(floor, horizon, left):
    """Count what is unfinished at the horizon: in service, its work and time, time waiting."""
    for place in range(floor.clock[HEAP]):
        what = floor.heap[place, 2]
        station, letter = (what >> 32) - 1, (what & 0xFFFFFFFF) - 1
        if station < 0 or letter < 0:
            continue
        visit = floor.visits[letter]
        left[station, 0] += 1
        left[station, 1] += add_work(floor, station, visit.started, horizon)
        left[station, 2] += horizon - visit.entered
    for station in range(len(floor.stations)):
        end_days(floor, station, horizon)
        for rank in range(floor.queues.shape[1]):
            letter = floor.queues[station, rank, 0]
            while letter != -1:
                left[station, 3] += horizon - floor.visits[letter].entered
                letter = floor.visits[letter].next


def measures(floor, rosters, horizon):
    """Return the Measure of each station at the horizon; call it once, when all is over."""
    left = np.zeros((len(floor.stations), _UNFINISHED), np.int64)
    _close(floor, horizon, left)
    duty = [roster.duty(horizon) for roster in rosters]
    found = []
    for row, (in_service, work, there, waiting) in zip(floor.stations, left.tolist(), strict=True):
        row = {name: int(row[name]) for name in row.dtype.names}
        joined, on_duty = row["joined"], duty[row["roster"]]
        found.append(
            Measure(
                joined=joined,
                served=row["served"],
                in_service=in_service,
                waiting=row["waiting"],
                mean_wait=(row["waited"] + waiting) / joined if joined else 0.0,
                mean_work=row["work"] / row["started"] if row["started"] else 0.0,
                utilisation=(row["worked"] + work) / on_duty if on_duty else 0.0,
                number_integral=row["integral"] + row["there"] * (horizon - row["since"]),
                time_there=row["time_there"] + there + waiting,
            )
        )
    return found


def hours(floor):
    """Return the seconds of work of each station by hour of the week: an array (stations, 168)."""
    parts, steps = floor.weeks[:, 0], floor.weeks[:, 1]
    return np.cumsum(steps, axis=1) * HOUR + parts

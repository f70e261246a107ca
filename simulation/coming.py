"""When letters come: each key's time, and all keys by windows of time, on disk where they are many.

A window has about as many letters as every other. Memory holds one, however long the year is.
"""

import tempfile

import numpy as np

from cases.calendars import official_days
from simulation import bursts, draws
from simulation.model import DAY

HOUR = 3600
# Letters held at once, and the most windows that there are.
AT_ONCE, _MOST_WINDOWS = 1 << 17, 256
_KEPT = np.dtype([("key", np.int64), ("at", np.int32)])
_GOLDEN_RATIO = (5**0.5 - 1) / 2
_PIECES = 1 << 16  # of the unit, by which ranks are counted


def hourly_levels(scenario, seed):
    """Return the expected number of letters in each hour of the scenario, before chance.

    The daily level scatters by the seed; between two checkpoints the sum is exact.
    """
    arrivals, days = scenario.arrivals, np.arange(scenario.days)
    first = scenario.start.toordinal()
    is_workday = official_days().is_workday
    dates = [scenario.start.fromordinal(first + day) for day in range(scenario.days)]
    shape = dict(enumerate(len(arrivals.weekdays) * np.array(arrivals.weekdays)))
    level = 1 + arrivals.surge_peak * np.exp(-days / arrivals.surge_days)
    # A weekend that is worked for a holiday is as any working day.
    level *= [
        shape.get(day.weekday(), 1.0) if is_workday(day) else arrivals.day_off for day in dates
    ]
    if arrivals.daily_cv:
        level *= draws.lognormals(
            draws.uniforms(seed, "days", days, 1)[:, 0], 1.0, arrivals.daily_cv
        )
    hours = np.outer(level, arrivals.hours).ravel()
    since, before = 0, 0
    for until, received in arrivals.checkpoints:
        part = slice(since * 24, until * 24)
        hours[part] *= (received - before) / hours[part].sum()
        since, before = until, received
    return hours


def starts(scenario, seed):
    """Return the seconds at which windows begin."""
    size = max(AT_ONCE, -(-scenario.letters // _MOST_WINDOWS))
    expected = np.cumsum(hourly_levels(scenario, seed))
    full = np.arange(size, expected[-1] - size / 2, size)
    hours = np.unique(np.searchsorted(expected, full) + 1)
    return np.concatenate([[0], hours[hours < len(expected)] * HOUR])


def by_window(scenario, seed, begins, files):
    """Yield (keys, at) of each window's letters, in the order in which they were drawn.

    begins: as of starts(). files: ExitStack that closes the files.
    """
    drawn = _drawn(scenario, seed)
    if len(begins) == 1:
        yield [np.concatenate(column) for column in zip(*drawn, strict=True)]
        return
    bags = [temporary_file(files) for _begin in begins]
    for keys, at in drawn:
        window = np.searchsorted(begins, at, side="right") - 1
        order = np.argsort(window, kind="stable")
        rows = np.empty(len(keys), _KEPT)
        rows["key"], rows["at"] = keys[order], at[order]
        ends = np.searchsorted(window[order], np.arange(1, len(bags)))
        for bag, part in zip(bags, np.split(rows, ends), strict=True):
            part.tofile(bag)
    for bag in bags:
        bag.seek(0)
        rows = np.fromfile(bag, _KEPT)
        bag.close()
        yield rows["key"], rows["at"]


def temporary_file(files):
    """Return a file without a name, closed with an ExitStack and gone with its process."""
    return files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (closed by the stack)


def _drawn(scenario, seed):
    """Yield (keys, at) of all letters, some keys at a time; those of bursts last."""
    points = scenario.arrivals.checkpoints
    cuts, hours = _cuts(points), hourly_levels(scenario, seed)
    for keys in _keys(points):
        yield keys, _times(seed, keys, cuts, hours, points)
    for keys in bursts.keys(scenario, AT_ONCE):
        yield keys, bursts.times(scenario, seed, keys)


def _keys(points):
    """Yield the keys of all letters but those of bursts, some at a time."""
    for first in range(0, points[-1][1], AT_ONCE):
        yield np.arange(first + 1, min(first + AT_ONCE, points[-1][1]) + 1)


def _spread(keys):
    """Return an even sequence over the keys, so that any first part of them keeps its spans."""
    return keys * _GOLDEN_RATIO % 1.0


def _cuts(points):
    """Return the values at which the even sequence goes on to the next span between checkpoints.

    It is the value of rank r, from 0, where r letters come before; found by counting, for
    the values are not held.
    """
    counts = np.zeros(_PIECES, np.int64)
    for keys in _keys(points):
        counts += np.bincount((_spread(keys) * _PIECES).astype(int), minlength=_PIECES)
    ends, cuts = np.cumsum(counts), []
    for _until, rank in points[:-1]:
        piece = np.searchsorted(ends, rank, side="right")
        found = [
            values[(values * _PIECES).astype(int) == piece]
            for values in map(_spread, _keys(points))
        ]
        values = np.sort(np.concatenate(found))
        cuts.append(values[rank - ends[piece] + counts[piece]] if piece < _PIECES else np.inf)
    return cuts


def _times(seed, keys, cuts, hours, points):
    """Place keys in the spans between checkpoints, and there by the hours' levels."""
    uniform = draws.uniforms(seed, "arrivals", keys, 1)[:, 0]
    span, at = np.searchsorted(cuts, _spread(keys), side="right"), np.empty(len(keys), np.int32)
    since = 0
    for index, (until, _received) in enumerate(points):
        mine = np.flatnonzero(span == index)
        ends = np.cumsum(hours[since * 24 : until * 24])
        place = uniform[mine] * ends[-1]
        hour = np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)
        within = 1 - (ends[hour] - place) / hours[since * 24 + hour]
        second = np.clip((within * HOUR).astype(np.int64), 0, HOUR - 1)
        at[mine] = since * DAY + hour * HOUR + second
        since = until
    return at

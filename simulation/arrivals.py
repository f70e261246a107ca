"""Which letters come, and when: drawn from a scenario and a seed, as columns.

A letter has a key, the order in which it was drawn, and a number, its place in time.
All of a letter's draws hang on its key: with fewer letters the first keys remain, so a
smaller year is a part of the larger one.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from cases.calendars import official_days
from simulation import bursts, draws
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DEPARTMENT, KIND_CODES

HOUR = 3600
# Columns of the streams "arrivals" and "writers".
_TIME, _CITY, _BOX, _UNIT, _EMERGENCY, _SECRET = range(6)
_UNIFORMS = 6
_REPEATS, _LAG = range(2)
# What a letter is by itself, and what a repeated one has from the letter that it repeats.
_OF_MATTER = ("unit", "kind", "category", "confidential")
_TRAITS = ("key", "to_department", "city", "emergency", *_OF_MATTER)
_AT_ONCE = 1 << 18  # letters drawn at once
_GOLDEN_RATIO = (5**0.5 - 1) / 2


class Arrival(NamedTuple):
    """One letter as it comes: codes, and 0 in `repeats` unless it repeats that letter's matter."""

    number: int
    key: int
    at: int
    mailbox: str
    city: str
    unit: str
    kind: str
    category: str
    writer_number: int
    repeats: int
    emergency: bool
    confidential: bool


@dataclass(frozen=True)
class Columns:
    """All arrivals in time order, one array each; iterate or index for Arrival rows.

    city, kind and category are indices into `scenario.cities`, KIND_CODES and
    CATEGORY_CODES, unit into the city's units; numbers start at 1.
    """

    scenario: object
    number: np.ndarray
    key: np.ndarray
    at: np.ndarray
    to_department: np.ndarray
    city: np.ndarray
    unit: np.ndarray
    kind: np.ndarray
    category: np.ndarray
    writer_number: np.ndarray
    repeats: np.ndarray
    emergency: np.ndarray
    confidential: np.ndarray

    def __len__(self):
        return len(self.at)

    def __getitem__(self, index):
        return next(self.between(index, index + 1))

    def __iter__(self):
        return self.between(0, len(self))

    def take(self, places):
        """Return the Columns of some rows. places: their indices, in the order wanted."""
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "scenario"}
        taken = {name: column[places] for name, column in columns.items()}
        return Columns(scenario=self.scenario, **taken)

    def between(self, start, stop):
        """Yield the Arrival rows start..stop, counted from 0."""
        cities = self.scenario.cities
        columns = (
            self.number, self.key, self.at, self.to_department, self.city, self.unit, self.kind,
            self.category, self.writer_number, self.repeats, self.emergency, self.confidential,
        )  # fmt: skip
        lists = [column[start:stop].tolist() for column in columns]
        for number, key, at, up, place, unit, kind, category, *rest in zip(*lists, strict=True):
            city = cities[place]
            yield Arrival(
                number, key, at, DEPARTMENT if up else city.code, city.code, city.units[unit],
                KIND_CODES[kind], CATEGORY_CODES[category], *rest,
            )  # fmt: skip


def draw(scenario, seed):
    """Return the Columns of scenario.letters arrivals, in time order.

    Drawn a part of the keys at a time, in columns as narrow as may be: ten million letters
    take 30 bytes each.
    """
    base = scenario.arrivals.checkpoints[-1][1]
    time, parts = np.empty(base), []
    for first in range(0, base, _AT_ONCE):
        keys = np.arange(first + 1, min(first + _AT_ONCE, base) + 1)
        uniform = draws.uniforms(seed, "arrivals", keys, _UNIFORMS)
        time[first : first + len(keys)] = uniform[:, _TIME]
        city = draws.pick(uniform[:, _CITY], [c.share for c in scenario.cities])
        units = np.array([len(c.units) for c in scenario.cities])[city]
        unit = (uniform[:, _UNIT] * units).astype(int)
        parts.append(_traits(scenario, keys, uniform, city, unit, *_matters(scenario, seed, keys)))
    times = [_times(scenario, seed, time)]
    if scenario.bursts:
        extra = bursts.columns(scenario, seed, KIND_CODES, CATEGORY_CODES, _UNIFORMS)
        times.append(extra[1])
        parts.append(_traits(scenario, extra[0], *extra[2:]))
    at = np.concatenate(times).astype(np.int32)
    order = np.argsort(at, kind="stable").astype(np.int32)
    at = at[order]
    own = {name: np.concatenate([part.pop(name) for part in parts])[order] for name in _TRAITS}
    parent, same = _parents(scenario, seed, own["key"], at, own["city"])
    writer = _roots(parent)
    matter = _roots(np.where(same, parent, np.int32(-1)))
    numbers = np.arange(1, len(at) + 1, dtype=np.int32)
    of_matter = {name: own.pop(name)[matter] for name in _OF_MATTER}
    return Columns(
        scenario=scenario,
        number=numbers,
        at=at,
        writer_number=np.cumsum(parent < 0, dtype=np.int32)[writer],
        repeats=np.where(same, numbers[matter], np.int32(0)),
        **own,
        **of_matter,
    )


def _traits(scenario, keys, uniform, city, unit, kind, category):
    """Return what each letter is, by the names of Columns, apart from its time and its writer."""
    up = np.array([c.to_department for c in scenario.cities])[city]
    secret = np.array([scenario.arrivals.confidential[k] for k in KIND_CODES])[kind]
    return {
        "key": keys,
        "to_department": uniform[:, _BOX] < up,
        "city": city.astype(np.int16),
        "emergency": uniform[:, _EMERGENCY] < scenario.arrivals.emergency,
        "unit": unit.astype(np.int16),
        "kind": kind.astype(np.int8),
        "category": category.astype(np.int8),
        "confidential": uniform[:, _SECRET] < secret,
    }


def hourly_levels(scenario, seed):
    """Return the expected number of letters in each hour of the scenario, before chance.

    The daily level scatters by the seed; between two checkpoints the sum is exact.
    """
    arrivals, days = scenario.arrivals, np.arange(scenario.days)
    first = scenario.start.toordinal()
    is_workday = official_days().is_workday
    off = [not is_workday(scenario.start.fromordinal(first + day)) for day in range(scenario.days)]
    level = 1 + arrivals.surge_peak * np.exp(-days / arrivals.surge_days)
    level *= np.where(off, arrivals.day_off, 1.0)
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


def _times(scenario, seed, uniform):
    """Place each key, from 1 on, in the span between two checkpoints, and there by the hours' levels."""
    hours = hourly_levels(scenario, seed)
    points = ((0, 0), *scenario.arrivals.checkpoints)
    # Spans cut an even sequence over the keys, so that any first part of them keeps its spans.
    spread = np.arange(1, len(uniform) + 1) * _GOLDEN_RATIO % 1.0
    order = np.argsort(spread, kind="stable").astype(np.int32)
    at = np.empty(len(uniform), dtype=np.int32)
    for (since, before), (until, received) in zip(points, points[1:], strict=False):
        mine = order[before:received]
        ends = np.cumsum(hours[since * 24 : until * 24])
        place = uniform[mine] * ends[-1]
        hour = np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)
        within = 1 - (ends[hour] - place) / hours[since * 24 + hour]
        second = np.clip((within * HOUR).astype(np.int64), 0, HOUR - 1)
        at[mine] = since * DAY + hour * HOUR + second
    return at


def _matters(scenario, seed, keys):
    """Return kind and category of each letter, as indices."""
    uniform = draws.uniforms(seed, "kinds", keys, 2)
    kind = draws.pick(uniform[:, 0], [scenario.kinds.get(k, 0.0) for k in KIND_CODES])
    category = np.empty(len(keys), dtype=np.int64)
    for index, code in enumerate(KIND_CODES):
        shares = [scenario.categories[code].get(c, 0.0) for c in CATEGORY_CODES]
        mine = kind == index
        category[mine] = draws.pick(uniform[mine, 1], shares)
    return kind, category


def _parents(scenario, seed, keys, at, city):
    """Return for each letter the earlier letter of its writer (or -1), and if it is the same matter.

    The earlier letter is the last one of the same city before a drawn time ago.
    """
    arrivals = scenario.arrivals
    then, same, again = np.empty(len(at)), np.empty(len(at), bool), np.empty(len(at), bool)
    for first in range(0, len(at), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        uniform = draws.uniforms(seed, "writers", keys[part], 2)
        same[part] = uniform[:, _REPEATS] < arrivals.same_matter
        again[part] = uniform[:, _REPEATS] < arrivals.repeat
        mean = np.where(same[part], arrivals.same_matter_days, arrivals.repeat_days) * DAY
        then[part] = at[part] + np.log(uniform[:, _LAG]) * mean
    parent = np.full(len(at), -1, np.int32)
    for index in range(len(scenario.cities)):
        here = np.flatnonzero(city == index)
        place = np.searchsorted(at[here], then[here]) - 1
        found = again[here] & (place >= 0)
        parent[here[found]] = here[place[found]]
    return parent, same & (parent >= 0)


def _roots(parent):
    """Return the first of each chain of parents, each step twice as far as the one before."""
    root = np.where(parent >= 0, parent, np.arange(len(parent), dtype=np.int32))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further

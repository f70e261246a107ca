"""Bursts: many letters about one thing, in one place, for some days, beside the others.

A burst rises evenly over `rise_days`, stays until `fade_from` days are over, and then falls by
a factor e every `fade_days`. Its letters have keys of their own, so the others stay the same.
"""

from dataclasses import dataclass

import numpy as np

from cases.calendars import official_days
from simulation import draws
from simulation.model import DAY
from simulation.reader import Table

HOUR = 3600
# Keys of a burst's letters start here, those of the next one as much later.
FIRST_KEY = 1 << 40


@dataclass(frozen=True)
class Burst:
    """Letters of one burst. day: of its beginning, from 0. city: a code, or "" for all by share.

    unit: code of the one unit it concerns, or "". kinds: shares.
    """

    day: int
    days: int
    letters: int
    rise_days: int
    fade_from: int
    fade_days: float
    kinds: dict
    category: str
    city: str
    unit: str


def read(file, start, days, cities, kinds, categories):
    """Return the Bursts of a scenario's file, none if it has no [[burst]].

    kinds, categories: the known codes. Raises: ScenarioError.
    """
    found = []
    for table in file.tables("burst") if file.has("burst") else ():
        day = table.day("from").toordinal() - start.toordinal()
        length = table.count("days", 1)
        if not day >= 0 or day + length > days:
            raise table.error("from", "a burst must lie inside the scenario")
        burst = Burst(
            day=day,
            days=length,
            letters=table.count("letters", 1),
            rise_days=table.count("rise_days"),
            fade_from=table.count("fade_from"),
            fade_days=table.number("fade_days", 0.1),
            kinds=table.named_shares("kinds", kinds, "kind"),
            category=table.text("category"),
            **_place(table, cities),
        )
        if burst.category not in categories:
            raise table.error("category", f"{burst.category!r} is an unknown category")
        table.done()
        found.append(burst)
    return tuple(found)


def _place(table: Table, cities):
    known = {city.code: city.units for city in cities}
    city = table.text("city") if table.has("city") else ""
    unit = table.text("unit") if table.has("unit") else ""
    if city and city not in known:
        raise table.error("city", f"{city} is no city of this scenario")
    if unit and unit not in known.get(city, ()):
        raise table.error("unit", f"{unit} is no unit of the burst's city")
    return {"city": city, "unit": unit}


def keys(scenario, at_once):
    """Yield the keys of all bursts' letters, not more than `at_once` at a time."""
    for number, burst in enumerate(scenario.bursts, start=1):
        for first in range(0, burst.letters, at_once):
            stop = min(first + at_once, burst.letters)
            yield FIRST_KEY * number + np.arange(first, stop)


def times(scenario, seed, some):
    """Return the second of each letter. some: keys of one burst."""
    burst = scenario.bursts[some[0] // FIRST_KEY - 1]
    return _times(scenario, burst, draws.uniforms(seed, "bursts", some, 1)[:, 0])


def columns(scenario, seed, some, kind_codes, category_codes, width):
    """Return what letters of bursts are, as (uniform, city, unit, kind, category).

    some: their keys. Arrays with a row a letter; uniform has `width` columns. city, unit, kind
    and category are indices.
    """
    uniform = draws.uniforms(seed, "bursts", some, width + 1)
    city, unit, kind, category = np.empty((4, len(some)), np.int64)
    for number, burst in enumerate(scenario.bursts, start=1):
        mine = np.flatnonzero(some // FIRST_KEY == number)
        city[mine], unit[mine] = _places(scenario, burst, uniform[mine, 1], uniform[mine, 2])
        shares = [burst.kinds.get(k, 0.0) for k in kind_codes]
        kind[mine] = draws.pick(uniform[mine, width], shares)
        category[mine] = category_codes.index(burst.category)
    return uniform[:, :width], city, unit, kind, category


def _times(scenario, burst, uniform):
    days = np.arange(burst.days)
    level = np.minimum(1.0, (days + 1) / max(burst.rise_days, 1))
    level *= np.exp(-np.maximum(days - burst.fade_from, 0) / burst.fade_days)
    first, is_workday = scenario.start.toordinal() + burst.day, official_days().is_workday
    off = [not is_workday(scenario.start.fromordinal(first + day)) for day in range(burst.days)]
    level *= np.where(off, scenario.arrivals.day_off, 1.0)
    ends = np.cumsum(np.outer(level, scenario.arrivals.hours).ravel())
    place = uniform * ends[-1]
    hour = np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)
    width = np.diff(ends, prepend=0.0)[hour]
    second = np.clip(((1 - (ends[hour] - place) / width) * HOUR).astype(np.int64), 0, HOUR - 1)
    return (burst.day * DAY + hour * HOUR + second).astype(np.int32)


def _places(scenario, burst, by_city, by_unit):
    """Return the indices of city and unit of each letter."""
    cities = scenario.cities
    if burst.city:
        codes = [city.code for city in cities]
        city = np.full(len(by_city), codes.index(burst.city))
    else:
        city = draws.pick(by_city, [c.share for c in cities])
    if burst.unit:
        unit = np.full(len(city), cities[codes.index(burst.city)].units.index(burst.unit))
    else:
        unit = (by_unit * np.array([len(c.units) for c in cities])[city]).astype(np.int64)
    return city, unit

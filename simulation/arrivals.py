"""Which letters come, and when: drawn from a scenario and a seed, as columns.

A letter has a key, the order in which it was drawn, and a number, its place in time.
All of a letter's draws hang on its key: with fewer letters the first keys remain, so a
smaller year is a part of the larger one.
"""

from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from simulation import bursts, coming, draws
from simulation.history import History, roots
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DEPARTMENT, KIND_CODES

# Columns of the streams "arrivals" and "writers".
_TIME, _CITY, _BOX, _UNIT, _EMERGENCY, _SECRET = range(6)
_UNIFORMS = 6
_REPEATS, _LAG = range(2)
# What a repeated letter has from the letter that it repeats.
_OF_MATTER = ("unit", "kind", "category", "confidential")


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
    """Return the Columns of all arrivals in time order, held whole: some 35 bytes a letter."""
    parts = list(windows(scenario, seed))
    names = [f.name for f in fields(Columns) if f.name != "scenario"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Columns(scenario=scenario, **joined)


def windows(scenario, seed):
    """Yield the arrivals as Columns, one window of time after the other.

    Times are drawn first and put on disk by window; what a letter is hangs on its key and is
    drawn when its window comes. Of letters that have come, what another may repeat is kept on
    disk too (history.py): memory holds a window, however many letters there are.
    """
    starts, numbered = coming.starts(scenario, seed), 0
    with ExitStack() as files:
        history = History(len(scenario.cities), starts, files)
        for keys, at in coming.by_window(scenario, seed, starts, files):
            order = np.argsort(at, kind="stable")
            numbers = np.arange(numbered + 1, numbered + 1 + len(at), dtype=np.int32)
            yield _window(scenario, seed, history, keys[order], at[order], numbers)
            numbered += len(at)


def _window(scenario, seed, history, keys, at, numbers):
    """Return the Columns of a window's letters, given in time order; keep them in the history."""
    own = _traits(scenario, seed, keys)
    again, same, then = _earlier(scenario, seed, keys, at)
    found = history.find(own["city"], at, again, then)
    same &= found.any
    writer = np.cumsum(~found.any, dtype=np.int32) + np.int32(history.writers)
    root = roots(found.here)
    writer = np.where(found.before[root], found.rows["writer"][root], writer[root])
    root = roots(np.where(same, found.here, -1))
    older = same[root] & found.before[root]
    matter = np.where(older, found.rows["matter"][root], numbers[root])
    for name in _OF_MATTER:
        own[name] = np.where(older, found.rows[name][root], own[name][root])
    kept = {"at": at, "writer": writer, "matter": matter}
    kept |= {name: own[name] for name in ("city", *_OF_MATTER)}
    history.keep(int((~found.any).sum()), **kept)
    return Columns(
        scenario=scenario,
        number=numbers,
        key=keys,
        at=at,
        writer_number=writer,
        repeats=np.where(same, matter, np.int32(0)),
        **own,
    )


def _traits(scenario, seed, keys):
    """Return what each letter is by itself, by the names of Columns."""
    uniform = draws.uniforms(seed, "arrivals", keys, _UNIFORMS)
    matter = _matters(scenario, seed, keys)
    city = draws.pick(uniform[:, _CITY], [c.share for c in scenario.cities])
    units = np.array([len(c.units) for c in scenario.cities])[city]
    columns = [uniform, city, (uniform[:, _UNIT] * units).astype(int), *matter]
    extra = np.flatnonzero(keys >= bursts.FIRST_KEY)
    if len(extra):
        found = bursts.columns(scenario, seed, keys[extra], KIND_CODES, CATEGORY_CODES, _UNIFORMS)
        for column, of_burst in zip(columns, found, strict=True):
            column[extra] = of_burst
    uniform, city, unit, kind, category = columns
    up = np.array([c.to_department for c in scenario.cities])[city]
    secret = np.array([scenario.arrivals.confidential[k] for k in KIND_CODES])[kind]
    return {
        "to_department": uniform[:, _BOX] < up,
        "city": city.astype(np.int16),
        "emergency": uniform[:, _EMERGENCY] < scenario.arrivals.emergency,
        "unit": unit.astype(np.int16),
        "kind": kind.astype(np.int8),
        "category": category.astype(np.int8),
        "confidential": uniform[:, _SECRET] < secret,
    }


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


def _earlier(scenario, seed, keys, at):
    """Return who writes again, who about the same matter, and before when they last wrote."""
    arrivals = scenario.arrivals
    uniform = draws.uniforms(seed, "writers", keys, 2)
    same = uniform[:, _REPEATS] < arrivals.same_matter
    again = uniform[:, _REPEATS] < arrivals.repeat
    mean = np.where(same, arrivals.same_matter_days, arrivals.repeat_days) * DAY
    return again, same, at + np.log(uniform[:, _LAG]) * mean

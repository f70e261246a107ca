"""A played scenario as a Book: what casebook reads of a log letter by letter, here by columns.

A test compares both: a run's log and the same run played give the same book.
"""

import numpy as np

from simulation import arrivals, codes, engine
from simulation.casebook import COLUMNS, FIRST, NONE, SAID, Book
from simulation.scenario import RETURN_CODES

BLOCK = 5000


def of_run(scenario, seed):
    """Return the Book of a scenario played with a seed."""
    drawn = arrivals.draw(scenario, seed)
    before = np.full(len(drawn) + 1, NONE)
    before[drawn.number] = _gaps(drawn.writer_number, drawn.at)
    cities = [city.code for city in scenario.cities]
    place = {unit: n for n, city in enumerate(scenario.cities) for unit in (city.code, *city.units)}
    city_of = np.array([place.get(unit, NONE) for unit in codes.unit_codes(scenario)])
    parts, reasons = [], np.zeros(len(RETURN_CODES), np.int64)
    for block in engine.run(scenario, seed, arrivals=drawn).blocks(BLOCK):
        columns, returned = _columns(block, city_of)
        columns["wrote_before"] = before[block.letters.number]
        parts.append(columns)
        reasons += returned
    columns = {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
    counted = dict(zip(RETURN_CODES, reasons.tolist(), strict=True))
    return Book(scenario.start, scenario.days, tuple(cities), columns, counted)


def _gaps(who, at):
    """Return seconds since each one's letter before, or NONE. at: in rising order."""
    order = np.argsort(who, kind="stable")
    gaps = np.full(len(at), NONE)
    same = who[order[1:]] == who[order[:-1]]
    gaps[order[1:][same]] = (at[order[1:]] - at[order[:-1]])[same]
    return gaps


def _columns(block, city_of):
    """Return the columns of a block's letters, and how often each reason of returning came."""
    letters, n = block.letters, len(block)
    owner = np.repeat(np.arange(n), np.diff(block.start))
    found = {name: np.full(n, NONE, np.int64) for name in COLUMNS}
    for name in ("to_department", "kind", "category", "emergency", "confidential"):
        found[name] = getattr(letters, name).astype(np.int64)
    found["received"] = letters.at.astype(np.int64)
    found["city"] = np.where(letters.to_department, NONE, letters.city)
    for action in ("dispatch", "forward_down"):
        mine = _events(block, action)
        city = city_of[block.arg[mine]]
        found["city"][owner[mine][city >= 0]] = city[city >= 0]
    for action, column in FIRST.items():
        mine = _events(block, action)
        who, place = np.unique(owner[mine], return_index=True)
        first = mine[place]
        found[column][who] = block.at[first]
        if action in SAID:
            column, key, values = SAID[action]
            found[column][who] = _said(key, values)[block.said[first]]
        elif action == "rate":
            for key in ("satisfied", "solved"):
                found[key][who] = _said(key, (False, True))[block.said[first]]
    mine = _events(block, "return_to_desk")
    found["returns"] = np.bincount(owner[mine], minlength=n)
    reason = _said("return_reason", RETURN_CODES)[block.said[mine]]
    return found, np.bincount(reason, minlength=len(RETURN_CODES))


def _events(block, action):
    return np.flatnonzero(block.action == codes.action_code(action))


def _said(key, values):
    """Return, by code of what was said, which of these values it holds under a key."""
    index = {value: n for n, value in enumerate(values)}
    return np.array([index.get(said.get(key), NONE) for said in codes.SAID])

"""Titles, bodies and places of made-up letters, by columns.

Every choice hangs on (seed, letter number, slot), never on a stream: a letter made alone
equals the same letter made in a block of any size, in any order, by any worker. The pieces
stand in data/letters.json, in our own words; a letter is opening + scene + matter + detail +
meaning + tried + offer + request + closing.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from cases import units
from simulation import draws
from simulation.scenario import CATEGORY_CODES, KIND_CODES

DATA = Path(__file__).parent / "data" / "letters.json"

# What is chosen for a letter. One that repeats another's matter has SHARED from that letter.
SHARED = ("area", "spot", "matter")
OWN = ("opening", "scene", "detail", "meaning", "tried", "offer", "request", "closing", "title")


@cache
def _letters():
    return json.loads(DATA.read_text(encoding="utf-8"))


def _pieces(kind, category):
    """Return slot -> the pieces that fit a letter of this kind and category."""
    data = _letters()
    group, line = data["kinds"][kind], data["lines"][category]
    spots = data["category_spots"][category]
    scenes = data["category_scenes"][category] if group in ("trouble", "clue") else group
    if group == "question":
        spots = "home"
    elif group == "proposal":
        spots = data["proposal_spots"].get(spots, spots)
    return {
        "spot": data["spots"][spots],
        "matter": data["matters"][category][group],
        "opening": data["openings"],
        "scene": data["scenes"][scenes],
        "detail": data["details"][group],
        "meaning": data["meanings"][group],
        "tried": data["tried"][kind],
        "offer": data["offers"][group],
        "request": [before + line + after for before, after in data["requests"][kind]],
        "closing": data["closings"]["thanks" if group == "thanks" else "ask"],
        "title": data["titles"][kind],
    }


class _Shelf:
    """The pieces of every kind and category, and all names, laid end to end: numbers name them.

    flat: the pieces. rows: (kind, category) → row of the arrays. counts: slot → array, how many
    pieces fit. starts: slot → arrays of where they begin in flat, one array for each half of
    a piece that stands around something. names: unit code → (number of its city's name, of its own).
    """

    def __init__(self):
        data = _letters()
        pairs = [(kind, category) for kind in data["kinds"] for category in data["lines"]]
        fitting = [_pieces(*pair) for pair in pairs]
        self.rows = {pair: row for row, pair in enumerate(pairs)}
        self.flat, self.counts, self.starts = [""], {}, {}
        for slot in fitting[0]:
            lists = [pieces[slot] for pieces in fitting]
            self.counts[slot] = np.array([len(pieces) for pieces in lists])
            firsts = np.cumsum(self.counts[slot]) - self.counts[slot]
            all_of_them = [piece for pieces in lists for piece in pieces]
            whole = isinstance(all_of_them[0], str)
            self.starts[slot] = []
            for half in [all_of_them] if whole else zip(*all_of_them, strict=True):
                self.starts[slot].append(firsts + len(self.flat))
                self.flat += half
        self.names = {
            code: (self._add(city), self._add(own)) for code, (city, own) in _areas().items()
        }

    def _add(self, name):
        self.flat.append(name)
        return len(self.flat) - 1

    def choose(self, slot, rows, uniform):
        """Return the numbers of the chosen pieces of a slot, one a letter: an array for each half."""
        chosen = (uniform * self.counts[slot][rows]).astype(np.int64)
        return [starts[rows] + chosen for starts in self.starts[slot]]


_shelf = cache(_Shelf)


def warm_up():
    """Read and arrange the pieces of the letters, once a process."""
    _shelf()


@cache
def _areas():
    """Return unit code -> (the city's name, the district's or town's name)."""
    names, found = units.areas(), {}
    for code in names:
        city = code[:4] + "00"
        found[code] = (names[city], names[code] if names[code] != names[city] else "")
    return found


@cache
def _districts(city):
    """Return the codes of a city's districts, or of its town branches where it has none."""
    codes = [code for code in _areas() if code.startswith(city[:4]) and code != city]
    return [code for code in codes if "-" not in code] or codes


def _places(cities, districts, uniform):
    """Return (numbers of the cities' names, of the districts'), two arrays; unknown ones are drawn."""
    names, found = _shelf().names, []
    for city, district, number in zip(cities, districts, uniform.tolist(), strict=True):
        if not district:
            choices = _districts(city)
            district = choices[int(number * len(choices))]
        found.append(names[district])
    return np.array(found, np.int64).T


def _chosen(seed, numbers, matters, rows, places):
    """Return title, body and place of each letter as numbers of pieces: three matrices.

    rows: of the shelf. places: two arrays, or a function that makes them of drawn numbers.
    """
    shelf = _shelf()
    shared = draws.uniforms(seed, "texts.matter", matters, len(SHARED))
    own = draws.uniforms(seed, "texts.words", numbers, len(OWN))
    uniform = dict(zip(SHARED + OWN, (*shared.T, *own.T), strict=True))
    city, area = places(uniform["area"]) if callable(places) else places
    slots = SHARED[1:] + OWN
    [spot], [short, text], [hello, me], [when, then], *rest, [head, tail] = (
        shelf.choose(slot, rows, uniform[slot]) for slot in slots
    )
    words = [hello, city, area, me, when, area, spot, then, text, *(one for [one] in rest)]
    titles, bodies = [head, area, short, tail], words
    return [np.column_stack(pieces) for pieces in (titles, bodies, [city, area, spot])]


def compose(seed, numbers, kinds, categories, cities, districts, matters=None):
    """Return the titles, bodies and places of a block of letters, as three lists.

    numbers: letter numbers. kinds, categories: codes. cities: codes of city bureaus.
    districts: unit codes in those cities (district or station), or None to draw one.
    matters: for each letter the number whose matter it repeats; by default its own.
    Raises: KeyError for an unknown code.
    """
    shelf = _shelf()
    rows = np.array([shelf.rows[pair] for pair in zip(kinds, categories, strict=True)], np.int64)
    matters = numbers if matters is None else matters
    chosen = _chosen(seed, numbers, matters, rows, lambda draw: _places(cities, districts, draw))
    take = shelf.flat.__getitem__
    return [["".join(map(take, row)) for row in pieces.tolist()] for pieces in chosen]


def compose_columns(seed, letters):
    """Return what `compose` does for some arrivals.Columns, as numbers of `pieces`: three matrices."""
    shelf, cities = _shelf(), letters.scenario.cities
    rows = np.array([[shelf.rows[kind, one] for one in CATEGORY_CODES] for kind in KIND_CODES])
    units = [shelf.names[unit] for city in cities for unit in city.units]
    before = np.cumsum([0, *(len(city.units) for city in cities)])
    return _chosen(
        seed,
        letters.number,
        np.where(letters.repeats > 0, letters.repeats, letters.number),
        rows[letters.kind, letters.category],
        np.array(units, np.int64)[before[letters.city] + letters.unit].T,
    )


def pieces():
    """Return all pieces of which letters are made, a list of texts."""
    return _shelf().flat


def compose_arrivals(seed, arrivals):
    """Return an iterator of (title, body, place), one for each of the engine's arrivals."""
    if not arrivals:
        return iter(())
    columns = zip(
        *((a.number, a.kind, a.category, a.city, a.unit, a.repeats or a.number) for a in arrivals),
        strict=True,
    )
    return zip(*compose(seed, *columns), strict=True)

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
    """The pieces of every kind and category laid end to end, so that numbers name them.

    rows: (kind, category) -> row of the arrays; counts and starts: slot -> array, how many
    pieces fit and where they begin in flat[slot].
    """

    def __init__(self):
        data = _letters()
        pairs = [(kind, category) for kind in data["kinds"] for category in data["lines"]]
        fitting = [_pieces(*pair) for pair in pairs]
        self.rows = {pair: row for row, pair in enumerate(pairs)}
        self.flat, self.counts, self.starts = {}, {}, {}
        for slot in fitting[0]:
            lists = [pieces[slot] for pieces in fitting]
            self.flat[slot] = [piece for pieces in lists for piece in pieces]
            self.counts[slot] = np.array([len(pieces) for pieces in lists])
            self.starts[slot] = np.cumsum(self.counts[slot]) - self.counts[slot]

    def choose(self, slot, rows, uniform):
        """Return the chosen pieces of a slot, one a letter."""
        index = self.starts[slot][rows] + (uniform * self.counts[slot][rows]).astype(np.int64)
        return map(self.flat[slot].__getitem__, index.tolist())


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
    """Return (city's name, district's name) a letter; an unknown district is drawn."""
    known, found = _areas(), []
    for city, district, number in zip(cities, districts, uniform.tolist(), strict=True):
        if not district:
            choices = _districts(city)
            district = choices[int(number * len(choices))]
        found.append(known[district])
    return found


def compose(seed, numbers, kinds, categories, cities, districts, matters=None):
    """Return the titles, bodies and places of a block of letters, as three lists.

    numbers: letter numbers. kinds, categories: codes. cities: codes of city bureaus.
    districts: unit codes in those cities (district or station), or None to draw one.
    matters: for each letter the number whose matter it repeats; by default its own.
    Raises: KeyError for an unknown code.
    """
    shelf = _shelf()
    matters = numbers if matters is None else matters
    shared = draws.uniforms(seed, "texts.matter", matters, len(SHARED))
    own = draws.uniforms(seed, "texts.words", numbers, len(OWN))
    rows = np.fromiter(map(shelf.rows.__getitem__, zip(kinds, categories, strict=True)), np.int64)
    uniform = dict(zip(SHARED + OWN, (*shared.T, *own.T), strict=True))
    places = _places(cities, districts, uniform["area"])
    spots, matter, *words, heads = (
        shelf.choose(slot, rows, uniform[slot]) for slot in SHARED[1:] + OWN
    )
    titles, bodies, spoken = [], [], []
    for (city, area), spot, (short, text), head, (hello, me), (when, then), *rest in zip(
        places, spots, matter, heads, *words, strict=True
    ):
        titles.append(f"{head[0]}{area}{short}{head[1]}")
        bodies.append(f"{hello}{city}{area}{me}{when}{area}{spot}{then}{text}{''.join(rest)}")
        spoken.append(f"{city}{area}{spot}")
    return titles, bodies, spoken


def compose_arrivals(seed, arrivals):
    """Return an iterator of (title, body, place), one for each of the engine's arrivals."""
    if not arrivals:
        return iter(())
    columns = zip(
        *((a.number, a.kind, a.category, a.city, a.unit, a.repeats or a.number) for a in arrivals),
        strict=True,
    )
    return zip(*compose(seed, *columns), strict=True)


def compose_columns(seed, letters):
    """Return the titles, bodies and places of some arrivals.Columns, as three lists."""
    cities, numbers = letters.scenario.cities, letters.number
    homes = [cities[place] for place in letters.city.tolist()]
    return compose(
        seed,
        numbers,
        [KIND_CODES[kind] for kind in letters.kind.tolist()],
        [CATEGORY_CODES[category] for category in letters.category.tolist()],
        [city.code for city in homes],
        [city.units[unit] for city, unit in zip(homes, letters.unit.tolist(), strict=True)],
        np.where(letters.repeats > 0, letters.repeats, numbers),
    )

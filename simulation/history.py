"""What is kept of letters that have come, for later ones of the same writer: on disk, by window.

Memory holds one window's letters and, for each window, the last letter of each city before it.
"""

from typing import NamedTuple

import numpy as np

from simulation.coming import temporary_file

# matter: number of the first letter of its matter; what follows is what that one was.
_LETTER = np.dtype(
    [("city", np.int16), ("at", np.int32), ("writer", np.int32), ("matter", np.int32),
     ("unit", np.int16), ("kind", np.int8), ("category", np.int8), ("confidential", np.bool_)]
)  # fmt: skip
_NONE = -1
_CITY = 1 << 40  # more than any second of a scenario


class Found(NamedTuple):
    """For each letter of a window the earlier letter that it follows, if any.

    here: its place in the window, or -1. before: whether it came before the window; then rows
    has what was kept of it. any: here or before.
    """

    here: np.ndarray
    before: np.ndarray
    rows: np.ndarray
    any: np.ndarray


class History:
    """The letters of the windows so far. writers: how many different people wrote them."""

    def __init__(self, cities, starts, files):
        """cities: how many there are. starts: second at which each window begins. files: ExitStack."""
        self.writers = 0
        self._starts, self._ends = starts, [0]  # rows on disk before each window
        self._last = [np.full(cities, _NONE, _LETTER)]  # of each city, before each window
        self._file = temporary_file(files)

    def find(self, city, at, again, then):
        """Return the Found of a window's letters: the last letter of the same city before `then`.

        city, at: of the window's letters, in time order. again: who follows another at all.
        """
        here, rows = np.full(len(at), _NONE, np.int32), np.full(len(at), _NONE, _LETTER)
        now = len(self._ends) - 1
        asking = np.flatnonzero(again & (then > 0))
        window = np.searchsorted(self._starts, then[asking], side="right") - 1
        for index in np.unique(window):
            mine = asking[window == index]
            if index == now:
                order = np.argsort(city, kind="stable")
                place = _places(city[order], at[order], city[mine], then[mine])
                here[mine] = np.where(place == _NONE, _NONE, order[place])
            else:
                kept = self._read(index)
                place = _places(kept["city"], kept["at"], city[mine], then[mine])
                rows[mine] = kept[place]
            older = mine[place == _NONE]
            rows[older] = self._last[index][city[older]]
        before = (rows["at"] != _NONE) & (here == _NONE)
        return Found(here, before, rows, before | (here != _NONE))

    def keep(self, new, city, **columns):
        """Keep a window's letters, `new` of them from people who hadn't written before.

        columns: what is kept, by name, in time order.
        """
        self.writers += new
        order = np.argsort(city, kind="stable")
        rows = np.empty(len(city), _LETTER)
        rows["city"] = city[order]
        for name, column in columns.items():
            rows[name] = column[order]
        places = np.searchsorted(rows["city"], np.arange(len(self._last[0])), side="right") - 1
        last = rows[places]
        missing = (places == _NONE) | (last["city"] != np.arange(len(last)))
        last[missing] = self._last[-1][missing]
        self._last.append(last)
        if len(self._ends) < len(self._starts):  # nobody looks back at the last window
            self._file.seek(self._ends[-1] * _LETTER.itemsize)
            rows.tofile(self._file)
        self._ends.append(self._ends[-1] + len(rows))

    def _read(self, index):
        first, end = self._ends[index : index + 2]
        self._file.seek(first * _LETTER.itemsize)
        return np.fromfile(self._file, _LETTER, end - first)


def _places(city, at, of_city, then):
    """Return the place of the last letter of a city before a time, or -1; letters stand by city and time."""
    keys = city * np.int64(_CITY) + at
    wanted = of_city * np.int64(_CITY)
    places = np.searchsorted(keys, wanted + np.ceil(then).astype(np.int64)) - 1
    return np.where(places >= 0, np.where(keys[places] >= wanted, places, _NONE), _NONE)


def roots(parent):
    """Return the first of each chain of parents, each step twice as far as the one before.

    parent: place of each one's parent, or -1.
    """
    root = np.where(parent >= 0, parent, np.arange(len(parent), dtype=np.int32))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further

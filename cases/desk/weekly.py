"""Letters received a week, by topic and place, and the weeks in which more came than chance has it.

A cell is a category at a unit directly below; all categories, and all units, are cells too.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from cases import bands
from cases.daybook import CATEGORY
from cases.desk import periods
from cases.fields import CATEGORIES
from cases.models import Unit

SHOWN = 9  # weeks on the page, the last of them the one looked at
FEWEST = 5  # letters, for a week to be worth anybody's time
_WEEKS = SHOWN + bands.MOST_WEEKS


@dataclass(frozen=True)
class Cell:
    """Letters of a category ("" for all) at a unit (None for all), a number a week."""

    category: str
    unit: Unit | None
    weeks: np.ndarray


@dataclass(frozen=True)
class Weeks:
    """The cells of an area up to the week looked at. first: the place of the first whole week."""

    mondays: list
    cells: list
    first: int

    def before(self, place):
        """Return the places of the weeks that a week is measured by, or None if they are too few."""
        start = max(self.first, place - bands.MOST_WEEKS)
        return slice(start, place) if place - start >= bands.FEWEST_WEEKS else None

    def standing_out(self, place):
        """Return {place of a cell: chance} of those that stand out in a week; None: not to be told."""
        span = self.before(place)
        if span is None:
            return None
        factor = self.factor(span)
        chances = []
        for cell in self.cells:
            count, weeks = int(cell.weeks[place]), cell.weeks[span]
            worth = count >= FEWEST and count > weeks.mean()
            chances.append(bands.chance(count, weeks, factor) if worth else 1.0)
        return {number: chances[number] for number in bands.standing_out(chances)}

    def factor(self, span):
        """Return by how much the weeks of a span vary beyond single chance."""
        if not self.cells:  # a unit to which no letter has come
            return 1.0
        return bands.spread(np.array([cell.weeks[span] for cell in self.cells]))


def weeks_of(area, monday):
    """Return the Weeks of an area that end with the one that begins on this Monday."""
    start = monday - timedelta(weeks=_WEEKS - 1)
    children = area.children()
    table = _table(area, children, start)
    cells = [
        Cell(category, unit, table[row, column])
        for row, category in enumerate(["", *CATEGORY])
        for column, unit in enumerate([None, *children])
        if table[row, column].any()
    ]
    known = area.whole.span()
    first = _WEEKS
    if known:
        opening = periods.holding(known[0], "week").since  # its week is seldom whole
        first = max(0, (opening - start).days // 7 + 1)
    mondays = [start + timedelta(weeks=number) for number in range(_WEEKS)]
    return Weeks(mondays, cells, first)


def label_of(category):
    """Return what a category is called."""
    return dict(CATEGORIES)[category]


def _table(area, children, start):
    """Return counts by category, unit and week; the first row and column are the sums."""
    cases = area.seen.cases[area.seen.mine]
    week = (cases["day"] - start.toordinal()) // 7
    inside = (week >= 0) & (week < _WEEKS)
    cases, week = cases[inside], week[inside]
    table = np.zeros((len(CATEGORY) + 1, len(children) + 1, _WEEKS), int)
    column = area.tree.areas(children)[cases["unit"]] + 1
    np.add.at(table, (cases["category"] + 1, column, week), 1)
    table[:, 0] += table[:, 1:].sum(axis=1)  # column 0 held what lies with no child
    table[0] = table[1:].sum(axis=0)
    return table

"""The daybook: what every letter counts as, and on which day, in columns that add up at once.

Its rows are the hits of cases/statistics.py, so its figures are the same; only the adding is
quicker: any unit, kind and span of days is one pass over the columns, a year of 93,300 letters
too. cases/daybooks.py reads it from the events and keeps it up to date.
"""

import json
from collections import Counter, namedtuple
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np

from cases.fields import CATEGORIES, KINDS
from cases.statistics import ENDS, Measuring, numbered
from cases.transitions import OPEN, State

# What cases/statistics.py counts.
_PROMISES = ("accept", "sign", "contact", "feedback", "reply")
MEASURES = (
    *("received", "responded", "replied", *ENDS, "solved", "solved_by_word"),
    *("hops", "returned", "reopened", "urged", "supervised", "rated", "satisfied"),
    *("thanks", "banners", "incidents", "criminal_incidents", "rules"),
    *(f"{promise}_{how}" for promise in _PROMISES for how in ("kept", "late")),
)
# Steps that statistics do not count, and pages show; named as measures.py of the desk names them.
STEPS = {
    "answer_supervision": "step_answer_supervision",
    "extend": "step_extend",
    "escalate": "step_escalate",
    "instruct": "step_instruct",
    "call_back": "step_call_back",
}
CARDS = {"yellow": "step_yellow", "red": "step_red"}
# Steps whose data say what they count as.
SPEAKING = (
    "contact",
    "thank",
    "rate",
    "record_result",
    "supervise",
    "record_incident",
    "record_rule",
)
# Into and out of the states that are open, so that a sum up to a day is what was open then.
OPENED, LEFT = "opened", "left"
NAMES = (*MEASURES, *STEPS.values(), *CARDS.values(), OPENED, LEFT)
WHAT = {name: code for code, name in enumerate(NAMES)}
KIND = {code: number for number, (code, _label) in enumerate(KINDS)}
CATEGORY = {code: number for number, (code, _label) in enumerate(CATEGORIES)}
STATE = {state.value: number for number, state in enumerate(State)}

# A step as text: action, old and new state, 1 or 0 for in time or late, data; texts of many steps.
SEPARATED, PARTED = "\x1e", "\x1f"
_Step = namedtuple("_Step", "action at old_state new_state due_at data unit_id", defaults=[0])

CASE = np.dtype(
    [("pk", "i8"), ("seq", "i4"), ("unit", "i4"), ("mailbox", "i4"), ("accused", "i4")]
    + [("kind", "i1"), ("category", "i1"), ("state", "i1"), ("day", "i4")]
)
HIT = np.dtype([("pk", "i8"), ("day", "i4"), ("what", "i1"), ("value", "i1")])


def hits_of(kind, category, pk, days, steps):
    """Return one case's rows of the daybook and its numbers, as (what, number, day, pk).

    days: the number of each step's day; steps: each as text, as said above.
    """
    counted, numbers = _counted(kind, category, PARTED.join(steps))
    rows = [(pk, days[place], what, value) for place, what, value in counted]
    return rows, [(what, number, days[place], pk) for place, what, number in numbers]


@lru_cache(maxsize=50_000)
def _counted(kind, category, steps):
    """Return (place, what, value) and (place, what, number) of what the steps of a case count as.

    Most letters go one of a few thousand ways, so that this is seldom computed twice.
    """
    step, counted, numbers = Measuring(kind).step, [], []
    for place, text in enumerate(steps.split(PARTED)):
        event = _event(place, text)
        counted += ((place, WHAT[name], value) for name, _at, _unit, value in step(event))
        counted += ((place, WHAT[name], 1) for name in _besides(event))
        names = numbered(event.action, category)
        numbers += ((place, WHAT[name], event.data["number"]) for name in names)
    return tuple(counted), tuple(numbers)


def _event(place, text):
    """Return as much of an event as counting asks for; moments are only compared."""
    action, old_state, new_state, in_time, data = text.split(SEPARATED)
    due_at = {"1": place, "0": place - 1}.get(in_time)
    return _Step(action, place, old_state, new_state, due_at, json.loads(data) if data else {})


def _besides(event):
    """Return what an event counts as beside the measures of statistics."""
    was, now = event.old_state in OPEN, event.new_state in OPEN
    if was != now:
        yield OPENED if now else LEFT
    if event.action in STEPS:
        yield STEPS[event.action]
    elif event.action == "supervise" and event.data["level"] in CARDS:
        yield CARDS[event.data["level"]]


@dataclass(frozen=True)
class Daybook:
    """The cases of one world, by pk, and their hits, by day. numbers: as `hits_of` gives them."""

    cases: np.ndarray
    hits: np.ndarray
    numbers: tuple

    @cached_property
    def rows(self):
        """The row of its case for each hit."""
        return _row_of(self.cases)[self.hits["pk"]]

    @cached_property
    def signature(self):
        """{day of receiving: (cases, sum of their pk, of their steps)}, to see what has changed."""
        days, place = np.unique(self.cases["day"], return_inverse=True)
        sums = [np.bincount(place), *(_summed(place, self.cases[n]) for n in ("pk", "seq"))]
        return {int(day): tuple(map(int, row)) for day, *row in zip(days, *sums, strict=True)}

    def sums(self, *measures, since=None, until=None):
        """Return for each case, in their order, the sum of what was counted in some days.

        measures: (name, how much of it counts). Both dates inclusive, None: without that end.
        """
        part = _days(self.hits["day"], since, until)
        weight = np.zeros(len(NAMES))
        for name, factor in measures:
            weight[WHAT[name]] = factor
        worth = weight[self.hits["what"][part]] * self.hits["value"][part]
        return np.bincount(self.rows[part], worth, minlength=len(self.cases)).astype("i8")

    def nothing(self):
        """Return no case at all, as `seen_by` returns some."""
        return Seen.of(self, np.zeros(len(self.cases), bool))

    def seen_by(self, unit, tree, hidden=()):
        """Return what counts for a unit: the cases of access.cases_of but the hidden, and their hits."""
        below, above = tree.below(unit.path), tree.above(unit.path)
        cases = self.cases
        mine = below[cases["unit"]] | below[cases["mailbox"]]
        mine &= ~above[cases["accused"]] & ~np.isin(cases["pk"], hidden)
        return Seen.of(self, mine)


@dataclass(frozen=True)
class Seen:
    """A choice of the cases of a daybook, and its hits of them, by day; a number counts once."""

    cases: np.ndarray
    mine: np.ndarray
    row: np.ndarray
    day: np.ndarray
    what: np.ndarray
    value: np.ndarray

    @classmethod
    def of(cls, book, mine):
        """Choose cases of a daybook: a number counts where it came first among them."""
        keep = mine[book.rows]
        columns = [book.rows[keep], *(book.hits[n][keep] for n in ("day", "what", "value"))]
        first = {}
        row_of = _row_of(book.cases)
        for what, number, day, pk in book.numbers:
            row = int(row_of[pk])
            if mine[row]:
                place = (day, int(book.cases["mailbox"][row]), row)
                first[what, number] = min(place, first.get((what, number), place))
        added = [(row, day, what, 1) for (what, _n), (day, _box, row) in first.items()]
        if added:
            columns = [np.append(a, b) for a, b in zip(columns, np.transpose(added), strict=True)]
            order = np.argsort(columns[1], kind="stable")
            columns = [column[order] for column in columns]
        return cls(book.cases, mine, *columns)

    def narrowed(self, units=None, kind="", category=""):
        """Return the part that lies with some units (a table of yes and no), of a kind, a category."""
        mine = self.mine
        if units is not None:
            mine = mine & units[self.cases["unit"]]
        if kind:
            mine = mine & (self.cases["kind"] == KIND[kind])
        if category:
            mine = mine & (self.cases["category"] == CATEGORY[category])
        keep = mine[self.row]
        columns = (column[keep] for column in (self.row, self.day, self.what, self.value))
        return Seen(self.cases, mine, *columns)

    def counts(self, since=None, until=None):
        """Return {measure: count} of some days; both dates inclusive, None: without that end."""
        part = _days(self.day, since, until)
        sums = np.bincount(self.what[part], self.value[part], minlength=len(NAMES))
        return Counter({name: int(n) for name, n in zip(NAMES, sums, strict=True) if n})

    def by_area(self, areas, since=None, until=None):
        """Return {area: {measure: count}}; areas: for each unit the number of its area, or −1."""
        part = _days(self.day, since, until)
        area = areas[self.cases["unit"][self.row[part]]].astype("i8")
        keep = area >= 0
        cell = area[keep] * len(NAMES) + self.what[part][keep]
        sums = np.bincount(cell, self.value[part][keep])
        found = {}
        for cell in np.flatnonzero(sums):
            where, what = divmod(int(cell), len(NAMES))
            found.setdefault(where, Counter())[NAMES[what]] = int(sums[cell])
        return found

    def by_day(self, name, since, until):
        """Return a measure's counts of each day from since to until."""
        part = _days(self.day, since, until)
        mine = self.what[part] == WHAT[name]
        days = self.day[part][mine] - since.toordinal()
        count = (until - since).days + 1
        return np.bincount(days, self.value[part][mine], minlength=count).astype("i8")

    def open_at(self, until=None):
        """Return the rows of the cases that were open when a day ended; None: that are open now."""
        if until is None:
            is_open = np.isin(self.cases["state"], [STATE[s] for s in OPEN])
            return np.flatnonzero(self.mine & is_open)
        part = _days(self.day, None, until)
        moves = np.isin(self.what[part], (WHAT[OPENED], WHAT[LEFT]))
        signs = np.where(self.what[part][moves] == WHAT[OPENED], 1, -1)
        net = np.bincount(self.row[part][moves], signs, minlength=len(self.cases))
        return np.flatnonzero(net > 0)

    def books(self):
        """Return the books, as statistics.Tally.books does."""
        states = np.bincount(self.cases["state"][self.mine], minlength=len(STATE))
        counted = self.counts()
        lines = {"received": counted["received"], "open": len(self.open_at())}
        lines["replied"] = int(states[STATE[State.REPLIED]])
        lines |= {end: counted[end] for end in ENDS}
        rest = sum(n for name, n in lines.items() if name != "received")
        return {**lines, "balanced": lines["received"] == rest}

    def span(self):
        """Return the first and the last day on which anything was counted, or None."""
        if not len(self.day):
            return None
        return date.fromordinal(int(self.day[0])), date.fromordinal(int(self.day[-1]))


class Tree:
    """The units: which stand below one another, as tables from a unit's pk to yes and no."""

    def __init__(self, rows):
        """rows: (pk, path) of every unit."""
        self.paths = dict(rows)
        self.size = max(self.paths, default=0) + 1

    def below(self, path):
        """Return a table of the units at this path and below it."""
        return self._table(pk for pk, own in self.paths.items() if own.startswith(path))

    def above(self, path):
        """Return a table of the units at this path and above it; without 0, which is no unit."""
        return self._table(pk for pk, own in self.paths.items() if path.startswith(own))

    def areas(self, tops):
        """Return a table that gives for each unit the place in `tops` it stands below, or −1."""
        table = np.full(self.size, -1, "i4")
        for place, top in enumerate(tops):
            table[self.below(top.path)] = place
        return table

    def _table(self, units):
        table = np.zeros(self.size, bool)
        table[list(units)] = True
        return table


def _days(column, since, until):
    """Return where in a sorted column of days some days stand."""
    start = np.searchsorted(column, since.toordinal()) if since else 0
    end = np.searchsorted(column, until.toordinal(), "right") if until else len(column)
    return slice(int(start), int(end))


def _summed(place, column):
    """Return exact sums of whole numbers by place."""
    sums = np.zeros(place.max(initial=-1) + 1, "i8")
    np.add.at(sums, place, column)
    return sums


def _row_of(cases):
    """Return a table from a case's pk to its row."""
    table = np.full(int(cases["pk"].max(initial=0)) + 1, -1, "i4")
    table[cases["pk"]] = np.arange(len(cases))
    return table

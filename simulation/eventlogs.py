"""Another system's event log as a Book: what of it a mailbox can be drawn from.

A case's first event is its receiving; a change of resource is a transfer; a case is finished
when its last event is one of those that end cases. It holds no kinds, cities or outcomes, so
those stay the base's. Clocks are read as they stood on the wall there, whatever the zone.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock

import numpy as np

from simulation import logfiles
from simulation.casebook import COLUMNS, NONE, Book
from simulation.logfiles import LogError
from simulation.scenario import RETURN_CODES

# An activity by which this share of cases ends is one that finishes a case.
ENDING = 0.1
LISTED = 20
_FILLED = ("received", "replied", "returns")


@dataclass(frozen=True)
class Log:
    """cases: {case: [(moment, activity, resource), …] in order of time}; ends: activities that
    finish a case."""

    cases: dict
    ends: frozenset

    def summary(self):
        """Return what is in the log, for the terminal: size, endings, transfers, activities."""
        all_of_them, n = self.cases.values(), len(self.cases)
        finished = sum(its[-1][1] in self.ends for its in all_of_them)
        passed = Counter(min(_transfers(its), 3) for its in all_of_them)
        shares = ", ".join(f"{k if k < 3 else '3+'}: {passed[k] / n:.1%}" for k in range(4))
        size = f"{n:,} cases, {sum(map(len, all_of_them)):,} events"
        lines = [
            f"{size}; {finished / n:.1%} finished, by: {', '.join(sorted(self.ends))}",
            f"Passed on to another resource, times: {shares}",
            f"{'Activity':40} {'n':>8} {'hours until the next, median':>30}",
        ]
        lengths = defaultdict(list)
        for its in all_of_them:
            for (at, activity, _), (then, _, _) in zip(its, its[1:], strict=False):
                lengths[activity].append((then - at).total_seconds() / 3600)
        for name in sorted(lengths, key=lambda name: -len(lengths[name]))[:LISTED]:
            lines.append(f"{name[:40]:40} {len(lengths[name]):8,} {np.median(lengths[name]):30.2f}")
        return "\n".join(lines)

    def book(self, first, last, cities):
        """Return the Book of the cases that begin from a day to a day, by default the whole log.

        Raises: LogError if there are none.
        """
        begun = [its[0][0].date() for its in self.cases.values()]
        first, last = first or min(begun), last or max(begun)
        start = datetime.combine(first, clock())
        end = start + timedelta(days=(last - first).days + 1)
        rows = sorted(
            self._row([event for event in its if event[0] < end], start)
            for its, day in zip(self.cases.values(), begun, strict=True)
            if first <= day <= last
        )
        if not rows:
            raise LogError(f"no case begins from {first} to {last}")
        columns = {name: np.full(len(rows), NONE, np.int64) for name in COLUMNS}
        columns.update(zip(_FILLED, np.array(rows, np.int64).T, strict=True))
        reasons = dict.fromkeys(RETURN_CODES, 0)
        return Book(first, (last - first).days + 1, cities, columns, reasons)

    def _row(self, its, start):
        at, activity, _ = its[-1]
        replied = int((at - start).total_seconds()) if activity in self.ends else NONE
        return int((its[0][0] - start).total_seconds()), replied, _transfers(its)


def read(path, mapping):
    """Return the Log of a file that ends in .csv or .xes, or in .gz after that.

    mapping: {"case" | "activity" | "timestamp" | "resource": column, "end": activity}, as
    parse_map gives it. Raises: LogError.
    """
    cases = defaultdict(list)
    for case, moment, activity, resource in logfiles.events(path, mapping):
        cases[case].append((moment, activity, resource))
    if not cases:
        raise LogError(f"{path}: holds no events")
    for its in cases.values():
        its.sort(key=lambda event: event[0])
    last = Counter(its[-1][1] for its in cases.values())
    ends = {name for name, n in last.items() if n >= ENDING * len(cases)} or set(last)
    if "end" in mapping:
        ends = {mapping["end"]}
        if not any(activity in ends for its in cases.values() for _, activity, _ in its):
            raise LogError(f"{path}: no event is called {mapping['end']!r}")
    return Log(dict(cases), frozenset(ends))


def _transfers(its):
    """Return how often a case went to another resource than had it before."""
    had = [resource for _at, _activity, resource in its if resource]
    return sum(a != b for a, b in zip(had, had[1:], strict=False))

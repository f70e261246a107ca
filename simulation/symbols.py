"""Moments that are not known yet, so that the fold of one case serves all that go the same way.

A Symbol stands for a number of microseconds (a moment, counted from 1970 in UTC or local
time, or a length) or for a key. Code that was written for datetimes runs on Symbols as it
stands: sums become expressions, and a comparison asks the Trace, which knows the answers
given so far and otherwise stops the run with Undecided.
"""

from datetime import datetime, timedelta

from cases.calendars import ELAPSED, EPOCH, MICROSECOND

LESS, NOT_MORE, EQUAL, KNOWN = range(4)  # what a condition compares
_ANSWERS = {LESS: lambda a, b: a < b, NOT_MORE: lambda a, b: a <= b, EQUAL: lambda a, b: a == b}


class Undecided(Exception):
    """The run went as far as this condition: (what is compared, left, right)."""

    def __init__(self, condition):
        super().__init__(condition)
        self.condition = condition


class Trace:
    """The answers to the conditions of one run, in the order in which they come up."""

    def __init__(self):
        self.begin(())

    def begin(self, answers):
        """Start a run with the answers known."""
        self._answers, self._given = iter(answers), {}

    def decide(self, what, left, right):
        """Return the answer to a condition. Raises: Undecided if it isn't known yet."""
        left, right = node_of(left), node_of(right)
        if what != KNOWN and (left == right or left[0] == right[0] == "number"):
            return _ANSWERS[what](left[-1], right[-1])
        condition = (what, left, right)
        if condition not in self._given:
            try:
                self._given[condition] = next(self._answers)
            except StopIteration:
                raise Undecided(condition) from None
        return self._given[condition]


def node_of(value):
    """Return the expression of a Symbol, a number, a datetime or a timedelta, as a tuple."""
    if isinstance(value, Symbol):
        return value.node
    if isinstance(value, datetime):
        value = value - EPOCH
    return ("number", value // MICROSECOND if isinstance(value, timedelta) else value)


class Symbol:
    """A number that each case fills in for itself. node: its expression, as nested tuples."""

    __slots__ = ("trace", "node")

    def __init__(self, trace, node):
        self.trace, self.node = trace, node

    def __add__(self, other):
        left, right = self.node, node_of(other)
        if right[0] == "number":
            if left[0] == "more":
                left, right = left[1], ("number", left[2] + right[1])
            return Symbol(self.trace, ("more", left, right[1]) if right[1] else left)
        return Symbol(self.trace, ("sum", left, right))

    __radd__ = __add__

    def __sub__(self, other):
        right = node_of(other)
        if right[0] == "number":
            return self + -right[1]
        return Symbol(self.trace, ("difference", self.node, right))

    def __rsub__(self, other):
        return Symbol(self.trace, ("difference", node_of(other), self.node))

    def __mul__(self, other):
        return self._scaled(other)

    def __floordiv__(self, other):
        return self._scaled(other)

    def _scaled(self, other):
        if other != MICROSECOND:
            raise TypeError("a symbol counts microseconds and nothing else")
        return self

    def __lt__(self, other):
        return self.trace.decide(LESS, self, other)

    def __gt__(self, other):
        return self.trace.decide(LESS, other, self)

    def __le__(self, other):
        return self.trace.decide(NOT_MORE, self, other)

    def __ge__(self, other):
        return self.trace.decide(NOT_MORE, other, self)

    def __eq__(self, other):
        return other is not None and self.trace.decide(EQUAL, self, other)

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def astimezone(self, zone):
        """Return itself: a moment is the same in every zone."""
        return self

    def isoformat(self):
        """Return itself, which stands for its text too."""
        return self

    @staticmethod
    def fromisoformat(text):
        """Return the moment whose text this is."""
        return text


class Calendar:
    """A calendar of working time whose answers are Symbols; for cases/clocks.py."""

    def __init__(self, trace):
        self.trace = trace

    def add(self, length_time, size, moment):
        """As cases.calendars.Calendar.add."""
        if length_time == ELAPSED:
            return moment + size
        return Symbol(self.trace, ("reach", length_time, moment.node, node_of(size)))

    def between(self, length_time, start, end):
        """As cases.calendars.Calendar.between."""
        if length_time == ELAPSED:
            return end - start
        return Symbol(self.trace, ("between", length_time, start.node, end.node))

    def knows(self, start, end):
        """As cases.calendars.Calendar.knows."""
        return self.trace.decide(KNOWN, start, end)

    def opening(self, moment):
        """As cases.calendars.Calendar.opening."""
        return Symbol(self.trace, ("opening", moment.node))

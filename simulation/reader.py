"""Reading a scenario's TOML with one clear line for whatever is wrong in it."""

import datetime
from dataclasses import dataclass

# More than anybody has, and few enough to be played.
MOST_LETTERS, MOST_OFFICERS = 100_000_000, 100_000
MOST_DAYS = 3650  # of a promise
SECONDS = {"minutes": 60, "hours": 3600, "days": 86400}
SUM_SLACK = 1e-6


class ScenarioError(ValueError):
    """A scenario breaks a rule: `file`, `key` and `rule` say which, where."""

    def __init__(self, file, key, rule):
        self.file, self.key, self.rule = str(file), key, rule
        super().__init__(f"{self.file}: {key}: {rule}" if key else f"{self.file}: {rule}")


@dataclass(frozen=True)
class Spread:
    """A lognormal length of time: mean in seconds, and coefficient of variation."""

    mean: float
    cv: float


class Table:
    """One table of the file; every key must be asked for, and every value be right."""

    def __init__(self, values, file, path=""):
        self._values, self._file, self._path = values, file, path
        self._unread = set(values)

    def error(self, key, rule):
        """Return the ScenarioError for a key of this table."""
        return ScenarioError(self._file, f"{self._path}.{key}".strip("."), rule)

    def take(self, key, kind, rule):
        """Return the value of `key`, which must be of this Python type."""
        if key not in self._values:
            raise self.error(key, "is missing")
        self._unread.discard(key)
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"must be {rule}, not {value!r}")
        return value

    def has(self, key):
        """Say whether the key stands in this table."""
        return key in self._values

    @property
    def file(self):
        """The file's name, for errors."""
        return self._file

    def text(self, key):
        """Return a non-empty string."""
        return self.take(key, str, "a text")

    def day(self, key):
        """Return a date."""
        value = self.take(key, datetime.date, "a date such as 2021-05-01")
        if isinstance(value, datetime.datetime):
            raise self.error(key, "must be a date without a time")
        return value

    def count(self, key, low=0, high=float("inf")):
        """Return a whole number between `low` and `high`."""
        value = self.take(key, int, "a whole number")
        if value < low:
            raise self.error(key, f"must be at least {low}, not {value}")
        if value > high:
            raise self.error(key, f"must be at most {high:,}, not {value:,}")
        return value

    def days(self, key, low=0):
        """Return the days of a promise: so few that no clock comes to the end of the calendar."""
        return self.count(key, low, MOST_DAYS)

    def officers(self, key):
        """Return the officers at a station that is open by day alone: at least one."""
        return self.count(key, 1, MOST_OFFICERS)

    def shifts(self, key):
        """Return officers by day and by night; at night there may be none."""
        numbers = self.numbers(key, 2)
        if numbers[0] < 1 or any(n != int(n) for n in numbers):
            raise self.error(key, "must be two whole numbers, by day (at least 1) and by night")
        if max(numbers) > MOST_OFFICERS:
            raise self.error(key, f"must be at most {MOST_OFFICERS:,} by day and by night")
        return tuple(int(n) for n in numbers)

    def number(self, key, low=0.0, high=float("inf")):
        """Return a number between `low` and `high`."""
        value = float(self.take(key, int | float, "a number"))
        if not low <= value <= high:
            raise self.error(key, f"must lie between {low:g} and {high:g}, not {value:g}")
        return value

    def share(self, key):
        """Return a number from 0 to 1."""
        return self.number(key, 0.0, 1.0)

    def table(self, key):
        """Return the table under `key`."""
        return Table(self.take(key, dict, "a table"), self._file, f"{self._path}.{key}".strip("."))

    def tables(self, key, least=1):
        """Return the tables of an array of tables, at least `least`."""
        values = self.take(key, list, "an array of tables")
        if len(values) < least or not all(isinstance(value, dict) for value in values):
            raise self.error(key, "must be an array of tables")
        path = f"{self._path}.{key}".strip(".")
        return [Table(v, self._file, f"{path}[{i}]") for i, v in enumerate(values, start=1)]

    def spread(self, key):
        """Return a Spread from { minutes | hours | days = mean, cv = … }."""
        inner = self.table(key)
        units = [unit for unit in SECONDS if inner.has(unit)]
        if len(units) != 1:
            raise self.error(key, "needs one of minutes, hours, days")
        mean = inner.number(units[0]) * SECONDS[units[0]]
        if mean == 0:
            raise self.error(f"{key}.{units[0]}", "must be more than 0")
        spread = Spread(mean, inner.number("cv"))
        inner.done()
        return spread

    def numbers(self, key, count=None):
        """Return a list of numbers, none negative."""
        values = self.take(key, list, "a list of numbers")
        good = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        if not good or any(v < 0 for v in values):
            raise self.error(key, "must be a list of numbers, none negative")
        if count and len(values) != count:
            raise self.error(key, f"must hold {count} numbers, not {len(values)}")
        return [float(v) for v in values]

    def shares(self, key, count=None):
        """Return a list of shares that add up to 1."""
        values = self.numbers(key, count)
        self._check_sum(key, values)
        return values

    def named(self, key, known, what, read, complete=True):
        """Return {name: value} of a table whose names are in `known`.

        what: what a name stands for ("kind"). read: method of Table for each value.
        complete: whether every known name must be there.
        """
        inner = self.table(key)
        for name in inner._values:
            if name not in known:
                raise inner.error(name, f"is an unknown {what}")
        names = known if complete else [name for name in known if inner.has(name)]
        return {name: read(inner, name) for name in names}

    def named_shares(self, key, known, what):
        """Return {name: share}; names left out have none, and the rest add up to 1."""
        found = self.named(key, known, what, Table.share, complete=False)
        self._check_sum(key, found.values())
        return found

    def names(self, key, known, what):
        """Return a list of names, each in `known`."""
        values = self.take(key, list, f"a list of {what}s")
        for value in values:
            if value not in known:
                raise self.error(key, f"{value!r} is an unknown {what}")
        return tuple(values)

    def done(self):
        """Raise ScenarioError if the table holds a key that nobody asked for."""
        for key in sorted(self._unread):
            raise self.error(key, "is not a key that is known here")

    def _check_sum(self, key, values):
        total = sum(values)
        if abs(total - 1) > SUM_SLACK:
            raise self.error(key, f"must add up to 1, not {total:g}")

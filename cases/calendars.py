"""Working days and working hours in Asia/Shanghai, and the lengths measured in them.

Working days come from the package chinese_calendar: public holidays (节假日) and
make-up workdays (调休上班). It ends with the last year the State Council has
announced. For any other year Monday to Friday count as working days, and whatever
was computed from them is provisional; statistics and simulation refuse instead.

Inside, a moment is a whole number of microseconds since 1970 in local time, so
that sums are exact; datetimes are made at the border only.
"""

import re
import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND
# One offset for all years in the table: Shanghai has had no summer time since 1991.
OFFSET = datetime(2000, 1, 1, tzinfo=SHANGHAI).utcoffset() // MICROSECOND
TABLE_FROM, TABLE_TO = date(2000, 1, 1), date(2100, 1, 1)
_FIRST_DAY = (TABLE_FROM - EPOCH.date()).days
_DAYS = (TABLE_TO - TABLE_FROM).days
_OUTSIDE = f"working days are counted from {TABLE_FROM} to {TABLE_TO} only"

ELAPSED, WORKING_HOURS, WORKING_DAYS = "elapsed", "working hours", "working days"
_UNITS = {
    "m": (ELAPSED, MINUTE),
    "h": (ELAPSED, HOUR),
    "d": (ELAPSED, DAY),  # in Shanghai a calendar day always has 24 hours
    "wm": (WORKING_HOURS, MINUTE),
    "wh": (WORKING_HOURS, HOUR),
    "wd": (WORKING_DAYS, DAY),
}


class MissingCalendar(Exception):
    """The official calendar of a year is not known, and guessing is not allowed here."""


@dataclass(frozen=True)
class Length:
    """How long a clock runs: the text of the policy file, its kind of time, microseconds."""

    text: str
    time: str
    size: int

    @classmethod
    def parse(cls, text):
        """Read "10m", "8h", "15d" (calendar days), "30wm", "4wh" or "5wd" (working time).

        Raises ValueError with the rule that is broken.
        """
        match = isinstance(text, str) and re.fullmatch(r"([1-9][0-9]{0,3})(w?[mh]|w?d)", text)
        if not match:
            raise ValueError(f'{text!r} is no length: write "10m", "8h", "15d", "4wh" or "5wd"')
        time, unit = _UNITS[match[2]]
        return cls(text, time, int(match[1]) * unit)

    @property
    def round_the_clock(self):
        """True for minutes and hours of a desk that never closes (7×24)."""
        return self.text[-1] in "mh" and self.time == ELAPSED


class WorkingDays:
    """Which days are worked, counted once so that any span is a subtraction.

    works: a function of a date. known: the years it really knows, as a range.
    """

    def __init__(self, works, known):
        self.known = known
        self.days = []  # number of each working day since 1970
        self.before = [0]  # how many working days lie before each day of the table
        for number in range(_FIRST_DAY, _FIRST_DAY + _DAYS):
            day = date.fromordinal(EPOCH.toordinal() + number)
            if works(day) if day.year in known else day.weekday() < 5:
                self.days.append(number)
            self.before.append(len(self.days))
        self.known_from = (date(known[0], 1, 1) - EPOCH.date()).days * DAY
        self.known_to = (date(known[-1] + 1, 1, 1) - EPOCH.date()).days * DAY

    def index(self, number):
        """Return the row of a day, given as its number since 1970; ValueError outside the table."""
        if not 0 <= number - _FIRST_DAY < _DAYS:
            raise ValueError(_OUTSIDE)
        return number - _FIRST_DAY

    def is_workday(self, day):
        """Say whether this local date is worked (Monday to Friday in an unknown year)."""
        index = self.index(day.toordinal() - EPOCH.toordinal())
        return self.before[index + 1] > self.before[index]


class WorkingTime:
    """A clock that runs only in the blocks of a working day; times in local microseconds."""

    def __init__(self, working_days, blocks):
        self._days, self._before = working_days.days, working_days.before
        self._index = working_days.index
        self._blocks = tuple(blocks)
        self._per_day = sum(closes - opens for opens, closes in self._blocks)

    def total(self, moment):
        """Return the working time from the start of the table to the moment."""
        day, time = divmod(moment, DAY)
        index = self._index(day)
        total = self._before[index] * self._per_day
        if self._before[index + 1] > self._before[index]:
            for opens, closes in self._blocks:
                if time <= opens:
                    break
                total += min(time, closes) - opens
        return total

    def reach(self, total):
        """Return the earliest moment with this total: a closing, not the next opening."""
        index, rest = divmod(total - 1, self._per_day)
        if index >= len(self._days):
            raise ValueError(_OUTSIDE)
        moment, rest = self._days[index] * DAY, rest + 1
        for opens, closes in self._blocks:
            if rest <= closes - opens:
                break
            rest -= closes - opens
        return moment + opens + rest


class Calendar:
    """Working days with the blocks of hours worked on each, as pairs of microseconds."""

    def __init__(self, working_days, blocks):
        self.working_days, self.blocks = working_days, tuple(blocks)
        self._clocks = {
            WORKING_HOURS: WorkingTime(working_days, blocks),
            WORKING_DAYS: WorkingTime(working_days, [(0, DAY)]),
        }

    def add(self, length_time, size, moment):
        """Return the local moment at which `size` of this kind of time has run."""
        if length_time == ELAPSED:
            return moment + size
        clock = self._clocks[length_time]
        return clock.reach(clock.total(moment) + size)

    def between(self, length_time, start, end):
        """Return how much of this kind of time runs between two local moments."""
        if length_time == ELAPSED:
            return end - start
        clock = self._clocks[length_time]
        return clock.total(end) - clock.total(start)

    def knows(self, start, end):
        """Say whether the official calendar covers the whole span of local moments."""
        return start >= self.working_days.known_from and end <= self.working_days.known_to

    def opening(self, moment):
        """Return the moment itself in working hours, else the next opening."""
        clock = self._clocks[WORKING_HOURS]
        return to_utc(clock.reach(clock.total(to_local(moment)) + 1) - 1)


def to_local(moment):
    """Return an aware datetime as local microseconds; a naive one is a TypeError."""
    return (moment - EPOCH) // MICROSECOND + OFFSET


def to_utc(local):
    """Return local microseconds as a datetime in UTC."""
    return EPOCH + (local - OFFSET) * MICROSECOND


def known_years():
    """Return the years whose official calendar is known, as a range."""
    years = {day.year for day in chinese_calendar.holidays}
    return range(min(years), max(years) + 1)


def require_years(first, last):
    """Raise MissingCalendar unless the calendars of all years first..last are known."""
    known = known_years()
    missing = [str(year) for year in range(first, last + 1) if year not in known]
    if missing:
        raise MissingCalendar(
            f"no official calendar of working days for {', '.join(missing)} "
            f"(known: {known[0]}–{known[-1]}); update the package chinese-calendar"
        )


@cache
def official_days():
    """Return the working days of China, built once in a process."""
    return WorkingDays(chinese_calendar.is_workday, known_years())


@cache
def days_known_to(year):
    """Return the working days as a process counts them that knows the calendars up to a year."""
    known = known_years()
    return WorkingDays(chinese_calendar.is_workday, range(known[0], min(year, known[-1]) + 1))


@cache
def official_mark():
    """Return a short mark of the working days that are known: it changes when a year comes."""
    days = official_days()
    return f"{days.known[-1]}-{zlib.crc32(repr(days.days).encode()):08x}"

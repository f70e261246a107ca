"""A span of days as the address writes it: a week, a month, a year, any two days, or all.

“2026-W10”, “2026-03”, “2026”, “2026-03-05..2026-04-02”, “all”. What is no span is this year.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from cases import worlds
from cases.statistics import CHINA

DAY = timedelta(days=1)
ALL = "all"
# (unit, how its code is written, what makes it its first day)
_FORMS = (
    ("week", re.compile(r"[0-9]{4}-W[0-9]{2}"), "-1"),
    ("month", re.compile(r"[0-9]{4}-[0-9]{2}"), "-01"),
    ("year", re.compile(r"[0-9]{4}"), "-01-01"),
)


@dataclass(frozen=True)
class Period:
    """Some days, both inclusive; None, None: all there are. unit: week, month, year, span or all."""

    code: str
    unit: str
    since: date | None = None
    until: date | None = None

    @property
    def label(self):
        """What people call it."""
        if self.unit == ALL:
            return _("全部")
        if self.unit == "year":
            return _("%(year)s年") % {"year": self.since.year}
        if self.unit == "month":
            return _("%(year)s年%(month)s月") % {"year": self.since.year, "month": self.since.month}
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        if self.unit == "week":
            number = self.since.isocalendar().week
            return _("第%(n)s周（%(since)s 至 %(until)s）") % {**days, "n": number}
        return _("%(since)s 至 %(until)s") % days

    @property
    def before(self):
        """The span of the same sort just before this one; None before all, or before any date."""
        return self._beside(lambda: self.since - DAY, -1)

    @property
    def after(self):
        """The span of the same sort just after this one, or None."""
        return self._beside(lambda: self.until + DAY, 1)

    def _beside(self, day, step):
        if self.unit == ALL:
            return None
        try:
            if self.unit != "span":
                return holding(day(), self.unit)
            length = (self.until - self.since + DAY) * step
            return between(self.since + length, self.until + length)
        except (OverflowError, ValueError):
            return None


def today():
    """Return the day that it is in Guangdong, by this world's clock."""
    return worlds.now().astimezone(CHINA).date()


def holding(day, unit):
    """Return the week, month or year that a day lies in."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _weekday = day.isocalendar()
        return Period(f"{year}-W{week:02}", unit, monday, monday + timedelta(days=6))
    if unit == "month":
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - DAY
        return Period(f"{day:%Y-%m}", unit, first, last)
    return Period(f"{day:%Y}", "year", date(day.year, 1, 1), date(day.year, 12, 31))


def between(since, until):
    """Return the span of two days, whichever comes first."""
    since, until = sorted((since, until))
    return Period(f"{since.isoformat()}..{until.isoformat()}", "span", since, until)


def every():
    """Return the span of all days."""
    return Period(ALL, ALL)


def read(params):
    """Return the Period that an address's parameters say: two days, else `period`, else this year."""
    since, until = day_of(params.get("since", "")), day_of(params.get("until", ""))
    if since and until:
        return between(since, until)
    return parsed(params.get("period", "")) or holding(today(), "year")


def parsed(code):
    """Return the Period of a code, or None if it is none."""
    if code == ALL:
        return every()
    parts = code.split("..")
    if len(parts) == 2:
        days = [day_of(part) for part in parts]
        return between(*days) if all(days) else None
    for unit, form, rest in _FORMS:
        day = day_of(code + rest) if form.fullmatch(code) else None
        if day:
            return holding(day, unit)
    return None


def day_of(text):
    """Return an ISO date (or that of a week) of the years that people write, or None."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 and text.isascii() else None
    except ValueError:
        return None
    return found if found and 1950 <= found.year <= 2200 else None

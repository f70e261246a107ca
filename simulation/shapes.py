"""The shape of a log: by hour, weekday, kind of day and window; waits; classes."""

from datetime import date

import numpy as np

from cases.calendars import known_years, official_days

DAY, HOUR = 86400, 3600
MORE = 4  # transfers, or letters a writer: as many or more are one class
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def by_hour(times):
    """Return how many times fall into each hour of the day."""
    return np.bincount(times.astype(np.int64) % DAY // HOUR, minlength=24)


def by_weekday(times):
    """Return how many times fall on each weekday, Monday first."""
    days = times.astype("datetime64[D]").astype(np.int64)
    return np.bincount((days + 3) % 7, minlength=7)  # day 0 was a Thursday


def by_kind_of_day(times):
    """Return {kind: (letters a day over those of working days, days)}."""
    days, counts = daily(times)
    kinds = np.array([_kind_of_day(day) for day in days.tolist()])
    if "workday" not in kinds:
        return {}
    workday = counts[kinds == "workday"].mean()
    there = set(kinds) - {"workday", ""}
    return {kind: (counts[kinds == kind].mean() / workday, int((kinds == kind).sum())) for kind in there}  # fmt: skip


def _kind_of_day(day: date):
    if day.year not in known_years():
        return ""
    works, weekday = official_days().is_workday(day), day.weekday() < 5
    if works:
        return "workday" if weekday else "make-up workday"
    return "holiday on a weekday" if weekday else "weekend"


def daily(times):
    """Return (days, letters of each), of all days in months that are not thin at an end."""
    months, counts = np.unique(times.astype("datetime64[M]"), return_counts=True)
    full = months[counts >= np.median(counts) / 2]
    first, last = full[0].astype("datetime64[D]"), (full[-1] + 1).astype("datetime64[D]")
    days = np.arange(first, last)
    day_of = (times.astype("datetime64[D]") - first).astype(np.int64)
    inside = day_of[(day_of >= 0) & (day_of < len(days))]
    return days, np.bincount(inside, minlength=len(days))


def windows(days, counts):
    """Return {"days": counts of working days by weekday, "weeks": of weeks without a holiday}."""
    kinds = np.array([_workday(day) for day in days.tolist()])
    weekday = (days.astype(np.int64) + 3) % 7
    by_weekday = [counts[kinds & (weekday == n)] for n in range(5)]
    mondays = np.flatnonzero((weekday == 0) & (np.arange(len(days)) + 5 <= len(days)))
    weeks = [counts[m : m + 5].sum() for m in mondays if kinds[m : m + 5].all()]
    return {"days": by_weekday, "weeks": [np.array(weeks)]}


def _workday(day):
    """Say whether a day works; where no calendar is known, whether it is Monday to Friday."""
    known = day.year in known_years()
    return day.weekday() < 5 and (not known or official_days().is_workday(day))


def days_of_calls(calls):
    """Return (days, calls of each); the bank's Sunday is put where elsewhere Monday is."""
    days, counts = calls
    return days + 1, counts.sum(axis=1)


def hours_of_calls(calls):
    """Return calls in the same hour and weekday, from 9 to 17 h, an array for each such pair."""
    days, counts = calls
    weekday = ((days + 1).astype(np.int64) + 3) % 7
    hours = counts.reshape(len(days), 24, 10).sum(axis=2)
    return [hours[weekday == day, hour] for hour in range(9, 17) for day in range(5)]


def hours_of(times, days):
    """Return letters in the same hour and weekday, from 9 to 17 h of the working days among `days`."""
    works = np.array([_workday(day) for day in days.tolist()])
    weekday = (days.astype(np.int64) + 3) % 7
    hour = ((times - days[0]).astype(np.int64)) // HOUR
    counts = np.bincount(hour[hour < len(days) * 24], minlength=len(days) * 24).reshape(-1, 24)
    return [counts[works & (weekday == d), h] for h in range(9, 17) for d in range(5)]


def waits_of(log, dated):
    """Return days from receipt to reply of the letters that were answered.

    dated: whole days alone are known, and the day of receipt is the first.
    """
    there = log.only(~np.isnat(log.replied))
    if dated:
        days = [t.astype("datetime64[D]").astype(np.int64) for t in (there.received, there.replied)]
        waits = days[1] - days[0] + 1.0
    else:
        waits = (there.replied - there.received).astype(np.int64) / DAY
    return waits[waits > 0]


def in_office(times):
    """Return the share of times from Monday to Friday, 8 to 18 h."""
    seconds = times.astype(np.int64)
    hour, day = seconds % DAY / HOUR, (seconds // DAY + 3) % 7
    return float(((hour >= 8) & (hour < 18) & (day < 5)).mean())


def classes(counts, first):
    """Return how many are of each class from `first` to MORE or more."""
    return np.bincount(np.clip(counts, first, MORE), minlength=MORE + 1)[first:]

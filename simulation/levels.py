"""How many letters each day of a book brought, beside its month: days off, weekdays, scatter."""

import numpy as np

from cases.calendars import official_days
from simulation.figure import Figure, Z, counts
from simulation.model import DAY


def weekdays(book):
    """Return letters of Monday to Friday, working days alone, as if there were as many of each."""
    weekday = (book.start.weekday() + np.arange(book.days)) % 7
    weekday[~_working(book)] = -1
    of_letters = weekday[book["received"] // DAY]
    letters = counts(of_letters[of_letters < 5], range(5))
    times = {day: max((weekday == day).sum(), 1) for day in letters}
    mean = np.mean(list(times.values()))
    return {day: round(n * mean / times[day]) for day, n in letters.items()}


def days(book):
    """Return the Figures of the daily level: on days off against working days, and its scatter.

    The level of each day is that of its month; scatter is what Poisson's chance leaves over.
    """
    n = np.bincount(book["received"] // DAY, minlength=book.days)[: book.days].astype(float)
    work, dates = _working(book), _dates(book)
    month = np.array([day.year * 12 + day.month for day in dates])
    level, ratio = np.zeros(book.days), 1.0
    for _time in range(20):
        for one in np.unique(month):
            here = month == one
            level[here] = n[here].sum() / np.where(work[here], 1, ratio).sum()
        expected = level[~work].sum()
        ratio = n[~work].sum() / expected if expected else ratio
    m, seen = level[work], n[work]
    square = float((m**2).sum())
    variance = float((((seen - m) ** 2) - m).sum() / square) if square else 0.0
    # The variance of that sum, if days are Poisson about a level with this scatter.
    spread = m + max(variance, 0) * m**2
    error = Z * np.sqrt(2 * float((spread**2).sum())) / square if square else 1.0
    off = n[~work].sum()
    low, cv, high = (float(np.sqrt(max(variance + e, 0))) for e in (-error, 0, error))
    half = Z * np.sqrt(1 / max(off, 1) + (high**2) / max((~work).sum(), 1))
    return {
        "arrivals.daily_cv": Figure(cv, int(work.sum()), low, high),
        "arrivals.day_off": Figure(
            ratio, int((~work).sum()), ratio * np.exp(-half), ratio * np.exp(half)
        ),
    }


def _dates(book):
    return [book.start.fromordinal(book.start.toordinal() + day) for day in range(book.days)]


def _working(book):
    return np.array([official_days().is_workday(day) for day in _dates(book)])

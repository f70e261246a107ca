"""How many letters of a sort a week may be expected to bring, and when more is more than chance.

A sort's weeks before give its level. The week itself is drawn from a negative binomial about it:
the Poisson chance of letters that come one by one, widened by how much weeks differ beyond that
(one factor for all sorts, from the same weeks), and by how little few weeks say of the level.
Many sorts are looked at, so some would stand out by chance: `standing_out` keeps the expected
share of such false alarms among those shown below a limit (Benjamini and Hochberg, 1995).
"""

from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p

import numpy as np

FEWEST_WEEKS, MOST_WEEKS = 8, 13  # a quarter, so that the level may follow the seasons
FALSE_ALARMS = 0.10  # of what is shown as standing out, at most this share by chance
_TAIL = 0.025


@dataclass(frozen=True)
class Band:
    """What is expected of a week: the mean, and the least and most of 95 weeks in 100."""

    mean: float
    least: int
    most: int


def spread(weeks):
    """Return by what factor weeks vary more than single chance would have it; at least 1.

    weeks: a row a sort, a column a week. Pearson's χ² over its degrees of freedom, for all sorts
    that had a letter a week or more; of rarer ones the measure says little.
    """
    means = weeks.mean(axis=1)
    usual = means >= 1
    if not usual.any() or weeks.shape[1] < 2:
        return 1.0
    squares = ((weeks[usual] - means[usual, None]) ** 2 / means[usual, None]).sum()
    return max(1.0, float(squares / (usual.sum() * (weeks.shape[1] - 1))))


def chance(count, before, factor):
    """Return the chance of a week with `count` letters or more, after the weeks `before`."""
    mean, size = _level(before, factor)
    term = _log_share(count, mean, size)
    total, share, k = 0.0, exp(term) if term > -700 else 0.0, count
    ratio = mean / (mean + size)
    while True:
        total += share
        share *= (k + size) / (k + 1) * ratio
        k += 1
        if k > mean and share <= 1e-9 * total:
            return min(total, 1.0)


def band(before, factor):
    """Return the Band of a week after the weeks `before`."""
    mean, size = _level(before, factor)
    start = max(0, int(mean - 12 * (mean * (1 + mean / size)) ** 0.5))
    below, least, k = 0.0, None, start
    while True:
        below += exp(_log_share(k, mean, size))
        if least is None and below > _TAIL:
            least = k
        if below >= 1 - _TAIL:
            return Band(mean, least, k)
        k += 1


def standing_out(chances, limit=FALSE_ALARMS):
    """Return the places of those chances that are too small for all of them to be chance.

    chances: one for everything that was looked at; 1 for what was not worth the computing.
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    last = 0
    for rank, place in enumerate(order, start=1):
        if chances[place] <= limit * rank / len(chances):
            last = rank
    return set(order[:last])


def _level(before, factor):
    """Return mean and size of the negative binomial: variance = mean · factor · (1 + 1/weeks).

    Half a letter is added to the sum, so that what never came is not held to be impossible.
    """
    weeks = len(before)
    mean = (float(np.sum(before)) + 0.5) / weeks
    beyond = mean * (factor * (1 + 1 / weeks) - 1)
    return mean, mean * mean / beyond if beyond > 0 else inf


def _log_share(k, mean, size):
    head = lgamma(k + size) - lgamma(size) - lgamma(k + 1)
    return head - size * log1p(mean / size) + k * (log(mean) - log(mean + size))

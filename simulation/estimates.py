"""Intervals from replications: of a mean, of single outcomes, and of differences."""

import math
from statistics import fmean, stdev

SURE = 0.95


def interval(values, sure=SURE):
    """Return (mean, low, high): Student's interval of a mean; None, None for fewer than 2 values."""
    mean, n = fmean(values), len(values)
    if n < 2:
        return mean, None, None
    half = t_quantile(n - 1, sure) * stdev(values) / math.sqrt(n)
    return mean, mean - half, mean + half


def prediction(values, sure=SURE):
    """Return (low, high) in which one more outcome would lie: normal, with the mean uncertain too.

    Raises: ValueError for fewer than 2 values.
    """
    if len(values) < 2:
        raise ValueError("an interval of outcomes needs at least 2 replications")
    mean, n = fmean(values), len(values)
    half = t_quantile(n - 1, sure) * stdev(values) * math.sqrt(1 + 1 / n)
    return mean - half, mean + half


def paired(values, others, sure=SURE):
    """Return (mean, low, high) of values less others, pair by pair: they shared random numbers."""
    differences = [a - b for a, b in zip(values, others, strict=True)]
    return interval(differences, sure)


def t_quantile(freedom, sure=SURE):
    """Return t so that |T| < t with this probability, by bisection.

    freedom: degrees of freedom, a whole number from 1.
    """
    low, high = 0.0, 1.0
    while _within(high, freedom) < sure:
        high *= 2
    for _time in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < sure else (low, middle)
    return high


def _within(t, freedom):
    """Return P(|T| < t): Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for k in range(2 + odd, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total

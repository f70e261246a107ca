"""How far one distribution lies from another: numbers for a comparison of shapes."""

from math import sqrt
from statistics import NormalDist

import numpy as np

_SAMPLES = 2000


def shares(counts):
    """Return counts as shares of their sum."""
    counts = np.asarray(counts, float)
    return counts / counts.sum()


def total_variation(one, other):
    """Return half the sum of differences of two sets of shares: 0 the same, 1 nothing in common."""
    return float(np.abs(shares(one) - shares(other)).sum() / 2)


def total_variation_by_chance(counts, size, seed=1):
    """Return the total variation that 19 of 20 samples of `size` out of these shares stay below."""
    parts = shares(counts)
    samples = np.random.default_rng(seed).multinomial(size, parts, _SAMPLES) / size
    return float(np.quantile(np.abs(samples - parts).sum(axis=1) / 2, 0.95))


def kolmogorov_smirnov(one, other):
    """Return the largest difference of the distribution functions of two samples."""
    one, other = np.sort(one), np.sort(other)
    at = np.concatenate([one, other])
    below = [np.searchsorted(sample, at, side="right") / len(sample) for sample in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def kolmogorov_smirnov_by_chance(n, m):
    """Return the distance that 19 of 20 pairs of samples of one distribution stay below."""
    return 1.358 * sqrt((n + m) / (n * m))


def lognormal_fit(values):
    """Return (mu, sigma) of the lognormal distribution that fits positive values best."""
    logs = np.log(values)
    return float(logs.mean()), float(logs.std())


def from_lognormal(values):
    """Return the Kolmogorov-Smirnov distance of positive values from their lognormal fit."""
    mu, sigma = lognormal_fit(values)
    fit = NormalDist(mu, sigma)
    found, counts = np.unique(np.log(values), return_counts=True)
    above = np.cumsum(counts) / len(values)
    below = above - counts / len(values)
    expected = np.array([fit.cdf(x) for x in found])
    return float(max(np.abs(above - expected).max(), np.abs(below - expected).max()))


def quantile_ratio(values, upper, lower):
    """Return the upper quantile of values over the lower."""
    high, low = np.quantile(values, (upper, lower))
    return float(high / low)


def dispersion(series):
    """Return (index of dispersion, scatter beyond Poisson) of counts in windows of one length.

    series: arrays of counts in windows that are like each other, in time order, one array a
    class of windows. The variance is half the mean square of successive differences, so that
    a trend adds nothing to it. The index is variance over mean, 1 for Poisson; the scatter
    is the coefficient of variation of the level, from (variance - mean) / mean².
    """
    variance = np.mean(np.concatenate([np.square(np.diff(counts)) for counts in series])) / 2
    mean = np.mean(np.concatenate([(counts[1:] + counts[:-1]) / 2 for counts in series]))
    squares = np.mean(np.concatenate([np.full(len(c) - 1, np.square(np.mean(c))) for c in series]))
    return float(variance / mean), sqrt(max(0.0, (variance - mean) / squares))

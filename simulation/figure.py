"""A figure that was measured, with the number it rests on and a 95 % interval."""

from dataclasses import dataclass

import numpy as np

Z = 1.96


@dataclass(frozen=True)
class Figure:
    """A measured value, how many observations it rests on, and its 95 % interval."""

    value: float
    n: int
    low: float
    high: float

    def holds(self, value):
        """Say whether a value lies in the interval."""
        return self.low <= value <= self.high


def share(part, whole):
    """Return the Figure of a share; the interval is Wilson's. part, whole: counts."""
    part, whole = int(part), int(whole)
    if not whole:
        return Figure(0.0, 0, 0.0, 1.0)
    p, z = part / whole, Z**2 / whole
    middle, half = (p + z / 2) / (1 + z), Z * np.sqrt(p * (1 - p) / whole + z / whole / 4) / (1 + z)
    return Figure(p, whole, float(max(middle - half, 0)), float(min(middle + half, 1)))


def mean(values):
    """Return the Figure of a mean, by the normal distribution."""
    n = len(values)
    if n < 2:
        return Figure(float(values.mean()) if n else 0.0, n, 0.0, float("inf"))
    half = Z * values.std(ddof=1) / np.sqrt(n)
    return Figure(float(values.mean()), n, float(values.mean() - half), float(values.mean() + half))


def scatter(values):
    """Return the Figure of the coefficient of variation of lengths that are about lognormal."""
    n = len(values)
    if n < 3:
        return Figure(0.0, n, 0.0, float("inf"))
    s, error = np.log(np.maximum(values, 1)).std(ddof=1), Z / np.sqrt(2 * (n - 1))
    low, here, high = (float(np.sqrt(np.expm1((s * f) ** 2))) for f in (1 - error, 1, 1 + error))
    return Figure(here, n, low, high)


def quantile(values, q):
    """Return the Figure of a quantile; the interval is that of order statistics."""
    n, ordered = len(values), np.sort(values)
    if n < 10:
        return Figure(float(np.quantile(values, q)) if n else 0.0, n, 0.0, float("inf"))
    half = Z * np.sqrt(n * q * (1 - q))
    low, high = (int(np.clip(n * q + side, 0, n - 1)) for side in (-half, half + 1))
    return Figure(float(np.quantile(ordered, q)), n, float(ordered[low]), float(ordered[high]))


def counts(column, codes):
    """Return {code: how often} of a column of indices; below 0 is none."""
    column = column[column >= 0]
    counted = np.bincount(column, minlength=len(codes))
    return {code: int(n) for code, n in zip(codes, counted, strict=True)}

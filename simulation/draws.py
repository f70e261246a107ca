"""Random numbers by counting, not by state: one stream per concern, keyed by letter.

A draw is a hash of (seed, concern, key, index), so it depends on nothing else: not on
the order of events, on other letters, on staff, or on the process. Changing one stream
leaves the others as they were. The hash is splitmix64 (Steele, Lea and Flood, 2014).
"""

import hashlib

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
TO_UNIT = 2.0**-53

# Acklam's rational approximation of the normal quantile, relative error below 1.2e-9.
A = (-39.69683028665376, 220.9460984245205, -275.9285104469687,
      138.3577518672690, -30.66479806614716, 2.506628277459239)  # fmt: skip
B = (-54.47609879822406, 161.5858368580409, -155.6989798598866,
      66.80131188771972, -13.28068155288572, 1.0)  # fmt: skip
C = (-0.007784894002430293, -0.3223964580411365, -2.400758277161838,
      -2.549732539343734, 4.374664141464968, 2.938163982698783)  # fmt: skip
D = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0)
TAIL = 0.02425


def uniforms(seed, concern, keys, count):
    """Return numbers strictly between 0 and 1, one row per key, `count` to a row.

    seed: any int. concern: name of the stream. keys: ints, one per letter (or day).
    Returns: float array of shape (len(keys), count).
    """
    keys = np.asarray(keys, dtype=np.uint64)
    with np.errstate(over="ignore"):
        rows = _mix(root(seed, concern) + keys * GOLDEN)
        steps = np.arange(1, count + 1, dtype=np.uint64) * GOLDEN
        bits = _mix(rows[:, None] + steps[None, :])
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * TO_UNIT


def normals(uniform):
    """Return the standard normal quantile of each number in an array between 0 and 1."""
    low = np.minimum(uniform, 1.0 - uniform)
    centre = uniform - 0.5
    square = centre * centre
    middle = centre * np.polyval(A, square) / np.polyval(B, square)
    root = np.sqrt(-2.0 * np.log(np.minimum(low, TAIL)))
    tail = np.polyval(C, root) / np.polyval(D, root)
    return np.where(low < TAIL, np.where(centre < 0, tail, -tail), middle)


def lognormals(uniform, mean, cv):
    """Return lognormal values of this mean and coefficient of variation.

    uniform: array between 0 and 1; mean, cv: numbers or arrays that broadcast with it.
    """
    variance = np.log1p(np.square(cv))
    return np.exp(np.log(mean) - variance / 2 + np.sqrt(variance) * normals(uniform))


def pick(uniform, shares):
    """Return for each number the index it falls on when the unit is cut by `shares`.

    shares: numbers that sum to 1 (the last one takes what rounding leaves).
    """
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))[:-1]
    return np.searchsorted(edges, uniform, side="right")


def root(seed, concern):
    """Return the 64 bits on which all draws of a stream hang."""
    digest = hashlib.blake2b(f"{seed}/{concern}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))


def _mix(bits):
    bits = (bits ^ (bits >> np.uint64(30))) * MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * MIX_2
    return bits ^ (bits >> np.uint64(31))

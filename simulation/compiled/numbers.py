"""Random numbers by counting: the draws of simulation/draws.py, one at a time.

The integers are the same to the last bit, and so the uniform numbers; times in seconds are
rounded, so that both ways give the same.
"""

from math import exp, log, sqrt

import numpy as np

from simulation import draws
from simulation.compiled import compiled, compiled_whole

_GOLDEN, _MIX_1, _MIX_2 = draws.GOLDEN, draws.MIX_1, draws.MIX_2
_A, _B, _C, _D = draws.A, draws.B, draws.C, draws.D
# Zero of the type of all others: Numba takes a plain constant for a type of its own, and
# would compile each function once for each.
ZERO = np.int64(0)
_TAIL, _TO_UNIT = draws.TAIL, draws.TO_UNIT


@compiled
def mix(bits):
    """Return the splitmix64 hash of 64 bits."""
    bits = (bits ^ (bits >> np.uint64(30))) * _MIX_1
    bits = (bits ^ (bits >> np.uint64(27))) * _MIX_2
    return bits ^ (bits >> np.uint64(31))


@compiled
def uniform(root, key, index):
    """Return a number between 0 and 1: of a stream (draws.root), a key and a place in its row."""
    row = mix(root + np.uint64(key) * _GOLDEN)
    bits = mix(row + np.uint64(index + 1) * _GOLDEN)
    return (np.float64(bits >> np.uint64(11)) + 0.5) * _TO_UNIT


@compiled
def _horner(coefficients, x):
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


@compiled_whole
def normal(draw):
    """Return the standard normal quantile of a number between 0 and 1 (see draws.normals)."""
    low = min(draw, 1.0 - draw)
    centre = draw - 0.5
    if low < _TAIL:
        root = sqrt(-2.0 * log(low))
        tail = _horner(_C, root) / _horner(_D, root)
        return tail if centre < 0 else -tail
    square = centre * centre
    return centre * _horner(_A, square) / _horner(_B, square)


@compiled_whole
def seconds(draw, mu, sigma, factor):
    """Return a lognormal time in whole seconds, at least 1: exp(mu + sigma × normal) × factor."""
    return max(np.int64(np.rint(exp(mu + sigma * normal(draw)) * factor)), 1)


@compiled
def pick(edges, draw):
    """Return on which piece a number falls when the unit is cut at rising `edges`."""
    for place in range(len(edges)):
        if draw < edges[place]:
            return place
    return len(edges)

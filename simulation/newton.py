"""Fitting free parameters to tuned figures: Newton's method, with a secant's corrections.

Nothing here plays anything: what a point gives is asked of `measure`, with the same random
numbers for all points. A figure's distance is the logarithm of its ratio to the target, and a
parameter's place is counted in logarithms too where its range begins above 0: most figures are
a product of rates.
"""

import math
from dataclasses import dataclass
from statistics import fmean

import numpy as np

MAX_STEPS = 8
NEAR = 0.002  # a figure is met when it is this near, or half a unit
DIGITS = 4  # of a parameter: no more can be told apart


@dataclass(frozen=True)
class Fit:
    """Where a fit ended: {parameter: value}, {figure: mean}, {figure: target}, and whether it is met."""

    parameters: dict
    figures: dict
    targets: dict
    steps: int

    @property
    def met(self):
        """Whether every figure is near its target."""
        return not self.missed()

    def missed(self):
        """Return the figures that are not near their targets."""
        return [key for key, target in self.targets.items() if not near(self.figures[key], target)]


def near(value, target):
    """Return whether a figure is met."""
    return abs(value - target) <= max(NEAR * target, 0.5)


def fit(free, start, targets, measure):
    """Return the best Fit found.

    free: priors.Free of each parameter. start: {parameter: value}, ints stay whole. targets:
    {figure: value}. measure: function of a list of points, {parameter: value}, that returns
    for each a list of {figure: value}, one a replication, in the same order of seeds.
    """
    point = rounded(start, start)
    trials = nudged(free, point)
    first, *others = measure([point, *trials])
    slopes = jacobian(free, point, first[:1], list(zip(trials, others, strict=True)), targets)
    best = _fit_at(point, first, targets, 0)
    here = best
    for step in range(1, MAX_STEPS + 1):
        if here.met:
            break
        new = stepped(free, here.parameters, here.figures, targets, slopes)
        new = rounded(new, start)
        if new == here.parameters:
            break
        there = _fit_at(new, measure([new])[0], targets, step)
        slopes = _corrected(free, slopes, here, there)
        here = there
        best = min(best, here, key=_distance)
    return best


def nudged(free, point):
    """Return a point for each parameter in which it alone is moved by a tenth, within its range."""
    points = []
    for row in free:
        value = point[row.parameter]
        by = max(value / 10, (row.high - row.low) / 50)
        moved = value + by if value + by <= row.high else value - by
        points.append(rounded({**point, row.parameter: moved}, point))
    return points


def jacobian(free, point, at_point, trials, targets):
    """Return the slopes of distances, a row a figure and a column a parameter over its range.

    at_point: [{figure: value}] of the first seeds. trials: (point, [{figure: value}]) of the same.
    """
    columns, here = [], _places(free, point)
    for n, (other, found) in enumerate(trials):
        by = _places(free, other)[n] - here[n]
        pairs = list(zip(found, at_point, strict=False))
        columns.append(
            [fmean(_far(new[key], old[key]) for new, old in pairs) / by for key in targets]
        )
    return np.array(columns).T


def stepped(free, point, figures, targets, slopes):
    """Return the point of one Newton step, held within the ranges of the parameters.

    A parameter that meets its bound stays there, and the others take up what they can.
    """
    at = _places(free, point)
    distance = np.array([_far(figures[key], target) for key, target in targets.items()])
    moving, move = np.ones(len(free), bool), np.zeros(len(free))
    for _time in range(len(free)):
        held = slopes[:, ~moving] @ move[~moving]
        move[moving] = np.linalg.lstsq(slopes[:, moving], -distance - held, rcond=None)[0]
        out = moving & ((at + move < 0) | (at + move > 1))
        if not out.any():
            break
        move[out] = np.clip(at + move, 0, 1)[out] - at[out]
        moving &= ~out
        if not moving.any():
            break
    return {row.parameter: _value(row, place) for row, place in zip(free, at + move, strict=True)}


def _places(free, point):
    """Return where each parameter stands in its range, from 0 to 1."""
    places = []
    for row in free:
        low, value, high = row.low, point[row.parameter], row.high
        if row.low > 0:
            low, value, high = math.log(low), math.log(max(value, 1e-9)), math.log(high)
        places.append((value - low) / (high - low))
    return np.array(places)


def _value(row, place):
    """Return the value that stands at a place of a parameter's range."""
    if row.low > 0:
        return float(row.low * (row.high / row.low) ** place)
    return float(row.low + place * (row.high - row.low))


def _far(value, target):
    """Return how far a count is from another; nothing at all counts as a half."""
    return math.log(max(value, 0.5) / max(target, 0.5))


def _corrected(free, slopes, before, after):
    """Return the slopes with Broyden's correction: they now explain the last step."""
    move = _places(free, after.parameters) - _places(free, before.parameters)
    seen = np.array([_far(after.figures[key], before.figures[key]) for key in before.targets])
    return slopes + np.outer(seen - slopes @ move, move) / (move @ move)


def _fit_at(point, found, targets, step):
    figures = {key: fmean(values[key] for values in found) for key in targets}
    return Fit(point, figures, targets, step)


def _distance(fit):
    return sum(_far(fit.figures[key], target) ** 2 for key, target in fit.targets.items())


def rounded(point, like):
    """Return a point in values that a file can hold: whole where `like` is, else of few digits."""
    return {
        name: max(1, round(value)) if isinstance(like[name], int) else _digits(value)
        for name, value in point.items()
    }


def _digits(value):
    if not value:
        return 0.0
    return round(float(value), DIGITS - 1 - math.floor(math.log10(abs(value))))

"""Fitting: free parameters of made-up models are found again, within their ranges."""

import random

import pytest

from simulation import newton
from simulation.priors import Free

FREE = (
    Free("done", "solved", 0.2, 0.8, (0.2, 0.8)),
    Free("growth", "autumn", 0.0, 1.0, (0.0, 1.0)),
    Free("every", "rules", 50, 1000, (50, 1000)),
)
TRUTH = {"done": 0.43, "growth": 0.31, "every": 300}
START = {"done": 0.30, "growth": 0.10, "every": 500}


def model(point):
    """Return what a mailbox of a formula has; all parameters work on all figures but rules."""
    done, growth = point["done"], point["growth"]
    return {
        "solved": 60_000 * done * (1 + 0.5 * growth),
        "autumn": 37_000 * done * (1 + 0.2 * growth),
        "rules": 27_000 / point["every"],
    }


class Asked:
    """A measure that counts what it is asked, and adds the same noise to every point."""

    def __init__(self, noise=0.0, replications=4):
        self.points, chance = [], random.Random(1)
        self.noise = [chance.gauss(1, noise) for _n in range(replications)]

    def __call__(self, points):
        self.points += points
        return [
            [{key: value * factor for key, value in model(point).items()} for factor in self.noise]
            for point in points
        ]


def fitted(free=FREE, start=START, truth=TRUTH, measure=None):
    measure = measure or Asked()
    return newton.fit(free, start, model(truth), measure)


def test_parameters_are_found_again():
    found = fitted()
    assert found.met and not found.missed()
    assert found.parameters["done"] == pytest.approx(0.43, abs=0.004)
    assert found.parameters["growth"] == pytest.approx(0.31, abs=0.03)
    assert found.parameters["every"] == pytest.approx(300, abs=2)


def test_they_are_found_with_few_questions():
    asked = Asked()
    fitted(measure=asked)
    assert len(asked.points) <= 1 + len(FREE) + 4


def test_shared_noise_moves_the_parameters_and_not_the_fit():
    found = fitted(measure=Asked(noise=0.01))
    assert found.met


def test_a_fit_that_is_good_already_stays_where_it_is():
    found = fitted(start=TRUTH)
    assert (found.parameters, found.steps) == (TRUTH, 0)


def test_the_same_question_has_the_same_answer():
    assert fitted() == fitted()


def test_a_whole_number_stays_one_and_others_have_few_digits():
    found = fitted()
    assert isinstance(found.parameters["every"], int)
    assert len(f"{found.parameters['done']}".removeprefix("0.")) <= 4


def test_what_cannot_be_met_within_the_range_ends_at_the_bound_as_near_as_can_be():
    narrow = (Free("done", "solved", 0.2, 0.35, (0.2, 0.35)), *FREE[1:])
    # Solved and autumn both hang on done: growth alone can serve one of them at most.
    asked = Asked()
    found = fitted(free=narrow, measure=asked)
    assert not found.met
    assert found.parameters["done"] == 0.35
    assert "rules" not in found.missed()
    for point in asked.points:
        assert all(row.low <= point[row.parameter] <= row.high for row in narrow)


def test_fewer_parameters_than_figures_end_at_the_least_distance():
    found = newton.fit(FREE[:1], {"done": 0.3}, {"solved": 26_000, "autumn": 15_000},
                        lambda points: [[model({**TRUTH, **p})] for p in points])  # fmt: skip
    assert not found.met
    low, high = sorted(value / found.targets[key] for key, value in found.figures.items())
    assert low < 1 < high and high - low < 0.2

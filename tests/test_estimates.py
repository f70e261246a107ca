"""Intervals from replications, against tables and by trial."""

import random

import pytest

from simulation import estimates


@pytest.mark.parametrize(
    ("freedom", "t"),
    # Student's t at 97.5 %, as any table has it.
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (10, 2.228), (19, 2.093), (120, 1.980)],
)  # fmt: skip
def test_quantiles_are_those_of_the_tables(freedom, t):
    assert estimates.t_quantile(freedom) == pytest.approx(t, abs=0.0006)


def test_other_certainties_too():
    assert estimates.t_quantile(10, 0.99) == pytest.approx(3.169, abs=0.001)
    assert estimates.t_quantile(10, 0.90) == pytest.approx(1.812, abs=0.001)


def test_interval_of_a_mean_by_hand():
    # mean 3, standard deviation 1.5811, t(4) = 2.776: 3 ± 1.963
    assert estimates.interval([1, 2, 3, 4, 5]) == pytest.approx((3, 1.037, 4.963), abs=0.001)


def test_one_value_has_no_interval():
    assert estimates.interval([7]) == (7, None, None)
    with pytest.raises(ValueError, match="at least 2"):
        estimates.prediction([7])


def share_held(make, trials=1000):
    """Return how often make(random) says that its interval held."""
    chance = random.Random(1)
    return sum(make(chance) for _trial in range(trials)) / trials


def test_mean_lies_in_its_interval_95_times_of_100():
    def held(chance):
        _mean, low, high = estimates.interval([chance.gauss(10, 3) for _n in range(8)])
        return low <= 10 <= high

    assert share_held(held) == pytest.approx(0.95, abs=0.02)


def test_next_outcome_lies_in_the_prediction_95_times_of_100():
    def held(chance):
        low, high = estimates.prediction([chance.gauss(10, 3) for _n in range(8)])
        return low <= chance.gauss(10, 3) <= high

    assert share_held(held) == pytest.approx(0.95, abs=0.02)


def test_paired_differences_see_what_unpaired_ones_can_not():
    chance = random.Random(2)
    shared = [chance.gauss(100, 30) for _n in range(10)]
    more = [value + 1 + chance.gauss(0, 0.1) for value in shared]
    mean, low, high = estimates.paired(more, shared)
    assert 0.8 < low < mean < high < 1.2
    _mean, one_low, one_high = estimates.interval(shared)
    assert one_high - one_low > 20


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="zip"):
        estimates.paired([1, 2], [1])

"""What is more than chance: by examples one can check, and by many weeks of known chance."""

import numpy as np
import pytest

from cases import bands

QUIET = np.array([4, 6, 5, 5, 3, 7, 5, 5])


def test_level_is_that_of_the_weeks_before():
    found = bands.band(QUIET, 1.0)
    assert found.mean == pytest.approx(40.5 / 8)
    assert (found.least, found.most) == (1, 10)


@pytest.mark.parametrize("count, likely", [(5, True), (9, True), (12, False), (20, False)])
def test_many_more_than_before_are_unlikely(count, likely):
    assert (bands.chance(count, QUIET, 1.0) > 0.05) == likely


def test_chance_of_any_week_is_one_and_falls_with_the_count():
    chances = [bands.chance(n, QUIET, 1.0) for n in range(30)]
    assert chances[0] == pytest.approx(1)
    assert chances == sorted(chances, reverse=True) and chances[-1] < 1e-6


def test_weeks_that_vary_more_widen_the_band():
    assert bands.chance(12, QUIET, 3.0) > 2 * bands.chance(12, QUIET, 1.0)
    assert bands.band(QUIET, 3.0).most > bands.band(QUIET, 1.0).most


def test_fewer_weeks_say_less():
    assert bands.chance(12, QUIET[:4], 1.0) > bands.chance(12, QUIET, 1.0)


def test_what_never_came_may_come_once():
    nothing = np.zeros(8, int)
    assert bands.chance(1, nothing, 1.0) > 0.05 > bands.chance(3, nothing, 1.0)


def test_great_numbers_are_no_harder():
    before = np.full(13, 40_000)
    assert bands.chance(40_000, before, 1.0) == pytest.approx(0.5, abs=0.01)
    assert bands.chance(80_000, before, 1.0) < 1e-9
    found = bands.band(before, 1.0)
    assert found.least == pytest.approx(40_000 - 407, abs=5)
    assert found.most == pytest.approx(40_000 + 407, abs=5)


def test_spread_is_one_for_single_letters_and_more_for_bursts():
    draw = np.random.default_rng(1)
    single = draw.poisson(20, (300, 13))
    bursts = draw.negative_binomial(20 / 3, 1 / 4, (300, 13))  # mean 20, variance 80
    assert bands.spread(single) == pytest.approx(1, abs=0.05)
    assert bands.spread(bursts) == pytest.approx(4, abs=0.3)
    assert bands.spread(np.zeros((5, 13))) == 1.0
    assert bands.spread(np.ones((5, 1))) == 1.0


def test_false_alarms_are_as_rare_as_said():
    draw = np.random.default_rng(2)
    with_one = 0
    for _week in range(200):  # nothing ever happens: any alarm is false
        weeks = draw.poisson(8, (100, 14))
        before, now = weeks[:, :13], weeks[:, 13]
        factor = bands.spread(before)
        chances = [bands.chance(n, rows, factor) for n, rows in zip(now, before, strict=True)]
        with_one += bool(bands.standing_out(chances))
    assert with_one / 200 <= bands.FALSE_ALARMS + 0.05


def test_what_doubles_is_found():
    draw = np.random.default_rng(3)
    found = 0
    for _week in range(50):
        weeks = draw.poisson(20, (100, 14))
        weeks[7, 13] = 45
        before, now = weeks[:, :13], weeks[:, 13]
        factor = bands.spread(before)
        chances = [bands.chance(n, rows, factor) for n, rows in zip(now, before, strict=True)]
        found += 7 in bands.standing_out(chances)
    assert found >= 45


STEPS = [
    ([0.01, 0.5, 0.9], 0.10, {0}),
    ([0.05, 0.5, 0.9], 0.10, set()),  # 0.05 > 0.10 · 1/3
    ([0.03, 0.06, 0.9], 0.10, {0, 1}),
    ([0.06, 0.06, 0.9], 0.10, {0, 1}),  # the second lifts the first
    ([], 0.10, set()),
    ([1.0, 1.0], 0.10, set()),
]


@pytest.mark.parametrize("chances, limit, expected", STEPS)
def test_steps_of_benjamini_and_hochberg(chances, limit, expected):
    assert bands.standing_out(chances, limit) == expected

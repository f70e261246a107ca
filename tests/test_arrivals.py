"""Arrivals: how many, when, for whom, by whom, and that chance hangs on the letter alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from cases.calendars import official_days
from simulation import arrivals, coming, scenario
from simulation.model import DAY

YEAR = scenario.load("guangdong-2021")


@pytest.fixture(scope="module")
def year():
    return arrivals.draw(YEAR, 1)


@pytest.fixture(scope="module")
def letters(year):
    return list(year)


def test_the_inputs_are_met_exactly(year):
    assert len(year) == 93300
    assert (year.at < 153 * DAY).sum() == 58884


def test_letters_are_numbered_in_time_order_within_the_year(year, letters):
    assert [letter.number for letter in letters] == list(range(1, len(year) + 1))
    assert (np.diff(year.at) >= 0).all()
    assert year.at[0] >= 0 and year.at[-1] < YEAR.horizon


def test_a_letter_can_be_looked_up(year, letters):
    assert year[4711] == letters[4711]
    assert list(year.between(10, 13)) == letters[10:13]


@pytest.mark.parametrize("code", ["440100", "440300", "441900", "440600", "445300"])
def test_city_shares_are_met_within_chance(letters, code):
    city = next(city for city in YEAR.cities if city.code == code)
    mine = [letter for letter in letters if letter.city == code]
    expected = city.share * len(letters)
    assert len(mine) == pytest.approx(expected, abs=4 * expected**0.5)
    up = sum(letter.mailbox == "440000" for letter in mine)
    assert up / len(mine) == pytest.approx(city.to_department, abs=2 / len(mine) ** 0.5)
    assert {letter.unit for letter in mine} == set(city.units)


def test_kinds_and_categories_are_met_within_chance(letters):
    kinds = Counter(letter.kind for letter in letters)
    for kind, share in YEAR.kinds.items():
        assert kinds[kind] / len(letters) == pytest.approx(share, abs=0.01)
    help_ = Counter(letter.category for letter in letters if letter.kind == "help")
    for category, share in YEAR.categories["help"].items():
        assert help_[category] / help_.total() == pytest.approx(share, abs=0.015)


def test_hours_have_the_shape_that_was_measured(year):
    hours = np.bincount(year.at % DAY // 3600, minlength=24) / len(year)
    assert hours == pytest.approx(np.array(YEAR.arrivals.hours), abs=0.005)
    assert hours.argmax() == 10


def test_weekdays_have_the_shape_that_was_measured():
    """Levels, without their scatter by chance."""
    hours = coming.hourly_levels(replace(YEAR, arrivals=replace(YEAR.arrivals, daily_cv=0.0)), 1)
    daily = hours.reshape(-1, 24).sum(axis=1)
    week = daily[[191 + d for d in range(5)]]  # from Monday 2021-11-08, without a holiday
    assert week / week.sum() == pytest.approx(np.array(YEAR.arrivals.weekdays), abs=0.006)


def test_days_off_bring_fewer_letters(year):
    """2021-10-01 to 07 was a holiday, the Saturday after it was worked."""
    daily = np.bincount(year.at // DAY, minlength=365)
    first = YEAR.start.toordinal()
    works = np.array(
        [official_days().is_workday(YEAR.start.fromordinal(first + d)) for d in range(365)]
    )
    late = np.arange(365) >= 153
    ratio = daily[late & ~works].mean() / daily[late & works].mean()
    assert ratio == pytest.approx(YEAR.arrivals.day_off, abs=0.06)
    assert daily[153:160].max() < daily[161]


def test_days_scatter_more_than_chance_alone(year):
    """Variance over mean is 1 for Poisson; a daily level of 26 % adds mean × 0.07."""
    daily = np.bincount(year.at // DAY, minlength=365)
    works = [d for d in range(200, 365) if official_days().is_workday(_day(d))]
    values = daily[works]
    assert 4 < values.var() / values.mean() < 30


def _day(number):
    return YEAR.start.fromordinal(YEAR.start.toordinal() + number)


def test_launch_surges(year):
    daily = np.bincount(year.at // DAY, minlength=365)
    assert daily[:28].mean() > 3 * daily[-28:].mean()


def test_some_write_again(letters):
    writers = Counter(letter.writer_number for letter in letters)
    assert 1.6 <= len(letters) / len(writers) <= 2.8
    assert sorted(writers) == list(range(1, len(writers) + 1))


def test_a_letter_that_repeats_a_matter_is_like_the_first(letters):
    repeats = [letter for letter in letters if letter.repeats]
    assert len(repeats) / len(letters) == pytest.approx(YEAR.arrivals.same_matter, abs=0.01)
    for letter in repeats:
        first = letters[letter.repeats - 1]
        assert first.number < letter.number and first.repeats == 0
        for name in ("writer_number", "city", "unit", "kind", "category", "confidential"):
            assert getattr(first, name) == getattr(letter, name)


def test_same_seed_gives_the_same_letters_and_another_seed_others(letters):
    assert list(arrivals.draw(YEAR, 1)) == letters
    other = list(arrivals.draw(YEAR, 2))
    assert sum(a == b for a, b in zip(letters, other, strict=True)) < 10


def test_a_smaller_year_is_a_part_of_the_larger(letters):
    small = list(arrivals.draw(YEAR.scaled(9330), 1))
    by_key = {letter.key: letter for letter in letters}
    moved = 0
    for letter in small:
        large = by_key[letter.key]
        assert (large.city, large.mailbox) == (letter.city, letter.mailbox)
        if letter.repeats == large.repeats == 0:
            assert (large.kind, large.category, large.unit) == (
                letter.kind,
                letter.category,
                letter.unit,
            )
        moved += abs(large.at - letter.at) > 3600
    assert moved < 0.01 * len(small)


def test_more_of_one_kind_keeps_the_others_letters(letters):
    """Shares cut the letter's own draw, so what does not move stays."""
    kinds = {**YEAR.kinds, "praise": 0.02, "other": 0.0}
    other = list(arrivals.draw(replace(YEAR, kinds=kinds), 1))
    changed = sum(a.kind != b.kind for a, b in zip(letters, other, strict=True))
    assert changed == pytest.approx(0.01 * len(letters), rel=0.2)


def test_staff_changes_no_letter(letters):
    assert list(arrivals.draw(YEAR.with_staff(0.5), 1)) == letters


def test_levels_between_checkpoints_add_up():
    hours = coming.hourly_levels(YEAR, 7)
    assert hours[: 153 * 24].sum() == pytest.approx(58884)
    assert hours.sum() == pytest.approx(93300)
    assert (hours > 0).all()


def test_several_checkpoints_are_all_met():
    points = ((31, 300), (100, 420), (365, 1000))
    some = replace(
        YEAR, letters=1000, arrivals=replace(YEAR.arrivals, checkpoints=points, daily_cv=0.0)
    )
    at = arrivals.draw(some, 3).at
    assert [(at < day * DAY).sum() for day, _ in points] == [300, 420, 1000]


@pytest.mark.parametrize("name", ["guangdong-2021", "building-site"])
def test_windows_of_time_on_disk_give_the_letters_of_the_year_held_whole(name, monkeypatch):
    """Small windows, so that a letter repeats one of the same window, of an earlier one, or none."""
    year = scenario.load(name).scaled(5000)
    whole = list(arrivals.draw(year, 3))
    monkeypatch.setattr(coming, "AT_ONCE", 150)
    parts = list(arrivals.windows(year, 3))
    assert len(parts) > 20
    assert [letter for part in parts for letter in part] == whole
    window = np.repeat(range(len(parts)), [len(part) for part in parts])
    back = {window[a.number - 1] - window[a.repeats - 1] for a in whole if a.repeats}
    assert {0, 1, 2, 3} <= back

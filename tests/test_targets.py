"""Targets: read with their units, refused in one line, met with confidence or not."""

import pytest

from simulation import replication, scenario, targets
from simulation.targets import TargetError
from tests import two_cities


@pytest.mark.parametrize(
    ("text", "name", "at_least", "limit"),
    [
        ("on_time>=0.99", "on_time", True, 0.99),
        ("on_time >= 99%", "on_time", True, 0.99),
        ("first_contact_p90<=30m", "first_contact_p90", False, 0.5),
        ("reply_mean<=3d", "reply_mean", False, 72.0),
        ("reply_p50<=36h", "reply_p50", False, 36.0),
        ("backlog_max<=500", "backlog_max", False, 500.0),
    ],
)
def test_a_target_has_a_name_a_side_and_a_limit_in_its_unit(text, name, at_least, limit):
    found = targets.parse(text)
    assert (found.name, found.at_least) == (name, at_least)
    assert found.limit == pytest.approx(limit)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("on_tiem>=0.99", "on_tiem is no figure that can be a target; near it: on_time"),
        ("zzz>=1", "known: on_time, contact_on_time"),
        ("on_time=0.99", "must be NAME>=VALUE"),
        ("on_time>=lots", "must be NAME>=VALUE"),
        ("on_time>=-1", "must be NAME>=VALUE"),
        ("on_time>=1.5", "a share can't be more than 1"),
        ("on_time>=101%", "a share can't be more than 1"),
        ("on_time>=3h", "on_time is in share: give a share or %"),
        ("reply_p90<=3", "reply_p90 is in hours: give s, m, h or d"),
        ("backlog_max<=3d", "backlog_max is in letters: give a number"),
    ],
)
def test_what_is_no_target_is_refused_in_one_line(text, says):
    with pytest.raises(TargetError) as refusal:
        targets.parse(text)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_no_target_and_the_same_one_twice_are_refused():
    with pytest.raises(TargetError, match="at least one --target"):
        targets.together([])
    with pytest.raises(TargetError, match="on_time is given twice"):
        targets.together(["on_time>=0.9", "on_time>=0.95"])
    assert len(targets.together(["reply_p50>=1h", "reply_p50<=9d"])) == 2


def test_every_name_is_a_figure_of_a_replication():
    chosen = scenario.parse(two_cities.text(), two_cities.NAME)
    values = replication.values(replication.play(chosen, 1), chosen)
    assert set(targets.NAMES) <= set(values)


def test_a_target_is_met_if_one_more_outcome_would_meet_it_with_confidence():
    target = targets.together(["on_time>=0.9"])
    narrow = [{"on_time": value} for value in (0.95, 0.95, 0.96, 0.94)]
    wide = [{"on_time": value} for value in (0.99, 0.91, 0.99, 0.91)]
    assert targets.all_met(target, narrow, 0.95)
    assert not targets.surely_missed(target, wide)
    assert not targets.all_met(target, wide, 0.95)


def test_the_bound_is_student_s_of_a_single_outcome():
    # Mean 10, deviation 1, of 4: t(3) at 95 % one-sided is 2.3534, times the root of 1.25.
    values = [10 - 1.5**0.5, 10.0, 10.0, 10 + 1.5**0.5]
    assert targets.parse("reply_p50<=12h").bound(values, 0.95) == pytest.approx(12.631, abs=1e-3)
    assert targets.parse("reply_p50>=8h").bound(values, 0.95) == pytest.approx(7.369, abs=1e-3)


def test_a_figure_that_no_letter_reached_misses_every_target():
    plays = [{}, {"reply_p90": 3.0}]
    most = targets.together(["reply_p90<=9d"])
    assert targets.surely_missed(most, plays)
    assert targets.shown("reply_p90", most[0].bound(targets.series(most[0], plays), 0.9)) == "never"

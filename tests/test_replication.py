"""A replication: the figures of a scenario and a seed, without a database."""

import numpy as np
import pytest

from cases import policy as policies
from simulation import arrivals, replication, scenario
from simulation.model import DAY

YEAR = scenario.load("guangdong-2021")
FEW = YEAR.scaled(1500)


@pytest.fixture(scope="module")
def outcome():
    return replication.play(FEW, 5)


@pytest.fixture(scope="module")
def values(outcome):
    return replication.values(outcome, FEW)


def test_its_books_balance_and_count_every_letter(outcome, values):
    assert outcome.tally.books()["balanced"]
    assert values["received"] == 1500
    assert all(len(delays) == 1500 for delays in outcome.delays.values())


def test_the_same_seed_gives_the_same_values_and_another_one_others(values):
    assert replication.values(replication.play(FEW, 5), FEW) == values
    assert replication.values(replication.play(FEW, 6), FEW) != values


def test_delays_are_hours_of_the_letters_that_got_so_far(outcome, values):
    seconds = outcome.delays["reply"]
    hours = seconds[seconds != replication.NEVER] / 3600
    assert np.sum(seconds != replication.NEVER) == values["replied"]
    assert values["reply_p50"] == pytest.approx(np.quantile(hours, 0.5))
    assert values["first_contact_p50"] < values["reply_p50"] < values["close_p50"]


def test_little_s_law_holds(outcome):
    assert outcome.opened.little()["difference"] == pytest.approx(0, abs=0.02)


def test_published_figures_are_computed_up_to_their_day(values):
    assert values["figure:autumn-received"] <= values["figure:november-received"]
    assert values["figure:november-received"] <= values["figure:year-received"] == 1500
    assert 0 < values["figure:autumn-reply-rate"] <= 100
    assert "figure:shenzhen-solved-2-years" not in values


def test_crimes_are_a_part_of_the_incidents(values):
    assert 0 < values["criminal_incidents"] < values["incidents"]


def test_the_scenario_s_own_promises_go_before_the_policy_s():
    assert replication.policy_of(YEAR) is policies.load()
    short = scenario.load("guangdong-2021", {"deadline.reply.help": 3})
    policy = replication.policy_of(short)
    assert policy.length("city", "help", "reply").text == "3d"
    assert policy.length("city", "complaint", "reply") == policies.load().length(
        "city", "complaint", "reply"
    )


def test_a_shorter_promise_is_kept_less_often(values):
    hard = scenario.load("guangdong-2021", {"deadline.reply.help": 3}).scaled(1500)
    assert replication.values(replication.play(hard, 5), hard)["on_time"] < values["on_time"]


def test_backlog_is_what_is_open(outcome, values):
    assert values["backlog_end"] == outcome.tally.books()["open"]
    assert values["backlog_max"] == outcome.opened.hourly().max()
    assert values["backlog_last_week"] == outcome.opened.hourly()[-7 * DAY // 3600 :].mean()


def test_letters_are_counted_by_the_day_they_came(outcome):
    arrived = arrivals.draw(FEW, 5).at // DAY
    assert outcome.received.tolist() == np.bincount(arrived, minlength=FEW.days).tolist()


def test_letters_that_did_not_get_so_far_are_told(outcome, values):
    assert values["reply_missing"] + values["replied"] == 1500
    assert values["response_missing"] + values["responded"] == 1500
    assert values["close_missing"] > values["reply_missing"] > values["response_missing"] >= 0


def test_groups_of_stations_are_busy_for_a_part_of_their_time(values):
    for group in replication.GROUPS:
        assert 0 < values[f"{group}_utilisation"] < 1

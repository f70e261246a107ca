"""A run's report: books that can fail, Little's law, intervals, and what is set beside what."""

import copy
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from cases.statistics import CHINA, Tally
from cases.transitions import OPEN
from simulation import checks, counting, engine, printing, published, runs, shards
from simulation import scenario as scenarios
from simulation.model import DAY
from simulation.models import Run
from tests.played import Played, tally
from tests.reports import no_tasks_left, small_run  # noqa: F401
from tests.timelines import folded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

YEAR = scenarios.load("guangdong-2021")
MIDNIGHT = datetime(2021, 5, 1, tzinfo=CHINA)
START = YEAR.start


# -- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "whole", "low", "high"),
    [
        (0, 100, 0, 0),
        (100, 100, 100, 100),
        (50, 100, 40.2, 59.8),  # 50 ± 1.96 · 5
        (1, 100, 0, 2.950),  # never below nothing
        (10_000, 1_000_000, 9_804.99, 10_195.01),
        (0, 0, 0, 0),
    ],
)
def test_interval_of_a_count(count, whole, low, high):
    assert published.by_chance(count, whole) == pytest.approx((low, high), abs=0.01)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Wilson's interval as in Newcombe, Statistics in Medicine 17 (1998), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_interval_of_a_share(part, whole, low, high):
    assert published.share_by_chance(part, whole) == pytest.approx((low, high), abs=0.0001)


def test_share_of_nothing_has_no_interval():
    assert published.share_by_chance(0, 0) == (None, None)


def test_interval_holds_in_95_of_100():
    draws = np.random.default_rng(1).binomial(10_000, 0.03, size=2_000)
    held = [low <= 300 <= high for low, high in (published.by_chance(n, 10_000) for n in draws)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


# -- what is set beside what -----------------------------------------------------------------------


def counted(**counts):
    """Return a Tally of so many of each measure, all on the first day."""
    found = Tally()
    for name, n in counts.items():
        found.daily[name, START.isoformat()] = n
    return found


def checked(found, scenario=YEAR, spread=None):
    """Return {key: check} of a tally."""
    return {row["key"]: row for row in checks.rows(found, scenario, spread)}


def spread_about(**values):
    """Return intervals of so many figures: ± 10 by chance, ± 100 with priors."""
    figures = {
        key.replace("_", "-"): {"chance": [n - 10, n + 10], "priors": [n - 100, n + 100]}
        for key, n in values.items()
    }
    return {"replications": 20, "figures": figures}


def test_input_is_never_judged():
    spread = spread_about(year_received=93_300, year_thanks=3_135)
    rows = checked(counted(received=93_300), YEAR, spread)
    assert rows["year-received"]["role"] == "input"
    assert rows["year-received"]["ok"] is None
    assert rows["year-thanks"]["ok"] is True
    assert (rows["year-thanks"]["low"], rows["year-thanks"]["prior_low"]) == (3_125, 3_035)


def test_nothing_is_judged_without_replications():
    rows = checked(counted(received=93_300, thanks=3_135)).values()
    assert rows
    assert {(row["ok"], row["prior_low"]) for row in rows} == {(None, None)}
    assert all(row["low"] <= row["simulated"] <= row["high"] for row in rows)


def test_the_second_interval_judges_and_not_the_first():
    spread = spread_about(year_thanks=3_200, autumn_solved=13_400)
    rows = checked(counted(received=93_300), YEAR, spread)
    assert not rows["year-thanks"]["low"] <= 3_135 <= rows["year-thanks"]["high"]
    assert rows["year-thanks"]["ok"] is True
    assert rows["autumn-solved"]["ok"] is False


@pytest.mark.parametrize(("thanks", "main", "other"), [(3135, True, False), (2750, False, True)])
def test_both_numbers_of_thanks_are_judged_each_by_itself(thanks, main, other):
    spread = spread_about(year_thanks=thanks, year_thanks_other=thanks)
    rows = checked(counted(received=93_300, thanks=thanks), YEAR, spread)
    one, two = rows["year-thanks"], rows["year-thanks-other"]
    assert (one["published"], two["published"]) == (3135, 2750)
    assert (one["ok"], two["ok"]) == (main, other)
    assert two["variant_of"] == "year-thanks"
    assert one["simulated"] == two["simulated"] == thanks


def test_figure_of_a_span_counts_that_span_alone():
    found = counted(received=93_300)
    found.daily["solved", "2021-09-30"] = 7
    found.daily["solved", "2021-10-01"] = 5
    rows = checked(found)
    assert rows["autumn-solved"]["simulated"] == 7
    assert rows["year-solved"]["simulated"] == 12


def test_reply_rate_is_of_letters_received_with_those_declined():
    found = counted(received=1000, replied=930, declined=40)
    row = checked(found)["autumn-reply-rate"]
    assert row["simulated"] == pytest.approx(97.0)
    assert row["low"] < 97 < row["high"] < 100


def test_scaled_run_is_set_against_nothing():
    rows = checked(counted(received=300, thanks=10), YEAR.scaled(300)).values()
    assert rows
    assert {(row["published"], row["ok"]) for row in rows} == {(None, None)}


def test_figure_after_the_scenarios_end_is_left_out():
    short = checked(counted(received=93_300), replace(YEAR, days=153))
    assert "autumn-received" in short
    assert "year-thanks" not in short
    ends = START + timedelta(days=152)
    assert all(row["as_of"] <= ends.isoformat() for row in short.values())


def test_headline_is_responded_within_the_year():
    """The figure after the last letter is answered is never set against 93,300."""
    found = counted(received=93_300, responded=93_000)
    found.daily["responded", "2022-05-01"] = 300
    headline = [row for row in checked(found).values() if row["published"] == 93_300]
    responded = [row for row in headline if row["measure"] == "responded"]
    assert [row["simulated"] for row in responded] == [93_000]


# -- books and Little's law ------------------------------------------------------------------------


@pytest.fixture
def played():
    """The facts and events of 300 letters."""
    letters = engine.run(YEAR.scaled(300), 2).letters()
    units = shards.unit_table(0)
    return [folded(arrival, timeline, MIDNIGHT, units) for arrival, timeline in letters]


def books(played):
    found = Tally()
    for facts, steps in played:
        found.add_case(facts, steps, facts.unit_id)
    return found.books()


def test_books_of_a_run_balance_and_any_lost_event_breaks_them(played):
    assert books(played)["balanced"]
    broken = Counter()
    for action in ("receive", "close", "decline", "merge", "transfer_out"):
        place, seq = next(
            (place, seq)
            for place, (_facts, steps) in enumerate(played)
            for seq, step in enumerate(steps)
            if step.action == action
        )
        facts, steps = played[place]
        lost = [*played[:place], (facts, [*steps[:seq], *steps[seq + 1 :]]), *played[place + 1 :]]
        broken[action] = not books(lost)["balanced"]
    assert set(broken.values()) == {True}, broken


def test_event_that_says_another_state_breaks_the_books(played):
    place, closing = next(
        (place, step)
        for place, (_facts, steps) in enumerate(played)
        for step in steps
        if step.action == "close"
    )
    changed = copy.copy(closing)
    changed.new_state = "replied"
    facts, steps = played[place]
    steps = [changed if step is closing else step for step in steps]
    assert not books([*played[:place], (facts, steps), *played[place + 1 :]])["balanced"]


def test_a_case_counted_twice_in_its_state_alone_breaks_the_books():
    found = tally(Played("accept"), Played("decline"))
    assert found.books()["balanced"]
    found.states[next(iter(found.states))] += 1
    assert not found.books()["balanced"]


def test_littles_law_holds_by_two_code_paths():
    little = small_run().report["little"]
    assert little["seen"] > 1
    assert little["own"] > 1
    assert abs(little["difference"]) < 0.01
    assert little["seen"] != little["own"]  # they are not one number twice


def test_littles_law_can_fail(played):
    opened = counting.OpenCount(YEAR.days * DAY)
    events = [event for _facts, events in played for event in events]
    opened.add(
        np.cumsum([0, *(len(events) for _facts, events in played)]),
        np.array([(event.at - MIDNIGHT).total_seconds() for event in events], np.int64),
        np.array([event.new_state in OPEN for event in events]),
    )
    assert abs(opened.little()["difference"]) < 0.01
    opened.net[100] += 1  # an arrival that is no letter's
    assert abs(opened.little()["difference"]) > 0.01


def test_open_letters_are_counted_by_hand():
    """One letter is open from 0:30 to 2:00 and again from 3:00 to the end, 5:00; one for an hour."""
    at = 60 * np.array([30, 120, 180, 60, 120])
    is_open = np.array([True, False, True, True, False])
    opened = counting.OpenCount(5 * 3600)
    opened.add(np.array([0, 3, 5]), at, is_open)
    assert opened.letter_seconds == (90 + 120 + 60) * 60
    assert opened.hourly().tolist() == [0, 2, 0, 1, 1]
    counts = counting.Counts(START, 5 * 3600)
    counts.opened = opened
    other = counting.Counts(START, 5 * 3600)
    other.add_packed(counts.pack())
    assert other.opened.little() == opened.little()


def test_shards_add_up_to_the_run(monkeypatch):
    whole = small_run(seed=5)
    monkeypatch.setattr(runs, "SHARD_LETTERS", 70)
    parts = small_run(seed=5)
    assert (whole.shards, parts.shards) == (1, 5)
    for key in ("counts", "books", "little", "checks", "daily", "cities", "throughput", "events"):
        assert parts.report[key] == whole.report[key], key


# -- in words --------------------------------------------------------------------------------------


def test_whole_report_is_printed_with_both_numbers_of_thanks():
    run = small_run()
    spread = spread_about(year_thanks=3_150, year_thanks_other=3_150)
    rows = checked(counted(received=93_300, thanks=3_150), YEAR, spread).values()
    run.report |= {"full_size": True, "notes": [], "checks": list(rows), "replications": 20}
    lines = printing.as_text(run.report).splitlines()
    thanks = [line for line in lines if line.split()[:2] == ["thanks", "2022-04-30"]]
    assert len(thanks) == 2
    assert "3,135" in thanks[0] and "3,150" in thanks[0] and "+15" in thanks[0]
    assert thanks[0].endswith("tuned within")
    assert "2,750" in thanks[1] and "+400" in thanks[1]
    assert thanks[1].endswith("predicted missed")
    assert any(line.startswith("year-thanks-other: The same text prints both") for line in lines)
    assert any(line.startswith("Intervals from 20 replications each") for line in lines)
    assert any(line.startswith("criminal_incidents: Counted as 破获") for line in lines)
    assert any(line.startswith("incidents: Counted as 查破各类案件") for line in lines)
    received = next(line for line in lines if line.startswith("received ") and "58,884" in line)
    assert received.rstrip().endswith("input")


def test_scaled_report_says_that_it_is_and_compares_nothing():
    run = small_run()
    text = printing.as_text(run.report)
    assert "Note: arrivals and staff scaled by 0.003215, staff rounded up" in text
    assert "beside a run at full size only" in text
    assert "3,135" not in text
    assert "Books balance: received 300 = open" in text
    assert f"Digest {run.digest}" in text
    assert "no warm-up is cut off" in text
    assert Run.objects.get(pk=run.pk).report["checks"][0]["published"] is None


def test_books_that_do_not_balance_are_said_loudly():
    run = small_run()
    run.report["balanced"] = False
    assert "Books DO NOT BALANCE" in printing.as_text(run.report)

"""What happens to letters, and why: wrong dispatch, merging, pressing, outcomes and what moves them."""

from collections import Counter
from dataclasses import replace
from statistics import mean, stdev
from types import SimpleNamespace

import pytest

from cases.transitions import OPEN
from simulation import engine, letters
from simulation.model import DAY
from simulation.office import Office, unit_effects
from tests.small_year import SMALL, YEAR, played
from tests.timelines import states

UNIT = YEAR.cities[0].units[0]
# Letters that come before this have time to end.
LATE = YEAR.horizon - 60 * DAY


@pytest.fixture
def timelines():
    return played()[0]


def test_wrong_dispatches_come_back_and_the_right_unit_gets_it(timelines):
    coming, passed = played()[1], Counter()
    for number, timeline in timelines.items():
        units = [said["unit"] for _, _, said in timeline if "unit" in said]
        returns = sum(action == "return_to_desk" for _, action, _ in timeline)
        signed = [action for _, action, _ in timeline if action == "contact"]
        if signed:
            assert units[-1] == coming[number - 1].unit
            passed[returns] += 1
    assert max(passed) == 3
    shares = [passed[n] / passed.total() for n in range(4)]
    assert shares == pytest.approx(YEAR.returns, abs=0.02)


def test_department_letters_go_down_by_the_city(timelines):
    coming = played()[1]
    for number, timeline in timelines.items():
        arrival = coming[number - 1]
        moves = [(a, s["unit"]) for _, a, s in timeline if a in ("dispatch", "forward_down")]
        if not moves:
            continue
        if arrival.mailbox == "440000":
            assert moves[0] == ("dispatch", arrival.city)
        else:
            assert "forward_down" not in [action for action, _ in moves]


def test_duplicates_that_intake_does_not_notice_are_handled_again():
    noticed = {}
    for share in (0.0, 0.5, 1.0):
        year = replace(SMALL, chances={**SMALL.chances, "merge": share})
        ways = [[step[1] for step in timeline] for _, timeline in engine.run(year, 1).letters()]
        noticed[share] = sum("merge" in way for way in ways)
        assert len(ways) == SMALL.letters
    assert noticed[0.0] == 0
    assert noticed[0.5] == pytest.approx(noticed[1.0] / 2, rel=0.25)


def test_letters_are_merged_into_an_open_one_of_the_same_writer(timelines):
    coming, merged = played()[1], 0
    for number, timeline in timelines.items():
        at, action, said = timeline[-1]
        if action != "merge":
            continue
        merged += 1
        main = timelines[said["into"]]
        assert coming[said["into"] - 1].writer_number == coming[number - 1].writer_number
        before = [event for event in main if event[0] <= at]
        assert states(before)[-1] in OPEN
        assert "merge" not in [event[1] for event in main]
    assert merged > 50


def test_incidents_and_rules_have_numbers_of_their_own():
    often = replace(SMALL, outcomes=replace(SMALL.outcomes, letters_per_rule=10))
    for action, least in (("record_incident", 100), ("record_rule", 50)):
        numbers = [
            said["number"] for _, line in engine.run(often, 1) for _, a, said in line if a == action
        ]
        assert len(numbers) == len(set(numbers)) > least


def test_late_letters_are_pressed_after_the_promise_only(timelines):
    coming, pressed = played()[1], 0
    for number, timeline in timelines.items():
        arrival = coming[number - 1]
        due = arrival.at + YEAR.promises.reply[arrival.kind] * DAY
        seen = {"reopen", "ask_citizen", "extend", "reconsider"} & {a for _, a, _ in timeline}
        replied = [at for at, action, _ in timeline if action == "approve_reply"]
        urges = [at for at, action, _ in timeline if action == "urge"]
        pressed += len(urges)
        assert "reopen" in seen or all(at >= due for at in urges)
        if not seen and replied and replied[0] > due:
            assert urges == [due]
    assert pressed > 20


def test_cards_follow_urging_in_order(timelines):
    steps = ("urge", "supervise", "answer_supervision")
    for timeline in timelines.values():
        line = [(a, s.get("level", "")) for _, a, s in timeline if a in steps]
        if line and "reopen" not in [a for _, a, _ in timeline]:
            assert line == [(a, s.get("level", "")) for a, s in letters.PRESSES][: len(line)]


def test_a_silent_writer_is_taken_as_content_after_the_policys_days(timelines):
    for timeline in timelines.values():
        actions = [action for _, action, _ in timeline]
        if "close" not in actions or "rate" in actions:
            continue
        closed = actions.index("close")
        replied = max(i for i in range(closed) if actions[i] == "approve_reply")
        assert timeline[closed][0] - timeline[replied][0] == YEAR.promises.silence * DAY


def test_a_reopened_letter_is_handled_and_answered_again(timelines):
    again = [line for line in timelines.values() if "reopen" in [a for _, a, _ in line]]
    assert len(again) > 20
    for line in again:
        actions = [action for _, action, _ in line]
        at = actions.index("reopen")
        assert "approve_reply" in actions[:at] and "rate" in actions[:at]
        if line[-1][0] < LATE:
            assert actions[at:].count("approve_reply") == 1


def test_thanks_follow_solved_letters_only(timelines):
    coming, thanked = played()[1], 0
    for number, timeline in timelines.items():
        if "thank" not in [action for _, action, _ in timeline]:
            continue
        thanked += 1
        results = [said["result"] for _, _, said in timeline if "result" in said]
        assert results[-1] == "done"
        assert coming[number - 1].kind in ("help", "complaint", "report")
    assert thanked > 80


def test_units_learn():
    office = Office(YEAR, 1)
    early, late = (
        sum(office.result(problem(at=at), at, n / 1000) == "done" for n in range(1000))
        for at in (0, 364 * DAY)
    )
    assert late > 1.2 * early


def test_passing_a_letter_round_makes_it_harder_to_solve():
    office = Office(YEAR, 1)
    done = office.done["help", "traffic"] * office.effects[UNIT]
    assert office.result(problem(), 0, done * 0.95) == "done"
    assert office.result(problem(returns=3), 0, done * 0.95) != "done"


def test_what_is_answered_late_is_done_less_often():
    office = Office(replace(YEAR, outcomes=replace(YEAR.outcomes, done_growth_per_year=0)), 1)
    done = office.done["help", "traffic"] * office.effects[UNIT]
    assert office.result(problem(), 0, done * 0.95) == "done"
    assert office.result(problem(), 4 * 7 * DAY, done * 0.97) != "done"
    assert office.result(problem(), 4 * 7 * DAY, done * 0.96) == "done"


def test_units_differ_by_the_seed_and_keep_their_mean():
    one, two = (list(unit_effects(YEAR, seed).values()) for seed in (1, 2))
    assert one == list(unit_effects(SMALL, 1).values()) != two
    assert mean(one) == pytest.approx(1, abs=0.04)
    assert stdev(one) == pytest.approx(YEAR.outcomes.unit_cv, rel=0.25)
    alike = replace(YEAR, outcomes=replace(YEAR.outcomes, unit_cv=0.0))
    assert set(unit_effects(alike, 1).values()) == {1.0}


def problem(at=0, returns=0):
    """Return what the office reads of a letter that arrived at a time and was passed round."""
    return SimpleNamespace(kind="help", category="traffic", unit=UNIT, at=at, returns=returns)

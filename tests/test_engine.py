"""The engine: timelines that the table allows, the same for the same seed, and its mechanisms."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from statistics import mean, stdev
from types import SimpleNamespace

import pytest

from cases import templates_text
from cases.transitions import OPEN, State
from simulation import arrivals, codes, engine, letters, scenario
from simulation.model import DAY
from simulation.office import Office, unit_effects
from tests.timelines import states

YEAR = scenario.load("guangdong-2021")
SMALL = YEAR.scaled(5000)
UNIT = YEAR.cities[0].units[0]
# Letters that come before this have time to end.
LATE = YEAR.horizon - 60 * DAY


@cache
def played(seed=1):
    """Return {number: timeline} of the small scenario, its arrivals and its run."""
    run = engine.run(SMALL, seed)
    return dict(run), run.arrivals, run


@pytest.fixture
def timelines():
    return played()[0]


def digest(seed, **changes):
    """Return the SHA-256 of all timelines of a tiny run."""
    tiny = replace(YEAR.scaled(600), **changes)
    content = repr(list(engine.run(tiny, seed)))
    return hashlib.sha256(content.encode()).hexdigest()


# -- whole and legal -----------------------------------------------------------------------------


def test_every_timeline_is_allowed_by_the_table(timelines):
    ends = Counter(states(timeline)[-1] for timeline in timelines.values())
    assert ends.total() == 5000
    assert ends[State.CLOSED] > 4000
    for state in (State.DECLINED, State.MERGED, State.TRANSFERRED_OUT, State.IN_HAND):
        assert ends[state] > 0, state


def test_every_letter_comes_out_once(timelines):
    assert sorted(timelines) == list(range(1, 5001))


def test_a_letter_comes_out_with_its_arrival():
    tiny = YEAR.scaled(300)
    run = engine.run(tiny, 1)
    with_arrivals = list(run.letters())
    assert [(a.number, line) for a, line in with_arrivals] == list(engine.run(tiny, 1))
    assert all(run.arrivals[arrival.number - 1] == arrival for arrival, _ in with_arrivals)


def test_times_never_go_back_and_end_before_the_horizon(timelines):
    coming = played()[1]
    for number, timeline in timelines.items():
        times = [at for at, _, _ in timeline]
        assert times == sorted(times)
        assert times[-1] < SMALL.horizon
        assert timeline[0] == (coming[number - 1].at, "receive", {})


def test_unfinished_letters_stay_open(timelines):
    last = {number: states(timeline)[-1] for number, timeline in timelines.items()}
    still_open = [number for number, state in last.items() if state in OPEN]
    assert still_open
    assert all(timelines[number][0][0] > LATE for number in still_open)


def test_a_letter_has_about_ten_events(timelines):
    assert 9 <= sum(map(len, timelines.values())) / len(timelines) <= 11.5


def test_every_action_of_the_model_comes_up(timelines):
    seen = {action for timeline in timelines.values() for _, action, _ in timeline}
    assert seen >= {
        *("receive", "accept", "decline", "reconsider", "ask_citizen", "supply", "lapse"),
        *("dispatch", "forward_down", "sign", "contact", "feedback", "return_to_desk"),
        *("record_result", "propose_reply", "send_back_reply", "approve_reply", "rate", "reopen"),
        *("close", "merge", "transfer_out", "urge", "supervise", "answer_supervision", "extend"),
        *("record_incident", "thank"),
    }


def test_every_standard_text_is_there(timelines):
    used = {
        said["template"]
        for timeline in timelines.values()
        for _, _, said in timeline
        if "template" in said
    }
    assert used <= set(codes.TEMPLATES)
    assert set(codes.TEMPLATES) <= set(templates_text.TEMPLATES)


# -- the same seed, the same result --------------------------------------------------------------


def test_same_seed_gives_the_same_run_and_another_seed_another():
    assert digest(1) == digest(1) != digest(2)


def test_hash_order_does_not_leak_into_the_result():
    """P137: byte for byte the same in fresh processes."""
    code = (
        "import os, django; django.setup()\nfrom tests.test_engine import digest; print(digest(1))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hashes in ("0", "1")
    }
    assert found == {digest(1)}


def test_another_seed_for_arrivals_keeps_service_times():
    """P139: each concern has its own stream, keyed by the letter."""
    tiny = YEAR.scaled(600)
    own, other = arrivals.draw(tiny, 1), arrivals.draw(tiny, 2)

    def work(coming):
        rows = letters.rows(tiny, 1, coming, 0, len(coming))
        found = {}
        for key, row in zip(coming.key.tolist(), rows, strict=True):
            of_work, _, lags, choices, *_ = row
            found[key] = (of_work[:12], lags, choices)
        return found

    assert (own.at != other.at).any()
    assert work(own) == work(other)


def test_draws_do_not_depend_on_the_block():
    coming = arrivals.draw(YEAR.scaled(600), 1)
    whole = list(letters.rows(SMALL, 1, coming, 0, 600))
    parts = [row for a in range(0, 600, 250) for row in
             letters.rows(SMALL, 1, coming, a, min(a + 250, 600))]  # fmt: skip
    assert whole == parts


def test_staff_changes_waits_and_not_what_the_letters_bring():
    """Letters merged in one run may not be in the other: what is open then depends on waits."""
    more = dict(engine.run(SMALL.with_staff(3), 1))
    compared = 0
    for number, timeline in played()[0].items():
        ours, theirs = ([event[1] for event in line] for line in (timeline, more[number]))
        if "merge" in ours + theirs or timeline[0][0] > LATE:
            continue
        compared += 1
        for action in (
            "decline",
            "transfer_out",
            "ask_citizen",
            "return_to_desk",
            "send_back_reply",
        ):
            assert ours.count(action) == theirs.count(action)
    assert compared > 4000


def test_progress_is_told_until_the_end():
    told = []
    list(engine.run(SMALL, 1, on_progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (5000, 5000)
    assert told[:2] == [(1000, 5000), (2000, 5000)]


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_handful_of_letters_runs(count):
    assert len(list(engine.run(YEAR.scaled(count), 1))) == count


# -- mechanisms ----------------------------------------------------------------------------------


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


# -- stations ------------------------------------------------------------------------------------


def test_littles_law_holds_at_every_station():
    for name, measure in played()[2].stations.items():
        assert measure.number_integral == measure.time_there, name
        assert measure.joined == measure.served + measure.in_service + measure.waiting, name


def test_every_desk_and_unit_is_measured():
    found = played()[2].stations
    kinds = Counter(name.split()[0] for name in found)
    units = sum(len(city.units) for city in YEAR.cities)
    assert kinds == {"desk": 22, "duty": units, "handlers": units, "review": 21}
    assert sum(found[name].joined for name in found if name.startswith("handlers")) > 3000


def test_work_in_office_hours_ends_in_office_hours(timelines):
    office, coming = Office(YEAR, 1), played()[1]
    ends = [
        at
        for number, timeline in timelines.items()
        for at, action, _ in timeline
        if action == "record_result" and coming[number - 1].kind != "consult"
    ]
    assert all(office.opening(at) == at or office.opening(at - 1) == at - 1 for at in ends)
    assert len(ends) > 2000

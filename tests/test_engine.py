"""The engine: timelines that the table allows, the same for the same seed, and its stations."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from cases import templates_text
from cases.transitions import OPEN, State
from simulation import arrivals, codes, engine, letters
from simulation.model import DAY
from simulation.office import Office
from tests.small_year import SMALL, YEAR, played
from tests.timelines import states

# Letters that come before this have time to end.
LATE = YEAR.horizon - 60 * DAY


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

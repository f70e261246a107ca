"""The compiled engine equals the readable one: every event, measure, hour and day."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from simulation import engine, scenario, sources
from simulation.compiled import away, play
from tests.additions import ABSENCE, BURST

YEAR = scenario.load("guangdong-2021")
SMALL = YEAR.scaled(3000)


def slow(chosen, times):
    """Return a scenario in which officers need so many times as long for everything."""
    work = {name: replace(spread, mean=times * spread.mean) for name, spread in chosen.work.items()}
    return replace(chosen, work=work)


def unlucky(chosen):
    """Return a scenario in which all that seldom happens is common."""
    common = dict.fromkeys(chosen.chances, 0.4)
    promises = replace(
        chosen.promises,
        reply=dict.fromkeys(chosen.promises.reply, 2),
        redo=dict.fromkeys(chosen.promises.redo, 1),
        extension=dict.fromkeys(chosen.promises.extension, 3),
    )
    return replace(
        chosen,
        chances={**common, "rate": 0.8, "reopen": 0.9, "extend": 0.8},
        returns=(0.25, 0.25, 0.25, 0.25),
        promises=promises,
        arrivals=replace(chosen.arrivals, same_matter=0.3, emergency=0.1),
        outcomes=replace(chosen.outcomes, letters_per_rule=5, incident=2.0, unit_cv=0.5),
    )


BURST_AND_ABSENCE = BURST.replace("letters = 900", "letters = 30000") + ABSENCE.replace(
    '"desk"', '"handlers"\ncity = "440100"'
).replace("2021-06-02\nshare = 0.5", "2021-06-20\nshare = 1.0")
CASES = {
    "the year, smaller": SMALL,
    "long queues": slow(SMALL, 8),
    "queues that never end": slow(YEAR.scaled(1500), 60),
    "everything happens": unlucky(SMALL),
    "everything happens, and late": slow(unlucky(YEAR.scaled(1500)), 10),
    "cut after forty days": replace(
        SMALL, days=40, arrivals=replace(SMALL.arrivals, checkpoints=((40, 3000),))
    ),
    "a burst and an absence": scenario.parse(
        sources.source("guangdong-2021") + BURST_AND_ABSENCE, "mine"
    ).scaled(2000),
    "one city alone": replace(SMALL, cities=(replace(SMALL.cities[0], share=1.0),)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 20211123])
def test_both_engines_say_the_same(name, seed):
    chosen = CASES[name]
    readable, compiled = engine.run(chosen, seed), engine.run(chosen, seed)
    expected = list(readable.letters())
    found = [line for block in compiled.blocks(700) for line in block.timelines()]
    assert found == expected
    assert compiled.stations == readable.stations
    for station in readable.stations:
        for ours, theirs in zip(compiled.hours[station], readable.hours[station], strict=True):
            assert (ours == theirs).all()
        assert (compiled.backlog[station] == readable.backlog[station]).all()


def test_the_cases_compared_hold_every_step_and_long_queues():
    seen, merged = Counter(), 0
    for name in ("everything happens", "everything happens, and late"):
        for _number, timeline in engine.run(CASES[name], 1):
            seen.update(action for _at, action, _said in timeline)
            merged += any(said.get("into") for _at, _action, said in timeline)
    assert {action for action, count in seen.items() if count > 10} >= {
        *("receive", "accept", "decline", "reconsider", "ask_citizen", "supply", "lapse"),
        *("dispatch", "forward_down", "sign", "contact", "feedback", "return_to_desk"),
        *("record_result", "propose_reply", "send_back_reply", "approve_reply", "rate", "reopen"),
        *("close", "merge", "transfer_out", "urge", "supervise", "answer_supervision", "extend"),
        *("record_incident", "record_rule", "thank"),
    }
    run = engine.run(CASES["queues that never end"], 1)
    assert sum(len(block) for block in run.blocks(100)) == 1500
    assert sum(measure.waiting for measure in run.stations.values()) > 100


def test_the_size_of_blocks_changes_nothing_but_the_blocks():
    def lines(size):
        return [line for block in engine.run(SMALL, 3).blocks(size) for line in block.timelines()]

    assert lines(1) == lines(999) == lines(3000)


def test_room_is_made_for_letters_that_pile_up(monkeypatch):
    """Slots for letters and events, and the block's own room, all begin too small."""
    chosen = CASES["queues that never end"]
    expected = [line for b in engine.run(chosen, 1).blocks(500) for line in b.timelines()]
    monkeypatch.setattr(play, "_SLOTS", 40)
    monkeypatch.setattr(play, "_EVENTS_A_LETTER", 4)
    found = [line for b in engine.run(chosen, 1).blocks(500) for line in b.timelines()]
    assert found == expected


@pytest.mark.parametrize("name", ["everything happens", "cut after forty days", "long queues"])
def test_letters_that_wait_on_disk_change_nothing(monkeypatch, name):
    """Nearly all go there, and come back window by window, or by number when all is over."""

    def lines(run):
        found = [line for block in run.blocks(500) for line in block.timelines()]
        return found, run.stations

    expected, stored = lines(engine.run(CASES[name], 1)), Counter()
    for module, constant, small in (
        (play, "_SLOTS", 16), (play, "_MANY", 64), (away, "_AT_ONCE", 10),
        (away, "_LEAST", 3600), (away, "_MOST_WINDOWS", 2000), (away, "_NUMBERS", 200),
    ):  # fmt: skip
        monkeypatch.setattr(module, constant, small)
    store = away.Files.store

    def counted(files, letters):
        stored.update(int(until < files.horizon) for until in letters.keys[: letters.count[0], 0])
        store(files, letters)

    monkeypatch.setattr(away.Files, "store", counted)
    assert lines(engine.run(CASES[name], 1)) == expected
    assert stored[True] > 1000 and stored[False] > 10


def test_progress_is_told_block_by_block():
    told = []
    run = engine.run(
        YEAR.scaled(500), 1, on_progress=lambda done, total: told.append((done, total))
    )
    assert list(run.blocks(200))
    assert told == [(200, 500), (400, 500), (500, 500)]


def test_compiled_code_is_kept_for_the_next_process(tmp_path):
    """Twice the same, in fresh processes: the second finds what the first compiled."""
    code = (
        "import django; django.setup()\n"
        "from simulation.compiled import numbers\n"
        "print(numbers.seconds(0.3, 5.0, 1.0, 1.0), numbers.seconds.stats.cache_hits.total())"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True, text=True, check=True,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert found == [["88", "0"], ["88", "1"]]

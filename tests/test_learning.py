"""What automata learn is kept for the next process, and nothing hangs on its being there."""

from dataclasses import replace
from datetime import datetime
from datetime import time as clock

import numpy as np
import pytest

from cases import policy
from cases.calendars import EPOCH, MICROSECOND, Length
from cases.statistics import CHINA
from simulation import engine, folding, learning
from simulation import scenario as scenarios
from simulation.automaton import Automaton

SCENARIO = scenarios.load("guangdong-2021").scaled(200)
START = (datetime.combine(SCENARIO.start, clock(), CHINA) - EPOCH) // MICROSECOND


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """An empty folder in which it is kept, and automata that have learnt nothing yet."""
    monkeypatch.setattr(learning, "folder", lambda: str(tmp_path / "compiled"))
    folding._kept.cache_clear()
    yield tmp_path / "compiled"
    folding._kept.cache_clear()


def folded():
    """Fold some letters as a process does that has just started."""
    folding._kept.cache_clear()
    [block] = engine.run(SCENARIO, 1).blocks(SCENARIO.letters)
    offices = folding.Offices(SCENARIO, folding.plain_offices(SCENARIO))
    return folding.fold(block, START, offices)


def test_new_process_begins_with_what_others_have_learnt(kept):
    first = folded()
    [path] = kept.iterdir()
    written = path.stat().st_mtime_ns
    second = folded()
    assert second.automaton is not first.automaton
    assert second.automaton.edges == first.automaton.edges > 500
    assert np.array_equal(first.walked.columns, second.walked.columns)
    assert np.array_equal(first.walked.due, second.walked.due)
    for one, other in zip(first.hits(), second.hits(), strict=True):
        assert np.array_equal(one, other)
    assert path.stat().st_mtime_ns == written  # nothing new was learnt


def test_another_policy_begins_with_nothing():
    folded()
    rules = policy.load()
    lengths = rules.lengths | {("city", "help", "reply"): Length.parse("5d")}
    assert learning.recall(rules).edges > 500
    assert learning.recall(replace(rules, lengths=lengths)).edges == 0


def test_broken_file_is_passed_over(kept):
    edges = folded().automaton.edges
    [path] = kept.iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    assert folded().automaton.edges == edges


def test_folder_that_cannot_be_written_is_no_fault(kept):
    kept.write_text("a file stands where the folder should be")
    assert folded().automaton.edges > 500


def test_it_is_written_again_only_once_it_has_grown(kept):
    grown = folded().automaton
    [path] = kept.iterdir()
    path.unlink()
    learning.keep(grown, policy.load())
    assert not path.exists()
    learning.keep(Automaton(policy.load()), policy.load())  # has learnt nothing
    assert not path.exists()
    grown.edges_kept //= 2
    learning.keep(grown, policy.load())
    assert path.exists()

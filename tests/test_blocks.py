"""Blocks of finished letters, and what a run measures by hour and by day."""

from dataclasses import replace

import numpy as np
import pytest

from simulation import engine, scenario
from simulation.model import DAY
from simulation.weeks import Week

SMALL = scenario.load("guangdong-2021").scaled(1000)


def test_blocks_hold_what_letters_tell():
    told = list(engine.run(SMALL, 1).letters())
    blocks = list(engine.run(SMALL, 1).blocks(300))
    assert [len(block) for block in blocks] == [300, 300, 300, 100]
    assert [line for block in blocks for line in block.timelines()] == told


def test_blocks_are_plain_arrays_of_fixed_types():
    (block,) = engine.run(SMALL, 1).blocks(1000)
    assert block.start[0] == 0 and block.start[-1] == len(block.at)
    types = [getattr(block, name).dtype for name in ("start", "at", "action", "said", "arg")]
    assert types == [np.int64, np.int32, np.uint8, np.uint16, np.int64]
    assert sorted(block.letters.number) == list(range(1, 1001))


@pytest.fixture(scope="module")
def played():
    run = engine.run(SMALL, 1)
    list(run.blocks(1000))
    return run


def test_hours_of_the_week_add_up_to_the_use_of_each_station(played):
    for name, measure in played.stations.items():
        busy, duty = played.hours[name]
        assert len(busy) == len(duty) == 168
        assert busy.sum() / duty.sum() == pytest.approx(measure.utilisation)


def test_hours_of_the_week_begin_on_monday(played):
    """Handlers work from Monday to Friday, and on the few Saturdays that are made up for."""
    _busy, duty = played.hours["handlers 440103"]
    by_day = duty.reshape(7, 24)
    assert by_day[:5].sum() > 40 * by_day[6].sum()
    assert by_day[0, 9] > by_day[0, 8] > by_day[0, 7] == 0
    _busy, desk = played.hours["desk 440000"]
    assert (desk > 0).all()


def test_backlog_tells_how_many_wait_at_the_end_of_each_day():
    """Its sum over days says what the letters' own waits say, as far as midnights can."""
    work = {action: replace(spread, mean=20 * spread.mean) for action, spread in SMALL.work.items()}
    run = engine.run(replace(SMALL, work=work), 1)
    assert list(run.blocks(1000))
    name = max(run.backlog, key=lambda name: run.backlog[name].sum())
    waiting, measure = run.backlog[name], run.stations[name]
    assert len(waiting) == SMALL.days and waiting.max() >= 5
    assert abs(int(waiting[-1]) - measure.waiting) <= 1
    assert waiting.sum() * DAY == pytest.approx(measure.mean_wait * measure.joined, rel=0.1)


@pytest.mark.parametrize(
    "start, end", [(0, 0), (10, 20), (3599, 3601), (7200, 7 * DAY), (5, 20 * DAY)]
)
def test_a_week_adds_up_what_second_by_second_would(start, end):
    week, slow = Week(), [0] * 168
    week.add(start, end, 2)
    for second in range(start, end):
        slow[second // 3600 % 168] += 2
    assert week.hours() == slow

"""Folding by columns: the same as the fold of one case after the other, letter by letter."""

from datetime import datetime
from datetime import time as clock
from functools import cache

import numpy as np
import pytest

from cases import clocks, policy
from cases.calendars import EPOCH, MICROSECOND, Length
from cases.statistics import CHINA, measure
from simulation import automaton, engine, folding, programs, symbols, walks
from simulation import scenario as scenarios
from simulation.walks import NULL
from tests.timelines import folded

YEAR = scenarios.load("guangdong-2021")
MIDNIGHT = datetime.combine(YEAR.start, clock(), CHINA)
LENGTHS = ("10m", "8h", "20d", "30wm", "4wh", "1wd", "5wd", "60d")


def micro(moment):
    return (moment - EPOCH) // MICROSECOND


def moment(value):
    return None if value == NULL else EPOCH + int(value) * MICROSECOND


# -- the arithmetic of dues ----------------------------------------------------------------------


def computed(run, times):
    """Return what a function of symbols comes to for rows of times, by the compiled code.

    run: takes a symbol for each column, and a policy. Rows in which its comparisons come out
    otherwise than in the first are computed by themselves.
    """
    registers = {number: number for number in range(len(times[0]))}
    found = []
    for row in times:
        answers = []
        while True:
            trace = symbols.Trace()
            trace.begin(answers)
            asked = [symbols.Symbol(trace, ("register", number)) for number in registers]
            compiler = programs.Compiler(registers)
            values = np.zeros(len(registers) + programs.SCRATCH, np.int64)
            values[: len(row)] = row
            try:
                result = run(*asked, symbols.Calendar(trace))
                place = compiler.operand(result.node)
            except symbols.Undecided as stop:
                compiler.compare(*stop.condition)
                place = None
            lines = np.array(compiler.since(0) or [(programs.COPY, 0, 0, 0, 0)], np.int64)
            days, before, hours, whole_day, known = arrays().calendar
            walks.compute(lines, 0, len(lines), values, days, before, hours, whole_day)
            if place is not None:
                found.append(int(values[place]))
                break
            what, a, b = compiler.compared
            answers.append(bool(walks.answer(what, values[a], values[b], known)))
    return found


@cache
def arrays():
    return automaton.Automaton(policy.load()).arrays


def times_of(count, columns):
    """Return rows of rising moments over three years, microseconds, many on the edges of hours."""
    random = np.random.default_rng(1)
    first = micro(datetime(2021, 1, 1, tzinfo=CHINA))
    steps = random.choice([1, 60, 1800, 3600, 30_600, 43_200, 86_400, 7 * 86_400], (count, columns))
    rows = np.cumsum(steps * random.integers(1, 12, (count, columns)), axis=1)
    rows += random.integers(0, 3 * 365 * 24, (count, 1)) * 3600
    return (first + rows * 1_000_000).tolist()


@pytest.mark.parametrize("text", LENGTHS)
def test_dues_are_those_of_the_clocks(text):
    length, calendar = Length.parse(text), policy.load().calendar
    rows = times_of(500, 1)
    found = computed(lambda start, c: clocks.due(length, start, (), c).at, rows)
    assert found == [micro(clocks.due(length, moment(at), (), calendar).at) for [at] in rows]


@pytest.mark.parametrize("text", LENGTHS)
def test_dues_after_pauses_are_those_of_the_clocks(text):
    """Pauses before the start, before and after the clock has run out, and two in a row."""
    length, calendar = Length.parse(text), policy.load().calendar

    def paused(order):
        return lambda *times: (
            clocks.due(
                length,
                times[order[0]],
                [(times[order[1]], times[order[2]]), (times[order[3]], times[order[4]])],
                times[-1],
            ).at
        )

    for order in ((0, 1, 2, 3, 4), (2, 0, 1, 3, 4), (4, 0, 1, 2, 3)):
        rows = times_of(100, 5)
        found = computed(paused(order), rows)
        real = [paused(order)(*map(moment, row), calendar) for row in rows]
        assert found == [micro(due) for due in real]


def test_openings_and_pressings_are_those_of_the_clocks():
    rules, length = policy.load(), Length.parse("20d")
    rows = times_of(500, 1)
    for place in range(3):

        def press(due, calendar, place=place):
            pressed = clocks.pressing(due, length, symbolic(rules, calendar))
            return pressed[place]

        real = [clocks.pressing(moment(at), length, rules)[place] for [at] in rows]
        assert computed(press, rows) == [micro(at) for at in real]


def symbolic(rules, calendar):
    return automaton.changed(rules, calendar=calendar)


def test_time_outside_the_table_of_working_days_is_refused():
    far = micro(datetime(2100, 6, 1, tzinfo=CHINA))
    with pytest.raises(ValueError, match="outside the table of working days"):
        computed(lambda start, c: clocks.due(Length.parse("5wd"), start, (), c).at, [[far]])


# -- whole letters -------------------------------------------------------------------------------

RARE = {
    "arrivals.emergency": 0.05,
    "chances.decline": 0.2,
    "chances.reconsider": 0.5,
    "chances.ask_citizen": 0.5,
    "chances.supply": 0.5,
    "chances.send_back_reply": 0.3,
    "chances.rate": 0.7,
    "chances.reopen": 0.8,
    "chances.extend": 0.9,
}


def letters_and_columns(changes, letters, seed):
    """Return [(arrival, timeline)] and their Folded, in one block."""
    scenario = scenarios.load("guangdong-2021", changes).scaled(letters)
    [block] = engine.run(scenario, seed).blocks(letters)
    offices = folding.Offices(scenario, folding.plain_offices(scenario))
    return list(block.timelines()), folding.fold(block, micro(MIDNIGHT), offices)


@pytest.mark.parametrize("changes", [{}, RARE], ids=["as published", "with the rare made common"])
def test_every_letter_is_folded_and_counted_as_a_live_case_is(changes):
    pairs, columns = letters_and_columns(changes, 1500, seed=4)
    table = levels(columns)
    hits = {}
    for name, value, event in zip(*columns.hits(), strict=True):
        hits.setdefault(int(event), []).append((list(columns.automaton.measures)[name], int(value)))
    for row, (arrival, timeline) in enumerate(pairs):
        facts, events = folded(arrival, timeline, MIDNIGHT, table)
        assert columns.automaton.ends[columns.walked.end[row]] == {
            name: getattr(facts, name) for name in automaton.PLAIN
        }
        for name in automaton.TIMES:
            value = moment(columns.column(name)[row])
            assert value == getattr(facts, name), (arrival.number, name)
        counted = [[] for _event in events]
        places = {id(event.at): place for place, event in enumerate(events)}
        for hit in measure(arrival.kind, events):
            counted[places[id(hit.at)]].append((hit.measure, hit.value))
        first = columns.block.start[row]
        for place, event in enumerate(events, start=first):
            assert moment(columns.walked.due[place]) == event.due_at
            assert columns.walked.unit[place] == event.unit_id
            assert hits.get(place, []) == counted[place - first]


def levels(columns):
    """Return the offices' table with the level of each mailbox."""
    table = folding.plain_offices(columns.block.letters.scenario)
    up = {"440000": "department"}
    return {code: (key, up.get(code, "city"), area) for code, (key, _l, area) in table.items()}


def test_letters_alone_are_folded_as_in_a_crowd():
    """What an automaton has learnt before changes nothing: blocks of any size agree."""
    scenario = YEAR.scaled(400)
    offices = folding.Offices(scenario, folding.plain_offices(scenario))
    whole = [folding.fold(b, micro(MIDNIGHT), offices) for b in engine.run(scenario, 2).blocks(400)]
    parts = [folding.fold(b, micro(MIDNIGHT), offices) for b in engine.run(scenario, 2).blocks(37)]
    for name in automaton.TIMES:
        one, many = (np.concatenate([f.column(name) for f in found]) for found in (whole, parts))
        assert np.array_equal(one, many)


def test_automaton_that_has_grown_large_is_left(monkeypatch):
    before = folding.automaton(policy.load())
    letters_and_columns({}, 50, seed=1)
    assert folding.automaton(policy.load()) is before
    monkeypatch.setattr(folding, "MAX_NODES", 1)
    assert folding.automaton(policy.load()) is not before

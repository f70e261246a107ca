"""Letters taken along the automaton's edges, compiled: all times, dues and hits of a block.

Times are microseconds since 1970 in UTC. The arithmetic of working time is that of
cases/calendars.py over the same tables; tests/test_walks.py compares the two.
"""

from dataclasses import dataclass

import numpy as np

from cases.calendars import DAY, EPOCH, OFFSET, TABLE_FROM
from simulation import programs, symbols
from simulation.automaton import REGISTERS, SETTLE, TimelineError
from simulation.compiled import compiled, compiled_whole

NULL = np.iinfo(np.int64).min
FIRST_DAY = (TABLE_FROM - EPOCH.date()).days
_SIZE = len(REGISTERS) + programs.SCRATCH
_AT, _ARG, _MAILBOX, _RECEIVED = (
    REGISTERS[name] for name in ("at", "arg", "mailbox_id", "received_at")
)
_NUMBER, _COPY, _MORE, _SUM = programs.NUMBER, programs.COPY, programs.MORE, programs.SUM
_DIFFERENCE, _REACH, _BETWEEN = programs.DIFFERENCE, programs.REACH, programs.BETWEEN
_LESS, _NOT_MORE, _EQUAL = symbols.LESS, symbols.NOT_MORE, symbols.EQUAL


@compiled
def _total(moment, before, blocks):
    """As calendars.WorkingTime.total."""
    day, time = divmod(moment, DAY)
    index = day - FIRST_DAY
    if index < 0 or index + 1 >= len(before):
        raise ValueError("a time lies outside the table of working days")
    per_day = 0
    for row in range(len(blocks)):
        per_day += blocks[row, 1] - blocks[row, 0]
    total = before[index] * per_day
    if before[index + 1] > before[index]:
        for row in range(len(blocks)):
            if time <= blocks[row, 0]:
                break
            total += min(time, blocks[row, 1]) - blocks[row, 0]
    return total


@compiled
def _reach(total, days, blocks):
    """As calendars.WorkingTime.reach."""
    per_day = 0
    for row in range(len(blocks)):
        per_day += blocks[row, 1] - blocks[row, 0]
    index, rest = divmod(total - 1, per_day)
    if index < 0 or index >= len(days):
        raise ValueError("a time lies outside the table of working days")
    rest += 1
    row = 0
    while rest > blocks[row, 1] - blocks[row, 0]:
        rest -= blocks[row, 1] - blocks[row, 0]
        row += 1
    return days[index] * DAY + blocks[row, 0] + rest


@compiled_whole
def compute(lines, first, last, values, days, before, hours, whole_day):
    """Run the lines first..last of a program over the registers `values`."""
    for number in range(first, last):
        operation, into = lines[number, 0], lines[number, 1]
        a, b, c = lines[number, 2], lines[number, 3], lines[number, 4]
        if operation == _NUMBER:
            values[into] = c
        elif operation == _COPY:
            values[into] = values[a]
        elif operation == _MORE:
            values[into] = values[a] + c
        elif operation == _SUM:
            values[into] = values[a] + values[b]
        elif operation == _DIFFERENCE:
            values[into] = values[a] - values[b]
        elif operation == _REACH:
            blocks = hours if c == 0 else whole_day
            values[into] = _reach(_total(values[a], before, blocks) + values[b], days, blocks)
        elif operation == _BETWEEN:
            blocks = hours if c == 0 else whole_day
            values[into] = _total(values[b], before, blocks) - _total(values[a], before, blocks)
        else:  # opening
            total = _total(values[a] + OFFSET, before, hours)
            values[into] = _reach(total + 1, days, hours) - 1 - OFFSET


@compiled
def answer(what, left, right, known):
    """Return 1 if a condition of symbols.py holds, else 0."""
    if what == _LESS:
        return 1 if left < right else 0
    if what == _NOT_MORE:
        return 1 if left <= right else 0
    if what == _EQUAL:
        return 1 if left == right else 0
    return 1 if left >= known[0] and right <= known[1] else 0


@compiled_whole
def _walk(graph, calendar, letters, events, out, values, place):
    """Walk from letter place[0] on; place: letter, hits so far, and the node and input not known.

    Stops at the first edge that isn't there; place[2] is -1 once all letters are through.
    """
    table, nodes, edges, lines, ends = graph
    days, before, hours, whole_day, known = calendar
    first_node, received, mailbox, start = letters
    at, code, arg = events
    edge_of, unit_of, due_of, end_of, columns, hit_event, hit = out
    hits = place[1]
    for letter in range(place[0], len(first_node)):
        node = first_node[letter]
        values[_RECEIVED], values[_MAILBOX] = received[letter], mailbox[letter]
        for event in range(start[letter], start[letter + 1] + 1):
            over = event == start[letter + 1]
            given = SETTLE
            if not over:
                values[_AT], values[_ARG], given = at[event], arg[event], code[event]
            while True:
                edge = table[node, given]
                if edge < 0:
                    place[0], place[2], place[3] = letter, node, given
                    return
                first, last = edges[edge, 0], edges[edge, 1]
                compute(lines, first, last, values, days, before, hours, whole_day)
                node = edges[edge, 4]
                if node < 0 or nodes[node, 0] < 0:
                    break
                left, right = values[nodes[node, 1]], values[nodes[node, 2]]
                given = answer(nodes[node, 0], left, right, known)
            if over:
                end = edges[edge, 5]
                end_of[letter] = end
                for column in range(ends.shape[1]):
                    register = ends[end, column]
                    columns[letter, column] = values[register] if register >= 0 else NULL
            else:
                due = edges[edge, 5]
                edge_of[event], unit_of[event] = edge, values[edges[edge, 6]]
                due_of[event] = values[due] if due >= 0 else NULL
                for number in range(edges[edge, 2], edges[edge, 3]):
                    hit_event[hits], hit[hits] = event, number
                    hits += 1
        place[1] = hits
    place[0], place[2] = len(first_node), -1


@dataclass(frozen=True)
class Walked:
    """What came of a block. NULL stands for none.

    edge, unit, due: of each event. end: of each letter, place in Automaton.ends; columns:
    their times and keys, as in automaton.MOVING. hit_event: event of each hit; hit: row of
    Arrays.hits, in the order of events.
    """

    edge: np.ndarray
    unit: np.ndarray
    due: np.ndarray
    end: np.ndarray
    columns: np.ndarray
    hit_event: np.ndarray
    hit: np.ndarray


def walk(automaton, nodes, mailboxes, numbers, start, events):
    """Take letters through the automaton, which grows where it must; return Walked.

    nodes: where each starts. mailboxes, numbers: their mailbox ids and letter numbers. start:
    offsets of their events. events: at (microseconds), input, arg.
    Raises: TimelineError.
    """
    arrays, count, total = automaton.arrays, len(nodes), len(events[0])
    out = (
        np.empty(total, np.int32),
        np.empty(total, np.int64),
        np.empty(total, np.int64),
        np.empty(count, np.int64),
        np.empty((count, arrays.ends.shape[1]), np.int64),
        np.empty(programs.MOST_HITS * total, np.int32),
        np.empty(programs.MOST_HITS * total, np.int32),
    )
    letters = (nodes, events[0][start[:-1]], mailboxes, start)
    values, place = np.zeros(_SIZE, np.int64), np.zeros(4, np.int64)
    while True:
        _walk(arrays.graph(), arrays.calendar, letters, events, out, values, place)
        if place[2] < 0:
            break
        try:
            automaton.grow(int(place[2]), int(place[3]))
        except TimelineError as error:
            raise TimelineError(f"letter {numbers[place[0]]}: {error}") from None
    hits = place[1]
    return Walked(*out[:5], out[5][:hits], out[6][:hits])

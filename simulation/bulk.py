"""The bulk path: finished letters become rows, checked against the table.

Any worker may load a shard; everything it writes depends on the run, the scenario's seed and
the letters' numbers alone. The rows are those that intake and perform would have written
(tests/test_play.py plays one seed both ways and compares every column).
"""

import hashlib
from datetime import datetime, time
from functools import cache, lru_cache

import numpy as np

from cases import receipts
from cases.calendars import EPOCH, MICROSECOND
from cases.models import Case, Event, Incident, Letter, Rule
from cases.statistics import CHINA
from simulation import codes, copying, engine, folding, texts
from simulation import scenario as scenarios
from simulation.automaton import MOVING, PAUSES, PLAIN
from simulation.codes import ACTIONS, SAID
from simulation.copying import Pieces, cell, moments
from simulation.counting import Counts
from simulation.scenario import CATEGORY_CODES, KIND_CODES
from simulation.walks import NULL

_VARYING = [
    codes.action_code(action) for action in ("merge", "extend", "record_incident", "record_rule")
]
_NAMED = ("unit", "by")
_TIMED = [name for name in MOVING if name.endswith("_at")]
_STEP = ("action", "old_state", "new_state", "role")
_KEYS = [name for name in MOVING if name.endswith("_id")]
WARM_UP_LETTERS = 1000
_SENT = {"channel": "simulation", "language": "zh-hans", "query_code_hash": ""}


@cache
def _field(model, name):
    return model._meta.get_field(name.removesuffix("_id"))


def _piece(model, values):
    """Return the bytes of some fields of a row: {column: value}."""
    return b"".join([cell(_field(model, name), value) for name, value in values.items()])


class _Known:
    """The pieces of rows that come again and again, written once for each automaton."""

    def __init__(self, automaton):
        self._automaton = automaton
        self.letters, self.cases, self.events = Pieces(), Pieces(), Pieces()
        kinds = [{"kind": kind} for kind in KIND_CODES]
        lines = [{"category": category} for category in CATEGORY_CODES]
        plain = [{n: v for n, v in said.items() if n not in _NAMED} for said in SAID]
        self.kinds = self._numbers(self.letters, Letter, kinds)
        self.categories = self._numbers(self.letters, Letter, lines)
        [self.sent] = self._numbers(self.letters, Letter, [_SENT])
        [self.never_paused] = self._numbers(self.cases, Case, [{"pauses": []}])
        self.case_kinds = self._numbers(self.cases, Case, kinds)
        self.case_categories = self._numbers(self.cases, Case, lines)
        self.said = self._numbers(self.events, Event, [{"data": data} for data in plain])
        self._ends = self._steps = np.empty(0, np.int64)

    @staticmethod
    def _numbers(pieces, model, rows):
        return np.array([pieces.number(_piece(model, row)) for row in rows], np.int64)

    def ends(self):
        """Return for each of the automaton's ends the number of its piece of the case."""
        new = self._automaton.ends[len(self._ends) :]
        if new:
            rows = [{name: end[name] for name in PLAIN} for end in new]
            self._ends = np.append(self._ends, self._numbers(self.cases, Case, rows))
        return self._ends

    def steps(self):
        """Return for each of the automaton's edges the number of its piece of the event."""
        new = self._automaton.steps[len(self._steps) :]
        if new:
            rows = [dict(zip(_STEP, step or ("",) * len(_STEP), strict=True)) for step in new]
            self._steps = np.append(self._steps, self._numbers(self.events, Event, rows))
        return self._steps


_known = lru_cache(maxsize=4)(_Known)


@cache
def _words():
    return copying.flat([piece.encode() for piece in texts.pieces()])


class Table:
    """The rows of one table: what COPY needs to know, and its bytes.

    numbers: {column: array}. pieces: [(columns, array of their numbers in flat)]. texts: (columns,
    matrices, the pieces that are joined), as copying.rows takes them.
    """

    def __init__(self, model, numbers, pieces, flat, texts=((), (), None)):
        self.name = model._meta.db_table
        columns = [*numbers, *(name for names, _array in pieces for name in names)]
        self.columns = [*columns, *texts[0]]
        widths = [copying.width(_field(model, name)) for name in numbers]
        self.data, self.offsets = copying.rows(
            list(zip(numbers.values(), widths, strict=True)),
            [(array, len(names)) for names, array in pieces],
            flat,
            *texts[1:],
        )

    def copy(self, cursor):
        """Copy the rows through an open cursor."""
        columns = ", ".join(self.columns)
        with cursor.copy(f"COPY {self.name} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(copying.HEAD)
            copy.write(self.data.data)
            copy.write(copying.TAIL)


class Rows:
    """The rows of some letters, ready for COPY, with their counts and digest."""

    def __init__(self, *, seed, mark, start, seconds, units):
        """start: second 0, an aware datetime, midnight in China. seconds: of the span.

        units: runs.unit_table().
        """
        self.seed, self.mark, self.units = seed, mark, units
        self.start = (start - EPOCH) // MICROSECOND
        self.counts = Counts(start.astimezone(CHINA).date(), seconds)
        self.events, self.tables = 0, []

    def add(self, block):
        """Add the letters of a Block. Raises: TimelineError."""
        offices = folding.Offices(block.letters.scenario, self.units)
        folded = folding.fold(block, self.start, offices)
        self.counts.add(folded)
        self.events += len(block.at)
        self.tables += [self._letters(folded), _cases(folded), _events(folded), *_numbered(folded)]

    def _letters(self, folded):
        """Return the letters' rows; the receipt comes last, for the digest leaves it out."""
        letters, known = folded.block.letters, _known(folded.automaton)
        numbers = {
            "id": letters.number,
            "mailbox_id": folded.column("mailbox_id"),
            "received_at": moments(folded.at[folded.block.start[:-1]]),
            "writer_number": letters.writer_number,
            "confidential": letters.confidential,
            "emergency": letters.emergency,
        }
        pieces = [
            (("kind",), known.kinds[letters.kind]),
            (("category",), known.categories[letters.category]),
            (tuple(_SENT), np.full(len(letters), known.sent)),
        ]
        words = texts.compose_columns(self.seed, letters)
        columns = ("title", "body", "place", "receipt")
        given = [receipt.encode() for receipt in receipts.run_receipts(self.mark, letters.number)]
        self._receipt = 4 + len(given[0])
        own = len(_words()[1]) - 1 + np.arange(len(given))[:, None]
        joined = (columns, [*words, own], copying.joined(_words(), copying.flat(given)))
        return Table(Letter, numbers, pieces, known.letters.flat(), joined)

    def copy(self, cursor):
        """Copy all rows through an open cursor; return their SHA-256 in hex, equal in all runs."""
        digest = hashlib.sha256()
        for table in self.tables:
            if table.name == Letter._meta.db_table:  # receipts carry the mark of the run
                view = memoryview(table.data)
                ends = (table.offsets[1:] - self._receipt).tolist()
                for start, end in zip(table.offsets[:-1].tolist(), ends, strict=True):
                    digest.update(view[start:end])
            else:
                digest.update(table.data.data)
            table.copy(cursor)
        return digest.hexdigest()


def _cases(folded):
    block, known = folded.block, _known(folded.automaton)
    letters, ends = block.letters, known.ends()
    paused = np.flatnonzero(folded.column("pause_from_0") != NULL)
    own = [_piece(Case, {"pauses": _pauses(folded, letter)}) for letter in paused.tolist()]
    pauses = np.full(len(letters), known.never_paused)
    pauses[paused] = len(known.cases) + np.arange(len(own))
    numbers = {
        "letter_id": letters.number,
        "seq": np.diff(block.start),
        "urgent": letters.emergency,
        **{name: folded.column(name) for name in _KEYS},
        **{name: moments(folded.column(name)) for name in _TIMED},
    }
    pieces = [
        (PLAIN, ends[folded.walked.end]),
        (("kind",), known.case_kinds[letters.kind]),
        (("category",), known.case_categories[letters.category]),
        (("pauses",), pauses),
    ]
    return Table(Case, numbers, pieces, copying.joined(known.cases.flat(), copying.flat(own)))


def _pauses(folded, letter):
    """Return the pauses of a letter as cases/replay.py writes them."""
    ends = [
        [int(folded.column(f"pause_{end}_{n}")[letter]) for end in ("from", "to")]
        for n in range(PAUSES)
    ]
    return [
        [None if at == NULL else (EPOCH + at * MICROSECOND).isoformat() for at in pause]
        for pause in ends
        if pause[0] != NULL
    ]


def _events(folded):
    block, walked, known = folded.block, folded.walked, _known(folded.automaton)
    steps, said = known.steps(), known.said[block.said]
    told = list(_told(folded, _VARYING))
    said[[event for event, _fields in told]] = len(known.events) + np.arange(len(told))
    own = [_piece(Event, {"data": fields}) for _event, fields in told]
    numbers = {
        "case_id": block.letters.number[folded.letter],
        "seq": np.arange(1, len(block.at) + 1) - block.start[folded.letter],
        "at": moments(folded.at),
        "unit_id": walked.unit,
        "due_at": moments(walked.due),
    }
    pieces = [(_STEP, steps[walked.edge]), (("data",), said)]
    return Table(Event, numbers, pieces, copying.joined(known.events.flat(), copying.flat(own)))


def _told(folded, actions):
    """Yield (event, its fields) of events whose fields vary."""
    block, letters = folded.block, folded.block.letters
    coder = codes.Coder(letters.scenario)
    for event in np.flatnonzero(np.isin(block.action, actions)).tolist():
        row = folded.letter[event]
        number, category = int(letters.number[row]), CATEGORY_CODES[letters.category[row]]
        coded = (int(column[event]) for column in (block.action, block.said, block.arg))
        yield event, coder.fields_of(*coded, number, category)


def _numbered(folded):
    """Return the rows of incidents and rules."""
    for model, action in ((Incident, "record_incident"), (Rule, "record_rule")):
        told = list(_told(folded, [ACTIONS.index(action)]))
        if not told:
            continue
        events = np.array([event for event, _fields in told])
        numbers = {
            "case_id": folded.block.letters.number[folded.letter[events]],
            "recorded_at": moments(folded.at[events]),
        }
        own = copying.flat([_piece(model, fields) for _event, fields in told])
        yield Table(model, numbers, [(tuple(told[0][1]), np.arange(len(told)))], own)


def warm_up():
    """Load what is compiled, and let the automaton grow by the commonest steps, once a process."""
    scenario = scenarios.load("guangdong-2021").scaled(WARM_UP_LETTERS)
    rows = Rows(
        seed=0,
        mark="R0",
        start=datetime.combine(scenario.start, time(), CHINA),
        seconds=scenario.horizon,
        units=folding.plain_offices(scenario),
    )
    for block in engine.run(scenario, 0).blocks(WARM_UP_LETTERS):
        rows.add(block)

"""The bulk path: finished letters become rows, checked against the table.

Any worker may load a shard; everything it writes depends on the run, the scenario's seed and
the letters' numbers alone. The rows are those that intake and perform would have written
(tests/test_play.py plays one seed both ways and compares every column).
"""

import hashlib
from datetime import datetime, time

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
_KEYS = [name for name in MOVING if name.endswith("_id")]
WARM_UP_LETTERS = 1000
_SENT = {"channel": "simulation", "language": "zh-hans", "query_code_hash": ""}


def _fields(model, names):
    return [model._meta.get_field(name.removesuffix("_id")) for name in names]


def _piece(model, values):
    """Return the bytes of some fields of a row: {column: value}."""
    return b"".join(map(cell, _fields(model, values), values.values()))


class Table:
    """The rows of one table: what COPY needs to know, and its bytes.

    numbers: {column: array}. pieces: [(columns, array of numbers of pieces)].
    """

    def __init__(self, model, numbers, pieces, flat):
        self.name = model._meta.db_table
        self.columns = [*numbers, *(name for names, _array in pieces for name in names)]
        widths = map(copying.width, _fields(model, numbers))
        self.data, self.offsets = copying.rows(
            list(zip(numbers.values(), widths, strict=True)),
            [(array, len(names)) for names, array in pieces],
            flat,
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
        letters, pieces = folded.block.letters, Pieces()
        kinds = [pieces.number(_piece(Letter, {"kind": kind})) for kind in KIND_CODES]
        lines = [pieces.number(_piece(Letter, {"category": code})) for code in CATEGORY_CODES]
        sent = pieces.number(_piece(Letter, _SENT))
        own = len(pieces) + np.arange(len(letters))
        words = texts.compose_columns(self.seed, letters)
        written = [
            _text(title) + _text(body) + _text(place)
            for title, body, place in zip(*words, strict=True)
        ]
        given = [_text(r) for r in receipts.run_receipts(self.mark, letters.number)]
        numbers = {
            "id": letters.number,
            "mailbox_id": folded.column("mailbox_id"),
            "received_at": moments(folded.at[folded.block.start[:-1]]),
            "writer_number": letters.writer_number,
            "confidential": letters.confidential,
            "emergency": letters.emergency,
        }
        chosen = [
            (("kind",), np.array(kinds)[letters.kind]),
            (("category",), np.array(lines)[letters.category]),
            (tuple(_SENT), np.full(len(letters), sent)),
            (("title", "body", "place"), own),
            (("receipt",), own + len(letters)),
        ]
        self._receipt = len(given[0])
        return Table(Letter, numbers, chosen, pieces.flat([*written, *given]))

    def copy(self, cursor):
        """Copy all rows through an open cursor; return their SHA-256 in hex, equal in all runs."""
        digest = hashlib.sha256()
        for table in self.tables:
            if table.name == Letter._meta.db_table:  # receipts carry the mark of the run
                ends = (table.offsets[1:] - self._receipt).tolist()
                rows = zip(table.offsets[:-1].tolist(), ends, strict=True)
                digest.update(b"".join([table.data[start:end].data for start, end in rows]))
            else:
                digest.update(table.data.data)
            table.copy(cursor)
        return digest.hexdigest()


def _text(value):
    data = value.encode()
    return len(data).to_bytes(4, "big") + data


def _cases(folded):
    block, walked, pieces = folded.block, folded.walked, Pieces()
    letters = block.letters
    ends = folded.automaton.ends
    used, place = np.unique(walked.end, return_inverse=True)
    ended = [pieces.number(_piece(Case, {n: ends[end][n] for n in PLAIN})) for end in used.tolist()]
    lines = [pieces.number(_piece(Case, {"category": code})) for code in CATEGORY_CODES]
    paused = np.full(len(letters), pieces.number(_piece(Case, {"pauses": []})))
    for letter in np.flatnonzero(folded.column("pause_from_0") != NULL).tolist():
        paused[letter] = pieces.number(_piece(Case, {"pauses": _pauses(folded, letter)}))
    numbers = {
        "letter_id": letters.number,
        "seq": np.diff(block.start),
        "urgent": letters.emergency,
        **{name: folded.column(name) for name in _KEYS},
        **{name: moments(folded.column(name)) for name in _TIMED},
    }
    chosen = [
        (PLAIN, np.array(ended)[place]),
        (("category",), np.array(lines)[letters.category]),
        (("pauses",), paused),
    ]
    return Table(Case, numbers, chosen, pieces.flat())


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
    block, walked, pieces = folded.block, folded.walked, Pieces()
    used, place = np.unique(walked.edge, return_inverse=True)
    names = ("action", "old_state", "new_state", "role")
    steps = [dict(zip(names, folded.automaton.steps[edge], strict=True)) for edge in used.tolist()]
    taken = np.array([pieces.number(_piece(Event, step)) for step in steps])
    plain = [{n: v for n, v in said.items() if n not in _NAMED} for said in SAID]
    said = np.array([pieces.number(_piece(Event, {"data": data})) for data in plain])[block.said]
    for event, told in _told(folded, _VARYING):
        said[event] = pieces.number(_piece(Event, {"data": told}))
    numbers = {
        "case_id": block.letters.number[folded.letter],
        "seq": np.arange(1, len(block.at) + 1) - block.start[folded.letter],
        "at": moments(folded.at),
        "unit_id": walked.unit,
        "due_at": moments(walked.due),
    }
    return Table(Event, numbers, [(names, taken[place]), (("data",), said)], pieces.flat())


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
        pieces = Pieces()
        rows = np.array([pieces.number(_piece(model, fields)) for _event, fields in told])
        yield Table(model, numbers, [(tuple(told[0][1]), rows)], pieces.flat())


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

"""The bulk path: finished timelines of some letters become rows, checked against the table.

Any worker may load a shard; everything it writes depends on the run, the scenario's seed and
the letters' numbers alone. The rows are those that intake and perform would have written
(tests/test_play.py plays one seed both ways and compares every column).
"""

import hashlib
import json
import marshal
import zlib
from datetime import datetime, timedelta

from cases import policy as policies
from cases import receipts, replay
from cases.models import Case, Event, Incident, Letter, Rule
from cases.statistics import CHINA, Tally
from cases.transitions import BY_SYSTEM, RESUME, SAME, TRANSITIONS
from simulation import counting, texts
from simulation.arrivals import Arrival
from simulation.model import DAY

LETTER_COLUMNS = (
    "id receipt query_code_hash mailbox_id kind category title body place confidential emergency"
    " channel language received_at writer_number"
).split()
CASE_COLUMNS = ["letter_id", *replay.FACTS]
EVENT_COLUMNS = "case_id seq at action old_state new_state role unit_id due_at data".split()


class TimelineError(Exception):
    """A timeline that the table does not allow: names letter, event and rule."""


def freeze(arrival, timeline):
    """Return one letter as bytes: small, and nothing for the garbage collector to walk.

    marshal, since the shard is written and read by workers of one version within minutes.
    """
    return marshal.dumps((tuple(arrival), timeline))


def pack(letters):
    """Return the compressed bytes of frozen letters for a shard's row."""
    return zlib.compress(marshal.dumps(letters), 1)


def unpack(payload):
    """Return [(arrival, timeline), …] of what `pack` was given."""
    frozen = marshal.loads(zlib.decompress(payload))  # noqa: S302  written by pack, in our database
    letters = map(marshal.loads, frozen)
    return [(Arrival._make(columns), timeline) for columns, timeline in letters]


class Step:
    """One event of a timeline, with the attributes that replay and statistics read."""

    __slots__ = (
        "action",
        "at",
        "data",
        "due_at",
        "new_state",
        "old_state",
        "role",
        "seq",
        "unit_id",
    )


class Rows:
    """Collects the rows of some letters, as text for COPY, with their tally and digest."""

    def __init__(self, *, seed, mark, start, seconds, units):
        """start: second 0, an aware datetime, midnight in China. seconds: of the span.

        units: runs.unit_table().
        """
        self.seed, self.mark, self.units = seed, mark, units
        self.start = start.astimezone(CHINA)
        self.policy = policies.load()
        self.letters, self.cases, self.events = [], [], []
        self.incidents, self.rules = [], []
        self.tally, self.opened = Tally(), counting.OpenCount(seconds)
        self._json = {}
        self._texts, self._kept = {}, []
        self.areas = {pk: area for pk, _level, area in units.values()}
        # Dates of the span and of the due times after it.
        days, first = seconds // DAY + 120, self.start.date()
        self.days = [(first + timedelta(days=n)).isoformat() for n in range(days)]

    def add(self, letters):
        """Add letters: a list of (arrival, timeline). Raises TimelineError."""
        written = texts.compose_arrivals(self.seed, [arrival for arrival, _timeline in letters])
        for (arrival, timeline), words in zip(letters, written, strict=True):
            facts, steps = self._play(arrival, timeline)
            self._letter_row(arrival, facts, words)
            self._case_row(arrival.number, facts)
            self.tally.add_case(facts, steps, self.areas[facts.unit_id])
            self.opened.add(self.start, steps)

    def _play(self, arrival, timeline):
        """Fold one timeline into facts; return them and the steps."""
        mailbox_id, level, _area = self.units[arrival.mailbox]
        number, start, policy = arrival.number, self.start, self.policy
        facts = replay.Facts(
            mailbox_id=mailbox_id,
            kind=arrival.kind,
            category=arrival.category,
            received_at=start + timedelta(seconds=arrival.at),
            urgent=arrival.emergency,
        )
        steps = []
        self._texts.clear()
        self._kept.clear()
        for at, action, data in timeline:
            step = self._step(number, facts, steps, action, data)
            step.at = start + timedelta(seconds=at)
            step.due_at = replay.due_of(TRANSITIONS[action], facts)
            replay.apply(facts, step, policy, level)
            steps.append(step)
            self._event_row(number, at, step)
        replay.settle(facts, policy, level)
        return facts, steps

    def _letter_row(self, arrival, facts, words):
        title, body, place = words
        self.letters.append(
            self.line(
                [
                    arrival.number,
                    receipts.run_receipt(self.mark, arrival.number),
                    "",
                    facts.mailbox_id,
                    arrival.kind,
                    arrival.category,
                    title,
                    body,
                    place,
                    arrival.confidential,
                    arrival.emergency,
                    "simulation",
                    "zh-hans",
                    facts.received_at,
                    arrival.writer_number,
                ]
            )
        )

    def _case_row(self, number, facts):
        columns, texts_, moment = facts.__dict__, self._texts, self.moment
        cells = [
            texts_.get(id(v)) or moment(v) if type(v) is datetime else CELLS[type(v)](v)
            for v in [columns[name] for name in replay.FACTS]
        ]
        self.cases.append(f"{number}\t" + "\t".join(cells) + "\n")

    def _event_row(self, number, at, step):
        data = "{}"
        if step.data:
            key = tuple(step.data.items())
            data = self._json.get(key)
            if data is None:
                data = self._json[key] = _escape(json.dumps(step.data, ensure_ascii=False))
        due = self.moment(step.due_at) if step.due_at else r"\N"
        text = self._texts[id(step.at)] = self.days[at // DAY] + CLOCK[at % DAY]
        self.events.append(
            f"{number}\t{step.seq}\t{text}\t{step.action}\t"
            f"{step.old_state}\t{step.new_state}\t{step.role}\t{step.unit_id}\t{due}\t{data}\n"
        )
        if step.action == "record_incident":
            self.incidents.append(self.line([step.data["number"], number, step.at]))
        elif step.action == "record_rule":
            self.rules.append(self.line([step.data["number"], step.data["title"], number, step.at]))

    def _step(self, number, facts, steps, action, data):
        row = TRANSITIONS.get(action)
        if row is None or facts.state not in row.sources:
            raise TimelineError(f"letter {number}: {action} does not follow from “{facts.state}”")
        for name in row.requires:
            if name not in data and not (name == "text" and "template" in data):
                raise TimelineError(f"letter {number}: {action} lacks {name}")
        step = Step()
        step.action, step.seq, step.old_state = action, facts.seq + 1, facts.state
        step.role = data.get("by") or ROLES[action]
        target = TARGETS[action]
        if target == SAME:
            step.new_state = facts.state
        elif target == RESUME:
            step.new_state = replay.resume_state(steps)
        else:
            step.new_state = target
        unit = data.get("unit")
        step.unit_id = replay.unit_after(action, facts, self.units[unit][0] if unit else None)
        if unit or "by" in data:
            data = {k: v for k, v in data.items() if k not in ("unit", "by")}
        step.data = data
        return step

    def moment(self, value):
        """Return an aware datetime of the letter at hand as COPY text.

        The same object comes several times in one letter (as event, promise and column), so
        its text is kept by identity until the next letter.
        """
        text = self._texts.get(id(value))
        if text is None:
            past = value - self.start
            if past.microseconds == 0 and 0 <= past.days < len(self.days):
                text = self.days[past.days] + CLOCK[past.seconds]
            else:
                text = value.isoformat()
            self._texts[id(value)] = text
            self._kept.append(value)  # an identity is only good while its object lives
        return text

    def line(self, values):
        """Return one line of COPY text."""
        cells, moment = CELLS, self.moment
        return (
            "\t".join([moment(v) if type(v) is datetime else cells[type(v)](v) for v in values])
            + "\n"
        )

    def counted(self):
        """Return the packed counts of these letters."""
        return counting.pack(self.tally, self.opened)

    def parts(self):
        """Yield (table, columns, text) to be copied, in the order of the foreign keys."""
        yield Letter._meta.db_table, LETTER_COLUMNS, "".join(self.letters)
        yield Case._meta.db_table, CASE_COLUMNS, "".join(self.cases)
        yield Event._meta.db_table, EVENT_COLUMNS, "".join(self.events)
        columns = ["number", "case_id", "recorded_at"]
        yield Incident._meta.db_table, columns, "".join(self.incidents)
        yield Rule._meta.db_table, ["number", "title", *columns[1:]], "".join(self.rules)

    def copy(self, cursor):
        """Copy all rows through an open cursor; return their SHA-256 in hex, equal in all runs."""
        digest = hashlib.sha256(self._without_receipts().encode())
        for table, columns, text in self.parts():
            data = text.encode()
            if columns is not LETTER_COLUMNS:
                digest.update(data)
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                copy.write(data)
        return digest.hexdigest()

    def _without_receipts(self):
        """Return the letters' rows without their receipts, which carry the mark of the run."""
        parts = [line.split("\t", 2) for line in self.letters]
        return "".join([f"{number}\t{rest}" for number, _receipt, rest in parts])


def default_role(row):
    """Return who takes a simulated step unless the timeline says: the timers, else the first."""
    return BY_SYSTEM if BY_SYSTEM in row.roles else row.roles[0]


def _escape(text):
    if "\\" in text or "\n" in text or "\t" in text or "\r" in text:
        text = text.replace("\\", "\\\\").replace("\n", "\\n")
        return text.replace("\t", "\\t").replace("\r", "\\r")
    return text


# Looked up a million times a year; plain strings, since marshal takes no others.
ROLES = {action: default_role(row) for action, row in TRANSITIONS.items()}
TARGETS = {action: str(row.target) for action, row in TRANSITIONS.items()}
CLOCK = [f" {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+08" for s in range(DAY)]
CELLS = {
    type(None): lambda value: r"\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    str: _escape,
    list: lambda value: _escape(json.dumps(value)) if value else "[]",
}

"""The fold and the counting of a case as an automaton, grown by running both.

What follows from an event hangs on a case's facts apart from their times, on what counting
remembers, and on the event's action and fields. That is a state; with the times as symbols,
cases/replay.py and cases/statistics.py are run once for each state and event, and what they
did is kept as an edge: a few sums of times, the due time, what is counted, and the state that
follows. A comparison of times is a state of its own, with an edge for each answer. A year's
900,000 events need some thousand edges; walks.py takes letters along them.
"""

from collections import namedtuple
from dataclasses import replace as changed
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from cases import replay
from cases import statistics as counts
from cases.fields import PROBLEM_KINDS
from cases.policy import CLOCKS
from cases.transitions import BY_SYSTEM, OPEN, TRANSITIONS
from simulation import codes, symbols
from simulation.programs import Arrays, Compiler
from simulation.symbols import Symbol, Undecided

# Where the times and keys of a letter stand while it is walked; what more comes is scratch.
TIMES = (
    "received_at episode_at accept_due_at sign_due_at contact_due_at feedback_due_at reply_due_at"
    " legal_due_at accepted_at signed_at contacted_at feedback_at replied_at rated_at closed_at"
    " next_due_at updated_at scan_at"
).split()
KEYS = ("mailbox_id", "unit_id", "merged_into_id")
PAUSES = 4
_PAUSES = [(f"pause_from_{n}", f"pause_to_{n}") for n in range(PAUSES)]
MOVING = (*TIMES, *KEYS, *(name for ends in _PAUSES for name in ends))
REGISTERS = {name: place for place, name in enumerate(("at", "arg", *MOVING))}
# Columns of a case that only say how it went; the others come from the letter.
_OF_LETTER = ("kind", "category", "urgent")
PLAIN = tuple(name for name in replay.FACTS if name not in (*MOVING, *_OF_LETTER, "seq", "pauses"))
_FACTS = (*PLAIN, *MOVING)
SETTLE = 0  # the input that ends a letter; and of the two answers to a condition, 0 is no
EXTEND = codes.action_code("extend")
_NAMED = ("by", "unit")
_LEARNT = ("steps", "ends", "measures", "_inputs", "_codes", "_nodes", "_places", "_starts")
# Fields whose value varies: that they are there is all that the fold asks.
_VARYING = {
    "dispatch": {"unit": ""},
    "forward_down": {"unit": ""},
    "merge": {"into": 0},
    "record_incident": {"number": ""},
    "record_rule": {"number": "", "title": ""},
}


class TimelineError(Exception):
    """A timeline that the table does not allow: names letter, event and rule."""


def default_role(row):
    """Return who takes a simulated step unless the timeline says: the timers, else the first."""
    return BY_SYSTEM if BY_SYSTEM in row.roles else row.roles[0]


class State(NamedTuple):
    """What decides how a case goes on: its plain columns, which times it has, what was counted.

    A tuple, as there are ten thousands. facts: in the order of _FACTS; of a time or key its register.
    """

    level: str
    kind: str
    facts: tuple
    resume_to: str
    counted: tuple
    solving: tuple | None

    @classmethod
    def of(cls, level, kind, facts, resume_to, measuring):
        """Return the State of facts by name and of a Measuring."""
        counted, solving = (measuring.responded, measuring.replied), measuring.solving
        told = tuple(vars(solving).values()) if solving else None
        return cls(level, kind, tuple(map(facts.get, _FACTS)), resume_to, counted, told)

    def columns(self):
        """Return its facts by name."""
        return dict(zip(_FACTS, self.facts, strict=True))

    def measuring(self):
        """Return a Measuring that remembers as much."""
        found = counts.Measuring(self.kind)
        found.responded, found.replied = self.counted
        if self.solving:
            vars(found.solving).update(zip(vars(found.solving), self.solving, strict=True))
        return found


# A place within a step at which two times are compared.
Condition = namedtuple("Condition", "state code answers compiler")


class Edge:
    """What follows from an input: as in programs.Arrays, and the step as in Automaton."""

    target, due, unit, is_open, hits, step = -1, -1, -1, False, (), None


class Automaton:
    """All that is known so far. arrays: the same for walks.py, as Arrays of programs.py.

    steps: for each edge that ends a step (action, old_state, new_state, role), or None.
    ends: the plain columns of a case by the number in its last edge. measures: names by number.
    """

    def __init__(self, policy):
        self._trace = symbols.Trace()
        self._policy = changed(policy, calendar=symbols.Calendar(self._trace))
        self.arrays = Arrays(policy.calendar, len(TIMES) + len(KEYS) + 2 * PAUSES)
        self.steps, self.ends, self.measures = [], [], {}
        self._symbols = {name: Symbol(self._trace, ("register", name)) for name in REGISTERS}
        self._inputs, self._codes = [None, None], {}
        self._nodes, self._places, self._starts = [], {}, {}
        self.edges_kept = 0  # for learning.py

    @property
    def edges(self):
        """How many edges there are."""
        return len(self.steps)

    @property
    def learnt(self):
        """All that follows from events and policy, to be set again in another process."""
        return {name: getattr(self, name) for name in _LEARNT}, self.arrays.grown()

    @learnt.setter
    def learnt(self, learnt):
        columns, arrays = learnt
        vars(self).update(columns)
        vars(self.arrays).update(arrays)
        self.edges_kept = self.edges

    def start(self, kind, level):
        """Return the node at which a letter of this kind in a mailbox of this level starts.

        Kinds that have the same promises, and bring problems or none, go the same way.
        """
        lengths = tuple(self._policy.length(level, kind, clock) for clock in CLOCKS)
        alike = (level, lengths, kind in PROBLEM_KINDS)
        if alike not in self._starts:
            facts = replay.Facts(
                mailbox_id=None, kind=kind, category=None, received_at=None, urgent=None
            )
            known = {name: getattr(facts, name) for name in PLAIN} | dict.fromkeys(MOVING)
            known.update(dict.fromkeys(("received_at", "episode_at", "updated_at"), "received_at"))
            known.update(mailbox_id="mailbox_id", unit_id="mailbox_id")
            start = State.of(level, kind, known, "", counts.Measuring(kind))
            self._starts[alike] = self._node(start)
        return self._starts[alike]

    def inputs(self, action, said, arg):
        """Return the numbers of events' inputs, as an array. action, said, arg: of a Block."""
        key = action.astype(np.int64) << 32 | said.astype(np.int64) << 16
        extends = action == EXTEND
        key[extends] |= arg[extends]
        found, places = np.unique(key, return_inverse=True)
        for one in found.tolist():
            if one not in self._codes:
                self._codes[one] = len(self._inputs)
                self._inputs.append((one >> 32, one >> 16 & 0xFFFF, one & 0xFFFF))
        self.arrays.widen(len(self._inputs))
        return np.array([self._codes[one] for one in found.tolist()], np.int32)[places]

    def grow(self, node, code):
        """Add the edge that an input needs at a node. Raises: TimelineError."""
        here, compiler, answers = self._nodes[node], Compiler(REGISTERS), ()
        if isinstance(here, Condition):
            answers, compiler = (*here.answers, bool(code)), here.compiler.copy()
            state, code_of_step = here.state, here.code
        else:
            state, code_of_step = here, code
        self._trace.begin(answers)
        first = compiler.length
        edge = Edge()
        try:
            if code_of_step == SETTLE:
                self._settle(edge, state, compiler)
            else:
                self._step(edge, state, code_of_step, compiler)
        except Undecided as stop:
            compiler.compare(*stop.condition)
            edge.target = self._node(Condition(state, code_of_step, answers, compiler))
        hits = [(self._measure(name), value) for name, value in edge.hits]
        row = (edge.target, edge.due, edge.unit, edge.is_open)
        self.arrays.add_edge(node, code, compiler.since(first), hits, row)
        self.steps.append(edge.step)

    def _node(self, what):
        """Return the number of a state, or of a new condition."""
        is_state = isinstance(what, State)
        if is_state and what in self._places:
            return self._places[what]
        self._nodes.append(what)
        number = self.arrays.add_node(*((-1, 0, 0) if is_state else what.compiler.compared))
        if is_state:
            self._places[what] = number
        return number

    def _measure(self, name):
        return self.measures.setdefault(name, len(self.measures))

    def _step(self, edge, state, code, compiler):
        """Run fold and counting of one event, and write down what they did."""
        facts = self._facts(state)
        event, named = self._event(state, facts, code)
        event.due_at = replay.due_of(TRANSITIONS[event.action], facts)
        chosen = self._symbols["arg"] if named else None
        event.unit_id = replay.unit_after(event.action, facts, chosen)
        replay.apply(facts, event, self._policy, state.level)
        measuring = state.measuring()
        edge.hits = [(name, value) for name, _at, _unit, value in measuring.step(event)]
        if event.due_at is not None:
            edge.due = compiler.kept(event.due_at.node)
        columns = self._assign(facts, compiler)
        resume_to = replay.resume_state([event]) or state.resume_to
        edge.target = self._node(State.of(state.level, state.kind, columns, resume_to, measuring))
        edge.unit = REGISTERS[columns["unit_id"]]
        edge.is_open = event.new_state in OPEN
        edge.step = (event.action, event.old_state, event.new_state, event.role)

    def _event(self, state, facts, code):
        """Return the event, checked against the table, and whether it names a unit."""
        action, said, days = self._inputs[code]
        action = codes.ACTIONS[action]
        row = TRANSITIONS[action]
        if facts.state not in row.sources:
            raise TimelineError(f"{action} does not follow from “{facts.state}”")
        said = _VARYING.get(action) or codes.SAID[said]
        if action == "extend":
            said = {"days": days, **said}
        for name in row.requires:
            if name not in said and not (name == "text" and "template" in said):
                raise TimelineError(f"{action} lacks {name}")
        data = {name: value for name, value in said.items() if name not in _NAMED}
        if "into" in data:
            data["into"] = self._symbols["arg"]
        event = SimpleNamespace(
            action=action,
            at=self._symbols["at"],
            seq=0,
            old_state=facts.state,
            role=said.get("by") or default_role(row),
            data=data,
        )
        event.new_state = str(replay.target_state(row, facts, state.resume_to))
        return event, "unit" in said

    def _settle(self, edge, state, compiler):
        """Run what follows the last event; its due is the number of the end."""
        facts = self._facts(state)
        replay.settle(facts, self._policy, state.level)
        columns = self._assign(facts, compiler)
        places = [-1 if columns[name] is None else REGISTERS[columns[name]] for name in MOVING]
        self.ends.append({name: columns[name] for name in PLAIN})
        self.arrays.add_end(places)
        edge.due = len(self.ends) - 1

    def _facts(self, state):
        """Return Facts with a symbol for each time and key that the case has."""
        facts = replay.Facts(
            mailbox_id=0, kind=state.kind, category="", received_at=None, urgent=False
        )
        known, symbol, columns = state.columns(), self._symbols.get, vars(facts)
        for name in PLAIN:
            columns[name] = known[name]
        for name in (*TIMES, *KEYS):
            columns[name] = symbol(known[name])
        facts.pauses = [
            [symbol(known[name]) for name in ends] for ends in _PAUSES if known[ends[0]] is not None
        ]
        return facts

    def _assign(self, facts, compiler):
        """Move each time to its register; return the facts of the new State.

        Times that are the same share the first one's register, so that they stay the same.
        """
        if len(facts.pauses) > PAUSES:
            raise TimelineError(f"the citizen was asked more than {PAUSES} times")
        found = vars(facts)
        columns = {name: found[name] for name in PLAIN} | dict.fromkeys(MOVING)
        values = [(name, found[name]) for name in (*TIMES, *KEYS) if found[name] is not None]
        for names, pause in zip(_PAUSES, facts.pauses, strict=False):
            values += [pair for pair in zip(names, pause, strict=True) if pair[1] is not None]
        owners, moves = {}, {}
        for name, value in values:
            columns[name] = owner = owners.setdefault(value.node, name)
            if owner == name and value.node != ("register", name):
                moves[name] = value.node
        compiler.move(moves)
        return columns

"""Expressions of symbols.py as short programs over registers, in arrays for walks.py."""

import numpy as np

from cases.calendars import DAY, WORKING_DAYS, WORKING_HOURS

# Operations: what becomes of operands a and b, which are registers, and the number c.
NUMBER, COPY, MORE, SUM, DIFFERENCE, REACH, BETWEEN, OPENING = range(8)
CLOCKS = (WORKING_HOURS, WORKING_DAYS)
SCRATCH = 200
MOST_HITS = 6  # of one event: the arrays of hits are made for so many


class Compiler:
    """Writes the program of one step; what was computed before a condition is still there after."""

    def __init__(self, registers):
        self._registers, self._places, self._next = registers, {}, len(registers)
        self._lines, self.compared = [], None

    def copy(self):
        """Return a compiler that goes on from here."""
        other = Compiler(self._registers)
        other._places, other._next = dict(self._places), self._next
        other._lines = list(self._lines)
        return other

    @property
    def length(self):
        """How many lines there are so far."""
        return len(self._lines)

    def since(self, line):
        """Return the lines from a number on: (operation, into, a, b, c)."""
        return self._lines[line:]

    def compare(self, what, left, right):
        """Compute both sides of a condition."""
        self.compared = (what, self.operand(left), self.operand(right))

    def operand(self, node):
        """Return the register that holds an expression, computed if it isn't yet."""
        if node[0] == "register":
            return self._registers[node[1]]
        if node not in self._places:
            self._places[node] = self._write(*_line(node, self.operand))
        return self._places[node]

    def kept(self, node):
        """Return a scratch register that holds an expression whatever is moved afterwards."""
        place = self.operand(node)
        return self._write(COPY, place) if node[0] == "register" else place

    def move(self, moves):
        """Set registers, {name: expression}, all at once."""
        sources = {name: self.kept(node) for name, node in moves.items()}
        for name, place in sources.items():
            self._lines.append((COPY, self._registers[name], place, 0, 0))

    def _write(self, operation, a=0, b=0, c=0):
        place, self._next = self._next, self._next + 1
        if place >= len(self._registers) + SCRATCH:
            raise RuntimeError("a step needs more registers than there are")
        self._lines.append((operation, place, a, b, c))
        return place


def _line(node, operand):
    """Return (operation, a, b, c) of an expression."""
    name, *rest = node
    if name == "number":
        return NUMBER, 0, 0, rest[0]
    if name == "more":
        return MORE, operand(rest[0]), 0, rest[1]
    if name in ("sum", "difference"):
        return (SUM if name == "sum" else DIFFERENCE), operand(rest[0]), operand(rest[1])
    if name in ("reach", "between"):
        clock = CLOCKS.index(rest[0])
        return (REACH if name == "reach" else BETWEEN), operand(rest[1]), operand(rest[2]), clock
    return OPENING, operand(rest[0])


class Arrays:
    """What walks.py reads, in arrays that grow: nodes, edges, lines, hits and ends.

    table[node, input]: edge or -1. nodes: what is compared (-1 in a state), a, b. edges: first
    line and the one after the last, first hit and the one after the last, target, register of
    the due time (or the end's number), register of the unit, whether the case is open. lines:
    operation, into, a, b, c. hits: measure, value. ends: register of each time and key, or -1.
    """

    def __init__(self, calendar, columns):
        self.table = np.full((256, 128), -1, np.int32)
        self.nodes, self.edges = np.zeros((256, 3), np.int64), np.zeros((1024, 8), np.int64)
        self.lines, self.hits = np.zeros((4096, 5), np.int64), np.zeros((1024, 2), np.int64)
        self.ends = np.zeros((64, columns), np.int64)
        self.used = {"nodes": 0, "edges": 0, "lines": 0, "hits": 0, "ends": 0}
        days = calendar.working_days
        self.calendar = (
            np.array(days.days),
            np.array(days.before),
            np.array(calendar.blocks),
            np.array([[0, DAY]]),
            np.array([days.known_from, days.known_to]),
        )

    def grown(self):
        """Return all that grows, by name."""
        return {name: value for name, value in vars(self).items() if name != "calendar"}

    def graph(self):
        """Return the arrays that a walk follows."""
        return self.table, self.nodes, self.edges, self.lines, self.ends

    def widen(self, inputs):
        """Make room for so many inputs."""
        if inputs > self.table.shape[1]:
            more = np.full((len(self.table), inputs), -1, np.int32)
            self.table = np.concatenate([self.table, more], axis=1)

    def add_node(self, *compared):
        """Add a node and return its number."""
        number = self._add("nodes", [compared])
        if number >= len(self.table):
            self.table = np.concatenate([self.table, np.full_like(self.table, -1)])
        return number

    def add_edge(self, node, code, lines, hits, rest):
        """Add an edge with its program and its hits; rest: its other columns."""
        if len(hits) > MOST_HITS:
            raise RuntimeError(f"an event counts as {len(hits)} things, more than {MOST_HITS}")
        line, hit = self._add("lines", lines), self._add("hits", hits)
        row = (line, line + len(lines), hit, hit + len(hits), *rest)
        self.table[node, code] = self._add("edges", [row])

    def add_end(self, places):
        """Add where the times and keys of a case stand at its end."""
        self._add("ends", [places])

    def _add(self, name, rows):
        """Append rows to one of the arrays; return the number of the first."""
        array, used = getattr(self, name), self.used[name]
        while used + len(rows) > len(array):
            array = np.concatenate([array, np.zeros_like(array)])
            setattr(self, name, array)
        if rows:
            array[used : used + len(rows)] = rows
        self.used[name] = used + len(rows)
        return used

"""A block of finished letters folded and counted, by columns: what rows and figures are made of."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from cases import policy as policies
from cases.transitions import State
from simulation import codes, learning, walks
from simulation.automaton import MOVING, Automaton
from simulation.blocks import Block
from simulation.scenario import DEPARTMENT, KIND_CODES

STATE_CODES = tuple(str(state) for state in State)
LEVELS = ("city", "department")  # of a mailbox, by Columns.to_department
# An automaton that has grown so large is left for a new one, so that memory stays bounded.
MAX_NODES = 100_000
_NAMING = [codes.action_code(action) for action in ("dispatch", "forward_down")]
_COLUMNS = {name: place for place, name in enumerate(MOVING)}


class Offices:
    """The units of a scenario as arrays: key and area of each, by its place in codes.unit_codes."""

    def __init__(self, scenario, table):
        """table: {unit code: (key, level, key of its area)}."""
        rows = [table[code] for code in codes.unit_codes(scenario)]
        self.keys = np.array([key for key, _level, _area in rows], np.int64)
        areas = np.array([area for _key, _level, area in rows], np.int64)
        order = np.argsort(self.keys)
        self._sorted, self._areas = self.keys[order], areas[order]
        self.department = table[DEPARTMENT][0]
        self.cities = np.array([table[city.code][0] for city in scenario.cities], np.int64)

    def areas(self, keys):
        """Return the key of the area of each unit, given by their keys."""
        return self._areas[np.searchsorted(self._sorted, keys)]


def plain_offices(scenario):
    """Return {unit code: (number, level, area)} that needs no database: numbers in order, from 0."""
    places = {code: place for place, code in enumerate(codes.unit_codes(scenario))}
    above = {unit: city.code for city in scenario.cities for unit in city.units}
    return {code: (place, "", places[above.get(code, code)]) for code, place in places.items()}


@dataclass(frozen=True)
class Folded:
    """A Block with what came of it. at: microseconds since 1970; all else as walks.Walked."""

    block: Block
    offices: Offices
    automaton: Automaton
    walked: walks.Walked
    at: np.ndarray

    @cached_property
    def letter(self):
        """Which letter of the block each event belongs to."""
        return np.repeat(np.arange(len(self.block)), np.diff(self.block.start))

    def column(self, name):
        """Return a time or key of each letter at its end, by the name of the case's column."""
        return self.walked.columns[:, _COLUMNS[name]]

    def states(self):
        """Return the state of each letter at its end, as an index into STATE_CODES."""
        used, place = np.unique(self.walked.end, return_inverse=True)
        ends = [STATE_CODES.index(self.automaton.ends[end]["state"]) for end in used.tolist()]
        return np.array(ends, np.int64)[place]

    def hits(self):
        """Return (measure, value, event) of all that is counted, three arrays."""
        measure, value = self.automaton.arrays.hits[self.walked.hit].T
        return measure, value, self.walked.hit_event

    def first(self, chosen):
        """Return the second of each letter's first chosen event, or -1. chosen: events, rising."""
        found = np.full(len(self.block), -1, np.int64)
        backwards = chosen[::-1]
        found[self.letter[backwards]] = self.block.at[backwards]
        return found

    def is_open(self):
        """Return for each event whether the letter is open after it."""
        return self.automaton.arrays.edges[self.walked.edge, 7].astype(bool)


@lru_cache(maxsize=4)
def _kept(lengths):
    return []


def automaton(policy):
    """Return this process's automaton of a policy."""
    kept = _kept(tuple(policy.lengths.items()))
    if not kept or kept[0].arrays.used["nodes"] > MAX_NODES:
        kept[:] = [Automaton(policy) if kept else learning.recall(policy)]
    return kept[0]


def fold(block, start, offices, policy=None):
    """Fold and count all letters of a Block.

    start: second 0, in microseconds since 1970. policy: of cases/policy.py, by default the
    desk's; others may differ from it in their lengths alone. Raises: TimelineError.
    """
    policy = policy or policies.load()
    grown, letters = automaton(policy), block.letters
    up = letters.to_department.astype(bool)
    nodes = np.array([[grown.start(kind, level) for level in LEVELS] for kind in KIND_CODES])
    mailboxes = np.where(up, offices.department, offices.cities[letters.city])
    at = start + block.at.astype(np.int64) * 1_000_000
    names_unit = np.isin(block.action, _NAMING)
    arg = np.where(names_unit, offices.keys[np.where(names_unit, block.arg, 0)], block.arg)
    walked = walks.walk(
        grown,
        nodes[letters.kind, up.astype(np.int64)],
        mailboxes,
        letters.number,
        block.start,
        (at, grown.inputs(block.action, block.said, block.arg), arg),
    )
    learning.keep(grown, policy)
    return Folded(block, offices, grown, walked, at)

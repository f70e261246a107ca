"""Reading the engine's timelines in tests, without a database."""

from datetime import timedelta
from types import SimpleNamespace

import numpy as np

from cases import policy, replay
from cases.transitions import RESUME, SAME, START, TRANSITIONS, State
from simulation import codes
from simulation.automaton import default_role
from simulation.blocks import Block


def states(timeline):
    """Return the state after each event, checking every step against the table."""
    state, before, found = START, "", []
    for _at, action, said in timeline:
        row = TRANSITIONS[action]
        assert state in row.sources, f"{action} in {state}"
        missing = [
            name
            for name in row.requires
            if name not in said and not (name == "text" and "template" in said)
        ]
        assert not missing, f"{action} lacks {missing}"
        known = {*row.requires, *row.allows, "template", "by"}
        assert set(said) <= known, f"{action} says {set(said) - known}"
        assert said.get("by", row.roles[0]) in row.roles
        target = {SAME: state, RESUME: before}.get(row.target, row.target)
        if target in (State.AWAITING_CITIZEN, State.MERGED):
            before = state
        state = target
        found.append(state)
    return found


def steps(timeline):
    """Return the events with what cases/statistics.py reads of them, times in seconds."""
    found, before = [], START
    for (at, action, said), after in zip(timeline, states(timeline), strict=True):
        step = SimpleNamespace(at=at, action=action, data=said, unit_id=0, due_at=None, role="")
        step.old_state, step.new_state = before, after
        found.append(step)
        before = after
    return found


def folded(arrival, timeline, midnight, units):
    """Return (facts, events) of a letter, folded event by event as a live case is.

    midnight: second 0. units: as of shards.unit_table.
    """
    mailbox, level, _area = units[arrival.mailbox]
    facts = replay.Facts(
        mailbox_id=mailbox,
        kind=arrival.kind,
        category=arrival.category,
        received_at=midnight + timedelta(seconds=arrival.at),
        urgent=arrival.emergency,
    )
    events = steps(timeline)
    for seq, event in enumerate(events, start=1):
        row, said = TRANSITIONS[event.action], event.data
        event.seq, event.at = seq, midnight + timedelta(seconds=event.at)
        event.role = said.get("by") or default_role(row)
        chosen = units[said["unit"]][0] if "unit" in said else None
        event.unit_id = replay.unit_after(event.action, facts, chosen)
        event.due_at = replay.due_of(row, facts)
        replay.apply(facts, event, policy.load(), level)
    replay.settle(facts, policy.load(), level)
    return facts, events


def block_of(arrivals, arrival, timeline):
    """Return the Block of one letter of these arrivals; its events say nothing that varies."""
    at, action, said = zip(*timeline, strict=True)
    return Block(
        letters=arrivals.take(np.array([arrival.number - 1])),
        start=np.array([0, len(timeline)]),
        at=np.array(at, np.int32),
        action=np.array([codes.action_code(name) for name in action], np.uint8),
        said=np.array([codes.said_code(fields) for fields in said], np.uint16),
        arg=np.zeros(len(timeline), np.int64),
    )

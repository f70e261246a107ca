"""Letters that are given out: the buffer that they are written to, and that becomes a Block."""

from collections import namedtuple

import numpy as np

from simulation.arrivals import Columns
from simulation.blocks import Block
from simulation.compiled import compiled, compiled_whole
from simulation.compiled.mail import (
    ARRIVAL,
    FREE_EVENTS,
    MOST_EVENTS,
    NO_EVENT,
    drop_event,
    free,
    press,
)

Out = namedtuple("Out", "letters start at action said arg count")
# Places in Out.count.
_LETTERS, _EVENTS = 0, 1
_EVENTS_A_LETTER = 16
# Why give_out_rest came back: it needs room in the block, or slots for events, or is through.
NO_ROOM, NO_SLOTS, ALL_OUT = range(3)


def build(size):
    """Return a buffer for so many letters, with room for events as most have them."""
    events = size * _EVENTS_A_LETTER + MOST_EVENTS
    return Out(
        letters=np.zeros(size, ARRIVAL),
        start=np.zeros(size + 1, np.int64),
        at=np.zeros(events, np.int32),
        action=np.zeros(events, np.uint8),
        said=np.zeros(events, np.uint16),
        arg=np.zeros(events, np.int64),
        count=np.zeros(2, np.int64),
    )


def roomier(out):
    """Return the buffer with room for twice the events."""
    names = ("at", "action", "said", "arg")
    return out._replace(
        **{n: np.concatenate([getattr(out, n), np.zeros_like(getattr(out, n))]) for n in names}
    )


@compiled
def is_full(out):
    """Return whether one more letter may have no room."""
    letters, events = out.count[_LETTERS], out.count[_EVENTS]
    return letters == len(out.letters) or events + MOST_EVENTS > len(out.at)


@compiled
def copy(source, target):
    """Copy what stands in both an arrival and a letter."""
    target.number, target.key, target.at = source.number, source.key, source.at
    target.to_department, target.city, target.unit = source.to_department, source.city, source.unit
    target.kind, target.category = source.kind, source.category
    target.writer_number, target.repeats = source.writer_number, source.repeats
    target.emergency, target.confidential = source.emergency, source.confidential


@compiled_whole
def give_out(mail, i, out, horizon):
    """Write a letter with its events before the horizon to the block, and free its slot."""
    row, count = mail.letters[i], out.count
    press(mail, i, horizon)
    copy(row, out.letters[count[_LETTERS]])
    place = row.first
    while place != NO_EVENT:
        event = mail.events[place]
        if event.at < horizon:
            n = count[_EVENTS]
            out.at[n], out.action[n] = event.at, event.action
            out.said[n], out.arg[n] = event.said, event.arg
            count[_EVENTS] += 1
        place = drop_event(mail, place)
    count[_LETTERS] += 1
    out.start[count[_LETTERS]] = count[_EVENTS]
    free(mail, i)


@compiled_whole
def give_out_rest(mail, slots, done, out, horizon):
    """Give out unfinished letters, as far as they got, until all are out or something is short.

    slots: theirs, in the order wanted; done: array of one, how many are out.
    """
    while done[0] < len(slots):
        if is_full(out):
            return NO_ROOM
        if mail.count[FREE_EVENTS] < MOST_EVENTS:
            return NO_SLOTS
        give_out(mail, slots[done[0]], out, horizon)
        done[0] += 1
    return ALL_OUT


def block(scenario, out):
    """Return what is in the buffer as a Block, and empty it."""
    letters, events = (int(n) for n in out.count)
    out.count[:] = 0
    return Block(
        letters=columns(scenario, out.letters[:letters]),
        start=out.start[: letters + 1].copy(),
        **{n: getattr(out, n)[:events].copy() for n in ("at", "action", "said", "arg")},
    )


def columns(scenario, letters):
    """Return the arrivals.Columns of an array of ARRIVAL."""
    wide = {
        name: letters[name].astype(bool if kind == "bool" else np.int64)
        for name, (kind, _offset) in letters.dtype.fields.items()
    }
    return Columns(scenario=scenario, **wide)

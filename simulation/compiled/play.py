"""The driver for the mailbox: letters come, go their way, and are given out when they end.

Memory holds the letters on their way and one block of finished ones; both grow as needed.
"""

from collections import namedtuple

import numpy as np

from simulation.arrivals import Columns
from simulation.blocks import Block
from simulation.compiled import compiled, compiled_whole, floor, mail, plan, results
from simulation.compiled.journey import begin, go_on
from simulation.compiled.loop import COMES, OVER, next_due
from simulation.compiled.mail import (
    ARRIVAL,
    EVENT,
    FREE_EVENTS,
    FREE_LETTERS,
    LETTER,
    NO_EVENT,
    press,
)
from simulation.scenario import CATEGORY_CODES
from simulation.stations import NEVER

# Why advance came back, beside OVER.
FULL, CROWDED, FED = -3, -4, -5
# No step of one letter writes more events than this, and no letter has more.
_MOST_EVENTS = 128
# Places in Out.count.
_LETTERS, _EVENTS = 0, 1
_SLOTS, _EVENTS_A_LETTER = 1024, 8

Out = namedtuple("Out", "letters start at action said arg count")


@compiled_whole
def advance(mail, feed, fed, more, out, horizon):
    """Play on until a block is FULL, slots are short (CROWDED), the feed is used up (FED) or OVER.

    feed: arrivals in time order; fed: array of one, how many have come. more: whether others
    follow them.
    """
    while True:
        if out.count[_LETTERS] == len(out.letters) or out.count[_EVENTS] + _MOST_EVENTS > len(
            out.at
        ):
            return FULL
        if mail.count[FREE_LETTERS] == 0 or mail.count[FREE_EVENTS] < _MOST_EVENTS:
            return CROWDED
        coming_at = NEVER
        if fed[0] < len(feed):
            coming_at = np.int64(feed[fed[0]].at)
        elif more:
            return FED
        letter = next_due(mail.floor, coming_at, horizon)
        if letter == OVER:
            return OVER
        if letter == COMES:
            begin(mail, _admit(mail, feed[fed[0]]))
            fed[0] += 1
        elif go_on(mail, letter):
            _give_out(mail, letter, out, horizon)


@compiled
def _copy(source, target):
    """Copy what stands in both an arrival and a letter."""
    target.number, target.key, target.at = source.number, source.key, source.at
    target.to_department, target.city, target.unit = source.to_department, source.city, source.unit
    target.kind, target.category = source.kind, source.category
    target.writer_number, target.repeats = source.writer_number, source.repeats
    target.emergency, target.confidential = source.emergency, source.confidential


@compiled
def _admit(mail, arrival):
    """Give a letter that comes a slot, and return that."""
    mail.count[FREE_LETTERS] -= 1
    i = mail.free_letters[mail.count[FREE_LETTERS]]
    row = mail.letters[i]
    _copy(arrival, row)
    row.place = mail.cities[row.city, 0] + row.unit
    row.first = row.last = NO_EVENT
    row.passed = row.redo = row.pressed = 0
    row.press_at = NEVER
    return i


@compiled_whole
def _give_out(mail, i, out, horizon):
    """Write a letter with its events before the horizon to the block, and free its slot."""
    row, count = mail.letters[i], out.count
    press(mail, i, horizon)
    _copy(row, out.letters[count[_LETTERS]])
    place = row.first
    while place != NO_EVENT:
        event = mail.events[place]
        if event.at < horizon:
            n = count[_EVENTS]
            out.at[n], out.action[n] = event.at, event.action
            out.said[n], out.arg[n] = event.said, event.arg
            count[_EVENTS] += 1
        mail.free_events[mail.count[FREE_EVENTS]] = place
        mail.count[FREE_EVENTS] += 1
        place = event.next
    count[_LETTERS] += 1
    out.start[count[_LETTERS]] = count[_EVENTS]
    mail.free_letters[mail.count[FREE_LETTERS]] = i
    mail.count[FREE_LETTERS] += 1
    row.number = 0


@compiled_whole
def give_out_rest(mail, slots, done, out, horizon):
    """Give out unfinished letters, as far as they got, until the block is FULL or all are out.

    slots: theirs, in the order wanted; done: array of one, how many are out.
    """
    while done[0] < len(slots):
        if out.count[_LETTERS] == len(out.letters) or out.count[_EVENTS] + _MOST_EVENTS > len(
            out.at
        ):
            return FULL
        if mail.count[FREE_EVENTS] < _MOST_EVENTS:
            return CROWDED
        _give_out(mail, slots[done[0]], out, horizon)
        done[0] += 1
    return OVER


class Playing:
    """One run of the compiled engine: iterate `blocks`, then ask for what was `measured`."""

    def __init__(self, scenario, seed, office, feed):
        """office: Office of scenario and seed. feed: iterable of arrays of ARRIVAL, in time order."""
        self._scenario, self._feed = scenario, iter(feed)
        rosters, places = _rosters(office)
        self._rosters = rosters
        plans = plan.build(scenario, seed, office)
        plans[0]["office_hours"] = rosters.index(office.office_hours)
        plans[0]["working_days"] = rosters.index(office.working_days)
        units = [len(city.units) for city in scenario.cities]
        self._mail = mail.Mail(
            floor=floor.build(rosters, places, 2, scenario.days, _SLOTS),
            plan=plans,
            letters=np.zeros(_SLOTS, LETTER),
            events=np.zeros(_SLOTS * _EVENTS_A_LETTER, EVENT),
            free_letters=np.arange(_SLOTS, dtype=np.int32),
            free_events=np.arange(_SLOTS * _EVENTS_A_LETTER, dtype=np.int32),
            count=np.array([_SLOTS, _SLOTS * _EVENTS_A_LETTER, 0]),
            cities=np.array([(sum(units[:n]), units[n]) for n in range(len(units))]),
            effects=np.array(list(office.effects.values())),
            open=np.zeros(scenario.letters + 1, np.uint8),
            faults=np.zeros(len(CATEGORY_CODES) + 1, np.int64),
            pile=np.zeros((8, 4), np.int64),
        )

    def blocks(self, size):
        """Yield all letters as Blocks of `size`."""
        out, horizon = _out(size), self._scenario.horizon
        feed, following = next(self._feed), next(self._feed, None)
        fed = np.zeros(1, np.int64)
        while True:
            why = advance(self._mail, feed, fed, following is not None, out, horizon)
            if why == OVER:
                break
            if why == FED:
                feed, following = following, next(self._feed, None)
                fed[0] = 0
            elif why == CROWDED:
                self._make_room()
            elif out.count[_LETTERS] == size:
                yield self._block(out)
            else:
                out = _roomier(out)
        self._measures = results.measures(self._mail.floor, self._rosters, horizon)
        yield from self._rest(out, size, horizon)

    def _rest(self, out, size, horizon):
        numbers = self._mail.letters["number"]
        slots = np.flatnonzero(numbers)
        slots, done = slots[np.argsort(numbers[slots])], np.zeros(1, np.int64)
        while (why := give_out_rest(self._mail, slots, done, out, horizon)) != OVER:
            if why == CROWDED:
                self._make_room()
            elif out.count[_LETTERS] == size:
                yield self._block(out)
            else:
                out = _roomier(out)
        if out.count[_LETTERS]:
            yield self._block(out)

    def measured(self):
        """Return Measures, seconds of work by hour of the week, and who waits at each day's end.

        One row for each station of the office; call it when all blocks are out.
        """
        return self._measures, results.hours(self._mail.floor), self._mail.floor.days

    def _block(self, out):
        """Return what is in the buffer as a Block, and empty it."""
        letters, events = (int(n) for n in out.count)
        out.count[:] = 0
        return Block(
            letters=columns(self._scenario, out.letters[:letters]),
            start=out.start[: letters + 1].copy(),
            **{n: getattr(out, n)[:events].copy() for n in ("at", "action", "said", "arg")},
        )

    def _make_room(self):
        """Double the slots for letters on their way, or for events, where few are left."""
        mine = self._mail
        if mine.count[FREE_LETTERS] == 0:
            slots = len(mine.letters)
            mine.count[FREE_LETTERS] = slots
            self._mail = mine = mine._replace(
                floor=floor.grown(mine.floor, 2 * slots),
                letters=floor.longer(mine.letters, 2 * slots),
                free_letters=np.arange(slots, 3 * slots, dtype=np.int32),
            )
        if mine.count[FREE_EVENTS] < _MOST_EVENTS:
            slots, left = len(mine.events), mine.count[FREE_EVENTS]
            free = floor.longer(mine.free_events, 2 * slots)
            free[left : left + slots] = np.arange(slots, 2 * slots)
            mine.count[FREE_EVENTS] += slots
            events = floor.longer(mine.events, 2 * slots)
            self._mail = mine._replace(events=events, free_events=free)


def feed_of(windows, at_once=1 << 16):
    """Yield arrivals.Columns, one after the other, as arrays of ARRIVAL of so many letters at once."""
    for arrivals in windows:
        for first in range(0, len(arrivals), at_once):
            part = slice(first, first + at_once)
            feed = np.zeros(len(arrivals.at[part]), ARRIVAL)
            for name in ARRIVAL.names:
                feed[name] = getattr(arrivals, name)[part]
            yield feed


def columns(scenario, letters):
    """Return the arrivals.Columns of an array of ARRIVAL."""
    wide = {
        name: letters[name].astype(bool if kind == "bool" else np.int64)
        for name, (kind, _offset) in letters.dtype.fields.items()
    }
    return Columns(scenario=scenario, **wide)


def _rosters(office):
    """Return the rosters there are, each once, and for each station the place of its own."""
    rosters = [office.office_hours, office.working_days]
    places = []
    for station in office.stations:
        found = [n for n, roster in enumerate(rosters) if roster is station.roster]
        if not found:
            rosters.append(station.roster)
        places.append(found[0] if found else len(rosters) - 1)
    return rosters, np.array(places)


def _out(size):
    events = size * 2 * _EVENTS_A_LETTER + _MOST_EVENTS
    return Out(
        letters=np.zeros(size, ARRIVAL),
        start=np.zeros(size + 1, np.int64),
        at=np.zeros(events, np.int32),
        action=np.zeros(events, np.uint8),
        said=np.zeros(events, np.uint16),
        arg=np.zeros(events, np.int64),
        count=np.zeros(2, np.int64),
    )


def _roomier(out):
    """Return the buffer with room for twice the events."""
    names = ("at", "action", "said", "arg")
    return out._replace(
        **{n: np.concatenate([getattr(out, n), np.zeros_like(getattr(out, n))]) for n in names}
    )

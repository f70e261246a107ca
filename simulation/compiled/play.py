"""The driver for the mailbox: letters come, go their way, and are given out when they end.

Memory holds the letters on their way and one block of finished ones; both grow as needed.
Where very many are on their way, those that wait for long are on disk (away.py).
"""

from contextlib import ExitStack

import numpy as np

from simulation.compiled import away, compiled, compiled_whole, floor, giving, mail, plan, results
from simulation.compiled.giving import ALL_OUT, NO_SLOTS
from simulation.compiled.journey import begin, go_on
from simulation.compiled.loop import COMES, OVER, next_due
from simulation.compiled.mail import (
    ARRIVAL,
    EVENT,
    FREE_EVENTS,
    FREE_LETTERS,
    LETTER,
    MOST_EVENTS,
    NO_EVENT,
    crowded,
    slot,
)
from simulation.scenario import CATEGORY_CODES
from simulation.stations import NEVER

# Why advance came back, beside OVER.
FULL, CROWDED, FED, LADEN, TURNS = -3, -4, -5, -6, -7
_SLOTS, _EVENTS_A_LETTER = 1024, 8
# With room for so many letters, those that wait for long are put away.
_MANY = 1 << 16


@compiled_whole
def advance(mail, feed, fed, more, out, horizon):
    """Play on until a block is FULL, slots are short (CROWDED), the feed is used up (FED), what is
    put away goes to disk (LADEN), what waits there comes back (TURNS), or it is OVER.

    feed: arrivals in time order; fed: array of one, how many have come. more: whether others
    follow them.
    """
    until = min(horizon, mail.away.begins[0])
    while True:
        if giving.is_full(out):
            return FULL
        if crowded(mail):
            return CROWDED
        if away.is_full(mail.away):
            return LADEN
        coming_at = NEVER
        if fed[0] < len(feed):
            coming_at = np.int64(feed[fed[0]].at)
        elif more:
            return FED
        letter = next_due(mail.floor, coming_at, until)
        if letter == OVER:
            return OVER if until == horizon else TURNS
        if letter == COMES:
            begin(mail, _admit(mail, feed[fed[0]]))
            fed[0] += 1
        elif go_on(mail, letter):
            giving.give_out(mail, letter, out, horizon)


@compiled
def _admit(mail, arrival):
    """Give a letter that comes a slot, and return that."""
    i = slot(mail)
    row = mail.letters[i]
    giving.copy(arrival, row)
    row.place = mail.cities[row.city, 0] + row.unit
    row.first = row.last = NO_EVENT
    row.passed = row.redo = row.pressed = 0
    row.press_at = NEVER
    return i


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
            open=np.zeros(scenario.letters // 8 + 1, np.uint8),
            faults=np.zeros(len(CATEGORY_CODES) + 1, np.int64),
            pile=np.zeros((8, 4), np.int64),
            away=away.build(),
        )

    def blocks(self, size):
        """Yield all letters as Blocks of `size`."""
        out, horizon = giving.build(size), self._scenario.horizon
        feed, following = next(self._feed), next(self._feed, None)
        fed = np.zeros(1, np.int64)
        with ExitStack() as files:
            self._files = away.Files(self._scenario.letters, horizon, files)
            while True:
                why = advance(self._mail, feed, fed, following is not None, out, horizon)
                if why == OVER:
                    break
                if why == FED:
                    feed, following = following, next(self._feed, None)
                    fed[0] = 0
                elif why == CROWDED:
                    self._make_room()
                elif why == LADEN:
                    self._files.store(self._mail.away)
                elif why == TURNS:
                    self._turn()
                elif out.count[0] == size:
                    yield giving.block(self._scenario, out)
                else:
                    out = giving.roomier(out)
            self._measures = results.measures(self._mail.floor, self._rosters, horizon)
            yield from self._rest(out, size, horizon)

    def _turn(self):
        """Have the letters back that are due in the next window of time."""
        begins = self._mail.away.begins
        self._files.store(self._mail.away)
        begins[0] = self._files.window_after(begins[0])
        for _part in self._files.of_window(begins[0], self._mail.away):
            self._take_back(waiting=True)

    def _take_back(self, waiting):
        done = np.zeros(2, np.int64)
        while not away.take_back(self._mail, done, waiting):
            self._make_room()

    def _rest(self, out, size, horizon):
        """Yield the unfinished letters in the order of their numbers."""
        self._files.store(self._mail.away)
        for first, end in self._files.ranges:
            for _part in self._files.of_numbers(first, self._mail.away):
                self._take_back(waiting=False)
            numbers = self._mail.letters["number"]
            slots = np.flatnonzero((numbers >= max(first, 1)) & (numbers < end))
            slots, done = slots[np.argsort(numbers[slots])], np.zeros(1, np.int64)
            while (why := giving.give_out_rest(self._mail, slots, done, out, horizon)) != ALL_OUT:
                if why == NO_SLOTS:
                    self._make_room()
                elif out.count[0] == size:
                    yield giving.block(self._scenario, out)
                else:
                    out = giving.roomier(out)
        if out.count[0]:
            yield giving.block(self._scenario, out)

    def measured(self):
        """Return Measures, seconds of work by hour of the week, and who waits at each day's end.

        One row for each station of the office; call it when all blocks are out.
        """
        return self._measures, results.hours(self._mail.floor), self._mail.floor.days

    def _make_room(self):
        """Double the slots for letters on their way, or for events, where few are left.

        Where there are many by now, begin to put letters away.
        """
        mine = self._mail
        if mine.count[FREE_LETTERS] == 0:
            slots = len(mine.letters)
            mine.count[FREE_LETTERS] = slots
            self._mail = mine = mine._replace(
                floor=floor.grown(mine.floor, 2 * slots),
                letters=floor.longer(mine.letters, 2 * slots),
                free_letters=floor.longer(mine.free_letters, 2 * slots),
            )
            mine.free_letters[:slots] = np.arange(slots, 2 * slots)
            if 2 * slots >= _MANY and mine.away.begins[0] == NEVER:
                mine.away.begins[0] = self._files.window_after(mine.floor.clock[floor.NOW])
        if mine.count[FREE_EVENTS] < MOST_EVENTS:
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

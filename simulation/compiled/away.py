"""Letters that wait for long without anybody's work: on disk until their time comes near.

Only where many letters are on their way at once. A letter keeps its time and its turn among
those that are due with it, so where it has been in between changes nothing about the run.
"""

from collections import namedtuple

import numpy as np

from simulation.coming import temporary_file
from simulation.compiled import compiled, compiled_whole
from simulation.compiled.loop import turn, wait, wait_on
from simulation.compiled.mail import (
    EVENT,
    LETTER,
    MOST_EVENTS,
    NO_EVENT,
    crowded,
    drop_event,
    free,
    slot,
    write,
)
from simulation.stations import NEVER

# What goes to disk next, or comes back. begins: array of one, the time from which on whoever
# waits is put away. count: of letters and events. keys: columns as named below, by letter.
Away = namedtuple("Away", "begins count keys letters events")
LETTERS, EVENTS = 0, 1
_UNTIL, _TURN, _EVENTS = 0, 1, 2
_AT_ONCE, _EVENTS_A_LETTER = 1 << 14, 8
# The most windows of time; letters with numbers that share a file, once their time is over.
_LEAST, _MOST_WINDOWS, _NUMBERS = 6 * 3600, 512, 1 << 16


def build():
    """Return an empty Away, to which nothing goes until `begins` is set."""
    return Away(
        begins=np.array([NEVER]),
        count=np.zeros(2, np.int64),
        keys=np.zeros((_AT_ONCE, 3), np.int64),
        letters=np.zeros(_AT_ONCE, LETTER),
        events=np.zeros(_AT_ONCE * _EVENTS_A_LETTER + MOST_EVENTS, EVENT),
    )


@compiled
def is_full(away):
    """Return whether one more letter may have no room before the others go to disk."""
    letters, events = away.count[LETTERS], away.count[EVENTS]
    return letters == len(away.letters) or events + MOST_EVENTS > len(away.events)


@compiled
def rest(mail, i, until):
    """Let a letter wait without anybody's work: in its slot, or away if that is long enough."""
    if until < mail.away.begins[0]:
        wait(mail.floor, until, i)
    else:
        _put_away(mail, i, until)


@compiled_whole
def _put_away(mail, i, until):
    away, row = mail.away, mail.letters[i]
    n, first = away.count[LETTERS], away.count[EVENTS]
    place = row.first
    while place != NO_EVENT:
        away.events[away.count[EVENTS]] = mail.events[place]
        away.count[EVENTS] += 1
        place = drop_event(mail, place)
    away.letters[n] = row
    away.keys[n, _UNTIL], away.keys[n, _TURN] = until, turn(mail.floor)
    away.keys[n, _EVENTS] = away.count[EVENTS] - first
    away.count[LETTERS] += 1
    free(mail, i)


@compiled_whole
def take_back(mail, done, waiting):
    """Give the letters of `away` slots again until all have one; return False if slots are short.

    done: letters and events taken back so far. waiting: whether they go on to wait.
    """
    away = mail.away
    while done[LETTERS] < away.count[LETTERS]:
        if crowded(mail):
            return False
        n, i = done[LETTERS], slot(mail)
        mail.letters[i] = away.letters[n]
        mail.letters[i].first = mail.letters[i].last = NO_EVENT
        for place in range(done[EVENTS], done[EVENTS] + away.keys[n, _EVENTS]):
            event = away.events[place]
            write(mail, i, event.at, event.action, event.said, event.arg)
        if waiting:
            wait_on(mail.floor, away.keys[n, _UNTIL], away.keys[n, _TURN], i)
        done[LETTERS] += 1
        done[EVENTS] += away.keys[n, _EVENTS]
    away.count[:] = 0
    return True


class Files:
    """The letters that are away, on disk: by windows of time, and by number beyond the horizon."""

    def __init__(self, letters, horizon, files):
        """letters: how many come at all. files: ExitStack that closes the files."""
        self.horizon, self._files, self._bags = horizon, files, {}
        self._span = max(_LEAST, -(-horizon // _MOST_WINDOWS))
        self._numbers = max(_NUMBERS, -(-letters // _MOST_WINDOWS))
        self.ranges = [
            (first, first + self._numbers) for first in range(0, letters + 1, self._numbers)
        ]

    def window_after(self, at):
        """Return when the window after the one of `at` begins, or the horizon."""
        return min((at // self._span + 1) * self._span, self.horizon)

    def store(self, away):
        """Put what is in the arrays on disk, and empty them."""
        letters = away.count[LETTERS]
        if not letters:
            return
        keys, rows = away.keys[:letters], away.letters[:letters]
        over = keys[:, _UNTIL] >= self.horizon
        named = np.where(over, -1 - rows["number"] // self._numbers, keys[:, _UNTIL] // self._span)
        order = np.argsort(named, kind="stable")
        starts, lengths = np.cumsum(keys[:, _EVENTS]) - keys[:, _EVENTS], keys[order, _EVENTS]
        keys, rows, ends = keys[order], rows[order], np.concatenate([[0], np.cumsum(lengths)])
        events = away.events[np.repeat(starts[order] - ends[:-1], lengths) + np.arange(ends[-1])]
        names, firsts = np.unique(named[order], return_index=True)
        firsts = [*firsts.tolist(), letters]
        for name, first, end in zip(names.tolist(), firsts, firsts[1:], strict=False):
            if name not in self._bags:
                self._bags[name] = temporary_file(self._files)
            head, of_mine = np.array([end - first, ends[end] - ends[first]]), slice(first, end)
            for array in (head, keys[of_mine], rows[of_mine], events[ends[first] : ends[end]]):
                self._bags[name].write(array.view(np.uint8))
        away.count[:] = 0

    def of_window(self, end, away):
        """Yield as often as the arrays hold letters due in the window that ends then, until all were."""
        return self._read((end - 1) // self._span, away)

    def of_numbers(self, first, away):
        """Yield likewise with letters due beyond the horizon, of the range from this number on."""
        return self._read(-1 - first // self._numbers, away)

    def _read(self, name, away):
        bag, head = self._bags.pop(name, None), np.zeros(2, np.int64)
        if bag is None:
            return
        bag.seek(0)
        while bag.readinto(head):
            if (away.count + head > (len(away.letters), len(away.events))).any():
                yield
            first, end = away.count.tolist(), (away.count + head).tolist()
            letters, events = (slice(*ends) for ends in zip(first, end, strict=True))
            for array in (away.keys[letters], away.letters[letters], away.events[events]):
                bag.readinto(array.reshape(-1).view(np.uint8))
            away.count[:] = end
        bag.close()
        yield

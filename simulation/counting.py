"""What a shard counts beside its rows, and how shards' counts become one.

OpenCount measures the number of open letters twice: from the hours' net arrivals and
departures, and from each letter's own times. Little's law says that both agree.
"""

import marshal
import zlib
from collections import Counter

import numpy as np

from cases.statistics import Tally
from cases.transitions import OPEN

HOUR = 3600


class OpenCount:
    """Open letters over a span of `seconds` from its start, by two code paths."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.net = np.zeros(-(-seconds // HOUR) + 1, np.int64)  # entered less left, by hour
        self.letter_seconds = 0  # sum of the letters' own times

    def add(self, start, steps):
        """Count one letter. start: aware datetime of second 0. steps: its events in order."""
        entered = None
        for step in steps:
            is_open = step.new_state in OPEN
            if is_open == (entered is not None):
                continue
            second = int((step.at - start).total_seconds())
            if is_open:
                self.net[-(-second // HOUR)] += 1
                entered = second
            else:
                self.net[-(-second // HOUR)] -= 1
                self.letter_seconds += second - entered
                entered = None
        if entered is not None:
            self.letter_seconds += self.seconds - entered

    def merge(self, net, letter_seconds):
        """Add the counts of another part of the same span."""
        self.net += np.array(net, np.int64)
        self.letter_seconds += letter_seconds

    def hourly(self):
        """Return the number of open letters at each full hour of the span."""
        return np.cumsum(self.net)[:-1]

    def little(self):
        """Return Little's law of this span: L as seen each hour, and λW from the letters' times.

        arrivals per hour × mean hours open = letter-hours / hours; both are numbers of letters.
        """
        seen = float(self.hourly().mean())
        own = self.letter_seconds / self.seconds
        return {"seen": seen, "own": own, "difference": seen / own - 1 if own else 0.0}


def pack(tally, opened):
    """Return the compressed counts of a shard, for its row."""
    parts = [dict(tally.daily), dict(tally.monthly), dict(tally.states), tally.numbers]
    counts = [*parts, opened.net.tolist(), opened.letter_seconds]
    return zlib.compress(marshal.dumps(counts), 1)


def add_packed(tally, opened, packed):
    """Add a shard's packed counts to a tally and an OpenCount."""
    daily, monthly, states, numbers, net, letter_seconds = marshal.loads(  # noqa: S302  our own
        zlib.decompress(packed)
    )
    tally.merge(Tally(Counter(daily), Counter(monthly), Counter(states), numbers))
    opened.merge(net, letter_seconds)

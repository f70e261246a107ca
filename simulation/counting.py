"""What a shard counts beside its rows, and how shards' counts become one.

OpenCount measures the number of open letters twice: from the hours' net arrivals and
departures, and from each letter's own times. Little's law says that both agree.
"""

from datetime import timedelta

import numpy as np

from cases.statistics import Tally, numbered
from simulation import codes, packing
from simulation.folding import STATE_CODES
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, KIND_CODES

HOUR = 3600
# A place is (mailbox, area, kind) in one number; a month and a measure stand above it.
_BOX, _AREA, _MONTH, _MEASURE = 28, 8, 48, 57
_DAY = 32  # in counts by day the measure stands above this
_PLACE = (1 << _MONTH) - 1
_NUMBERED = ("record_incident", "record_rule")
_MOST_PARTS = 50  # before they are added up


class OpenCount:
    """Open letters over a span of `seconds` from its start, by two code paths."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.net = np.zeros(-(-seconds // HOUR) + 1, np.int64)  # entered less left, by hour
        self.letter_seconds = 0  # sum of the letters' own times

    def add(self, start, at, is_open):
        """Count letters. start: offsets of their events. at: seconds. is_open: after each event."""
        before = np.concatenate([[False], is_open[:-1]])
        before[start[:-1]] = False
        entered, left = at[is_open & ~before], at[before & ~is_open]
        np.add.at(self.net, -(-entered // HOUR), 1)
        np.add.at(self.net, -(-left // HOUR), -1)
        still = int(is_open[start[1:] - 1].sum())
        own = left.sum(dtype=np.int64) - entered.sum(dtype=np.int64)
        self.letter_seconds += int(own) + still * self.seconds

    def merge(self, net, letter_seconds):
        """Add the counts of another part of the same span."""
        self.net += net
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


class Counts:
    """The counts of a run or a part of it, in arrays of keys and sums; `tally` names them."""

    def __init__(self, start, seconds):
        """start: the first day, a date. seconds: of the span."""
        self.opened = OpenCount(seconds)
        days = [start + timedelta(days=n) for n in range(-(-seconds // DAY))]
        self._days, months = (
            [day.isoformat() for day in days],
            [day.isoformat()[:7] for day in days],
        )
        self._months, self._month = np.unique(months, return_inverse=True)
        self._measures = {}
        self._parts = {"daily": [], "monthly": [], "states": []}  # each a list of (keys, sums)

    def add(self, folded):
        """Count a Folded block."""
        block = folded.block
        area = folded.offices.areas(folded.column("unit_id"))
        place = folded.column("mailbox_id") << _BOX | area << _AREA | block.letters.kind
        measure, value, event = folded.hits()
        more, events = self._numbered(folded)
        measure = np.concatenate([self._numbers(folded.automaton.measures)[measure], more])
        value = np.concatenate([value, np.ones(len(more), np.int64)])
        event = np.concatenate([event, events])
        day, place_of = block.at[event] // DAY, place[folded.letter[event]]
        month = self._month[day] << _MONTH
        self._add("daily", *_summed(measure << _DAY | day, value))
        self._add("monthly", *_summed(measure << _MEASURE | month | place_of, value))
        self._add("states", *_summed(folded.states() << _MONTH | place))
        self.opened.add(block.start, block.at, folded.is_open())

    def _numbered(self, folded):
        """Return (measure, event) of incidents and rules, two arrays.

        Each comes once: the unique keys of their tables see to that.
        """
        block, measures, found = folded.block, [], []
        for action in _NUMBERED:
            events = np.flatnonzero(block.action == codes.action_code(action))
            category = block.letters.category[folded.letter[events]]
            for number in np.unique(category).tolist():
                chosen = events[category == number]
                for measure in self._numbers(numbered(action, CATEGORY_CODES[number])):
                    measures.append(np.full(len(chosen), measure))
                    found.append(chosen)
        none = np.empty(0, np.int64)
        return np.concatenate([none, *measures]), np.concatenate([none, *found])

    def _add(self, name, keys, sums):
        """Add keys and sums to one of the counts."""
        self._parts[name].append((keys, sums))
        if len(self._parts[name]) >= _MOST_PARTS:
            self._joined(name)

    def _numbers(self, names):
        """Return for each measure, in the order of `names`, its number here, as an array."""
        found = [self._measures.setdefault(name, len(self._measures)) for name in names]
        return np.array(found, np.int64)

    def pack(self):
        """Return all of it as bytes, for the row of a shard."""
        arrays = {"net": self.opened.net}
        for name in self._parts:
            keys, sums = self._joined(name)
            arrays |= {name: keys, f"{name}_sums": sums}
        return packing.pack(
            arrays,
            measures=list(self._measures),
            letter_seconds=self.opened.letter_seconds,
        )

    def add_packed(self, packed):
        """Add the counts of another part of the same span."""
        arrays, plain = packing.unpack(packed)
        numbers = self._numbers(plain["measures"])
        for name, shift in (("daily", _DAY), ("monthly", _MEASURE), ("states", 0)):
            keys = arrays[name]
            if shift:
                keys = numbers[keys >> shift] << shift | keys & ((1 << shift) - 1)
            self._add(name, keys, arrays[f"{name}_sums"])
        self.opened.merge(arrays["net"], plain["letter_seconds"])

    def _joined(self, name):
        """Return (keys, sums) of one of the counts, each key once."""
        parts = self._parts[name] or [(np.empty(0, np.int64), np.empty(0, np.int64))]
        found = _summed(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        self._parts[name] = [found]
        return found

    def tally(self):
        """Return it as a Tally."""
        names, months, found = list(self._measures), self._months.tolist(), Tally()
        for key, n in zip(*(a.tolist() for a in self._joined("daily")), strict=True):
            found.daily[names[key >> _DAY], self._days[key & 0xFFFFFFFF]] = n
        for key, n in zip(*(a.tolist() for a in self._joined("monthly")), strict=True):
            month = months[(key >> _MONTH) & 0x1FF]
            found.monthly[(names[key >> _MEASURE], month, *_place(key & _PLACE))] = n
        for key, n in zip(*(a.tolist() for a in self._joined("states")), strict=True):
            found.states[(STATE_CODES[key >> _MONTH], *_place(key & _PLACE))] = n
        return found


def _summed(keys, values=None):
    """Return (keys, sums): each key once, in order, with the sum of its values, or its number."""
    found, places = np.unique(keys, return_inverse=True)
    return found, np.bincount(places, values, len(found)).astype(np.int64)


def _place(place):
    """Return (mailbox, area, kind) of a place's number."""
    return place >> _BOX, (place >> _AREA) & 0xFFFFF, KIND_CODES[place & 0xFF]

"""The engine: a pure function from a scenario and a seed to the timelines of all letters.

It runs whole, in one process: desks are shared and letters come back, so it can't be cut
by letter or city without changing the answer. A letter is given out as soon as nothing
in the queues can change it any more; memory holds the letters in between.
"""

from functools import cached_property

import numpy as np

from simulation import arrivals as arrivals_module
from simulation import letters, stations
from simulation.compiled.play import Playing, feed_of
from simulation.journey import journey
from simulation.office import Office

PROGRESS_EVERY = 1000


def run(scenario, seed, arrivals=None, on_progress=None):
    """Return a Run: iterate it for (letter number, timeline) of every letter.

    seed: any int. arrivals: from arrivals.draw; drawn from the same seed if not given, and then
    held by `blocks` a window of time at once.
    on_progress: called with (letters done, letters) every 1,000 letters and at the end.
    """
    return Run(scenario, seed, arrivals, on_progress)


class Run:
    """One run. Once the last letter is given out, there are, by name of station:

    stations: its Measure; hours: officer-seconds busy and on duty, two arrays of 168, by hour
    of the week from Monday 0 h; backlog: how many letters waited at each day's end, an array.
    A timeline is a list of (second, action, fields), in order, before the horizon.
    Letters come out as they leave the queues; those still there at the horizon come
    last, as far as they got.
    """

    def __init__(self, scenario, seed, arrivals=None, on_progress=None):
        self.scenario, self.seed, self._given = scenario, seed, arrivals
        self.stations, self.hours, self.backlog = {}, {}, {}
        self._on_progress = on_progress

    @cached_property
    def arrivals(self):
        """The Columns of all arrivals."""
        if self._given is None:
            return arrivals_module.draw(self.scenario, self.seed)
        return self._given

    def __iter__(self):
        for arrival, timeline in self.letters():
            yield arrival.number, timeline

    def blocks(self, size):
        """Yield all letters as Blocks of `size`, in the order in which they finish: compiled, fast."""
        office = Office(self.scenario, self.seed)
        windows = arrivals_module.windows(self.scenario, self.seed)
        if self._given is not None:
            windows = [self._given]
        playing = Playing(self.scenario, self.seed, office, feed_of(windows))
        done, total = 0, self.scenario.letters if self._given is None else len(self._given)
        for block in playing.blocks(size):
            done += len(block)
            yield block
            if self._on_progress:
                self._on_progress(done, total)
        self._measure(office, *playing.measured())

    def letters(self):
        """Yield (Arrival, timeline) of every letter, from the readable engine; for small runs."""
        office, horizon = Office(self.scenario, self.seed), self.scenario.horizon
        total = len(self.arrivals)
        live = {}
        for done, letter in enumerate(self._finished(office, live), start=1):
            del live[letter.number]
            yield letter.arrival, letter.finish(horizon)
            if self._on_progress and done % PROGRESS_EVERY == 0:
                self._on_progress(done, total)
        for number in sorted(live):
            yield live[number].arrival, live[number].finish(horizon)
        if self._on_progress:
            self._on_progress(total, total)

    def _finished(self, office, live):
        feed = self._feed(office, live)
        measures = yield from stations.play(feed, office.stations, self.scenario.horizon)
        self._measure(
            office,
            list(measures.values()),
            [station.week.hours() for station in office.stations],
            [station.day_ends for station in office.stations],
        )

    def _measure(self, office, measures, hours, day_ends):
        """Keep what each station measured; hours begin with the scenario's first."""
        monday, duty = 24 * self.scenario.start.weekday(), {}
        for place, station in enumerate(office.stations):
            roster = station.roster
            if id(roster) not in duty:
                on_duty = np.array(roster.duty_hours(self.scenario.horizon), float)
                duty[id(roster)] = np.roll(on_duty, monday)
            busy = np.roll(np.array(hours[place], float), monday)
            self.stations[station.name] = measures[place]
            self.hours[station.name] = busy, duty[id(roster)]
            self.backlog[station.name] = np.array(day_ends[place], np.int64)

    def _feed(self, office, live):
        """Make each letter when it comes, with its draws, a block at a time."""
        arrivals = self.arrivals
        for start in range(0, len(arrivals), letters.BLOCK):
            stop = min(start + letters.BLOCK, len(arrivals))
            rows = letters.rows(self.scenario, self.seed, arrivals, start, stop)
            for arrival, row in zip(arrivals.between(start, stop), rows, strict=True):
                letter = letters.Letter(arrival, row, office.press_time)
                if office.is_alone(letter):
                    letter.returns = 0
                letter.process = self._process(letter, office)
                live[letter.number] = letter
                yield letter

    def _process(self, letter, office):
        """Return the way a letter takes."""
        return journey(letter, office)

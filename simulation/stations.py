"""Stations: officers on shifts, and the letters that wait for them.

Rules, the same for every station:
- urgent ranks first (a lower rank is served earlier), then the order of joining;
- an officer finishes the letter in hand before taking another one;
- a letter is taken only while fewer officers are busy than are on duty;
- when officers go off duty but not all, those who are busy finish their letter first;
- when all go off duty the work stops, and goes on where it stopped when they are back,
  so work time and elapsed time are two things.
Times are whole seconds from the start of the scenario.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from simulation.weeks import Week

# What comes first in the same second: work that ends, then a change of shift.
ENDS, SHIFT_CHANGES = 0, 1
NEVER = 1 << 62
DAY = 86400


class Roster:
    """How many officers are on duty, as steps in time."""

    __slots__ = ("times", "staff", "always", "opens", "closes", "before")

    def __init__(self, steps):
        """steps: (second, officers) in time order; each holds until the next, the last for ever."""
        self.times = [at for at, _ in steps]
        self.staff = [officers for _, officers in steps]
        if min(self.staff) < 0 or self.times != sorted(set(self.times)):
            raise ValueError("a roster needs rising times and no fewer than 0 officers")
        self.always = min(self.staff) > 0
        self.opens, self.closes, self.before = [], [], []
        total = 0
        for at, end, officers in zip(self.times, [*self.times[1:], NEVER], self.staff, strict=True):
            if officers == 0:
                continue
            if self.closes and self.closes[-1] == at:
                self.closes[-1] = end
            else:
                self.opens.append(at)
                self.closes.append(end)
                self.before.append(total)
            total = self.before[-1] + self.closes[-1] - self.opens[-1]

    def worked(self, start, end):
        """Return the seconds between two times during which anybody is on duty."""
        return self._until(end) - self._until(start)

    def end(self, start, work):
        """Return when `work` seconds are done if they are begun at `start`.

        Work that fills a shift to its last second ends then, not at the next opening.
        """
        if self.always:
            return start + work
        total = self._until(start) + work
        period = bisect_left(self.before, total) - 1
        return self.opens[period] + total - self.before[period]

    def opening(self, at):
        """Return the time itself while anybody is on duty, else when somebody comes next."""
        period = bisect_right(self.opens, at) - 1
        if period >= 0 and at < self.closes[period]:
            return at
        return self.opens[period + 1] if period + 1 < len(self.opens) else NEVER

    def duty(self, until):
        """Return the officer-seconds on duty from the first step to `until`."""
        ends = [*self.times[1:], NEVER]
        return sum(
            officers * (min(end, until) - at)
            for at, end, officers in zip(self.times, ends, self.staff, strict=True)
            if at < until
        )

    def add_work(self, start, end, week):
        """Add one officer's work between two times to a Week."""
        period = max(bisect_right(self.opens, start) - 1, 0)
        while period < len(self.opens) and self.opens[period] < end:
            week.add(max(start, self.opens[period]), min(end, self.closes[period]))
            period += 1

    def duty_hours(self, until):
        """Return the officer-seconds on duty until a time, by hour of the week."""
        week = Week()
        for at, end, officers in zip(self.times, [*self.times[1:], until], self.staff, strict=True):
            if at < until:
                week.add(at, min(end, until), officers)
        return week.hours()

    def _until(self, at):
        period = bisect_right(self.opens, at) - 1
        if period < 0:
            return 0
        return self.before[period] + min(at, self.closes[period]) - self.opens[period]


@dataclass(frozen=True)
class Measure:
    """What happened at a station until the horizon; seconds, and sums over letters.

    joined = served + in_service + waiting. mean_wait: until work began, and for letters
    still waiting until the horizon. utilisation: work done over time on duty.
    number_integral: letters there × seconds. time_there: of all letters, the unfinished
    until the horizon; both say the same (Little), by two ways of counting.
    """

    joined: int
    served: int
    in_service: int
    waiting: int
    mean_wait: float
    mean_work: float
    utilisation: float
    number_integral: int
    time_there: int


class Station:
    """One queue and the officers who work it off.

    Once measured: week, the Week of its work, and day_ends, how many letters waited at the
    end of each day.
    """

    __slots__ = (
        "name", "roster", "_heap", "_tick", "_queue", "_step", "_armed", "busy", "started",
        "joined", "served", "_waited", "_work", "_worked", "_there", "_since", "_integral",
        "_time_there", "week", "day_ends",
    )  # fmt: skip

    def __init__(self, name, roster):
        self.name, self.roster = name, roster
        self._heap, self._tick = None, None
        self._queue, self._step, self._armed = [], 0, False
        self.busy = self.started = self.joined = self.served = 0
        self._waited = self._work = self._worked = 0
        self._there = self._since = self._integral = self._time_there = 0
        self.week, self.day_ends = Week(), []

    def connect(self, heap, tick):
        """Use this heap of coming events, and this counter to order equals."""
        self._heap, self._tick = heap, tick

    def join(self, at, rank, letter, work):
        """Take in a letter that needs `work` seconds of one officer."""
        self.joined += 1
        self._integral += self._there * (at - self._since)
        self._since = at
        self._there += 1
        letter.entered = at
        if not self._queue and self.busy < self._on_duty(at):
            self._start(at, letter, work)
            return
        self._end_days(at)
        heappush(self._queue, (rank, next(self._tick), letter, work))
        if not self._armed:
            self._arm(at)

    def leave(self, at, letter):
        """Let go of a letter whose work is done, and take the next."""
        self.served += 1
        self.busy -= 1
        self._integral += self._there * (at - self._since)
        self._since = at
        self._there -= 1
        self._time_there += at - letter.entered
        self._worked += letter.work_here
        self.roster.add_work(letter.started, at, self.week)
        if self._queue:
            self._take(at)

    def shift_changes(self, at):
        """Take waiting letters as far as there are officers on duty now."""
        self._armed = False
        self._take(at)

    def measure(self, horizon, unfinished):
        """Return the Measure at the horizon; unfinished: the letters in service then."""
        roster = self.roster
        waiting = [entry[2] for entry in self._queue]
        worked = self._worked + sum(roster.worked(x.started, horizon) for x in unfinished)
        there = self._time_there + sum(horizon - x.entered for x in (*unfinished, *waiting))
        waited = self._waited + sum(horizon - x.entered for x in waiting)
        duty = roster.duty(horizon)
        for letter in unfinished:
            roster.add_work(letter.started, horizon, self.week)
        if horizon < NEVER:
            self._end_days(horizon)
        return Measure(
            joined=self.joined,
            served=self.served,
            in_service=len(unfinished),
            waiting=len(waiting),
            mean_wait=waited / self.joined if self.joined else 0.0,
            mean_work=self._work / self.started if self.started else 0.0,
            utilisation=worked / duty if duty else 0.0,
            number_integral=self._integral + self._there * (horizon - self._since),
            time_there=there,
        )

    def _on_duty(self, at):
        times = self.roster.times
        step, last = self._step, len(times) - 1
        while step < last and times[step + 1] <= at:
            step += 1
        self._step = step
        return self.roster.staff[step] if times[step] <= at else 0

    def _start(self, at, letter, work):
        self.busy += 1
        self.started += 1
        self._waited += at - letter.entered
        self._work += work
        letter.started, letter.work_here = at, work
        heappush(self._heap, (self.roster.end(at, work), ENDS, next(self._tick), self, letter))

    def _take(self, at):
        on_duty = self._on_duty(at)
        self._end_days(at)
        while self._queue and self.busy < on_duty:
            _, _, letter, work = heappop(self._queue)
            self._start(at, letter, work)
        if self._queue and not self._armed:
            self._arm(at)

    def _end_days(self, at):
        """Note how many wait at the end of each day until now, before that changes."""
        for _day in range(len(self.day_ends), at // DAY):
            self.day_ends.append(len(self._queue))

    def _arm(self, at):
        """See to it that the queue is looked at again when the shift changes."""
        times, step = self.roster.times, self._step
        following = step if times[step] > at else step + 1
        if following < len(times):
            self._armed = True
            heappush(self._heap, (times[following], SHIFT_CHANGES, next(self._tick), self, None))


def play(feed, stations, horizon):
    """Run letters through stations; yield each one as its process ends.

    feed: letters in time order, each with `at` and `process`, a generator that asks for
    (station, rank, work) or waits with (None, 0, until), gets back the time when that is
    done, and may read letter.started, the time its last work began.
    horizon: what would happen at this second or later does not happen.
    Returns: {station name: Measure}. In one second, work that ends comes first, then
    changes of shift, then arrivals; equals in the order in which they were foreseen.
    """
    heap, tick = [], count()
    for station in stations:
        station.connect(heap, tick)
    feed = iter(feed)
    coming = next(feed, None)
    while True:
        next_at = NEVER if coming is None else coming.at
        if heap and heap[0][0] <= next_at:
            if heap[0][0] >= horizon:
                break
            at, _, _, station, letter = heappop(heap)
            if letter is None:
                station.shift_changes(at)
                continue
            if station is not None:
                station.leave(at, letter)
            answer = at
        else:
            if next_at >= horizon:
                break
            at, letter, answer = next_at, coming, None
            coming = next(feed, None)
        try:
            station, rank, amount = letter.process.send(answer)
        except StopIteration:
            yield letter
            continue
        if station is None:
            heappush(heap, (amount, ENDS, next(tick), None, letter))
        else:
            station.join(at, rank, letter, amount)
    return _measures(stations, horizon, heap)


def _measures(stations, horizon, heap):
    serving = {station.name: [] for station in stations}
    for _, _, _, station, letter in sorted(heap, key=lambda entry: entry[2]):
        if station is not None and letter is not None:
            serving[station.name].append(letter)
    return {s.name: s.measure(horizon, serving[s.name]) for s in stations}

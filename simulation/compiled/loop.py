"""The event loop's steps: letters join stations, leave them, wait; and whose turn is next.

A driver asks `next_due` whose turn it is, lets that letter do what it does, and sends it on
with `join` or `wait`. The drivers are play.py, for the mailbox, and network.py.
"""

import numpy as np

from simulation.compiled import compiled, compiled_whole
from simulation.compiled.floor import DAY, HEAP, NOW, TICK, add_work, end, on_duty

# What next_due answers when it is no letter's turn.
COMES, OVER = -1, -2
# In the same second work that ends comes first, then a change of shift: added to the order.
_ENDS, _SHIFT_CHANGES = np.int64(0), np.int64(1 << 60)
_NOBODY = np.int64(-1)
_BITS = 32


@compiled
def next_due(floor, coming_at, horizon):
    """Return the letter whose turn it is, at floor.clock[NOW]; COMES or OVER if it is none's.

    coming_at: when the next arrival comes. Whoever's work ended has left the station.
    """
    heap, clock = floor.heap, floor.clock
    while True:
        if clock[HEAP] == 0 or heap[0, 0] > coming_at:
            if coming_at >= horizon:
                return OVER
            clock[NOW] = coming_at
            return COMES
        at, what = heap[0, 0], heap[0, 2]
        if at >= horizon:
            return OVER
        _pop(floor)
        station, letter = (what >> _BITS) - 1, (what & ((1 << _BITS) - 1)) - 1
        if letter == _NOBODY:
            floor.stations[station].armed = 0
            _take(floor, at, station)
            continue
        clock[NOW] = at
        if station != _NOBODY:
            _leave(floor, at, station, letter)
        return letter


@compiled
def wait(floor, until, letter):
    """Let a letter wait without anybody's work."""
    _push(floor, until, _ENDS, _NOBODY, letter)


@compiled
def turn(floor):
    """Return the place of what begins to wait now among all that falls due in the same second."""
    floor.clock[TICK] += 1
    return _ENDS + floor.clock[TICK]


@compiled
def wait_on(floor, until, order, letter):
    """Let a letter wait that has had its `turn` since it began to."""
    _insert(floor, until, order, _NOBODY, letter)


@compiled_whole
def join(floor, station, rank, work, letter):
    """Let a letter join a station now, for `work` seconds of one officer."""
    row, visit, at = floor.stations[station], floor.visits[letter], floor.clock[NOW]
    row.joined += 1
    _count_there(row, at, 1)
    visit.entered, visit.work = at, work
    visit.station, visit.rank, visit.next = station, rank, _NOBODY
    if row.waiting == 0 and row.busy < on_duty(floor, station, at):
        _start(floor, at, station, letter)
        return
    end_days(floor, station, at)
    queue = floor.queues[station, rank]
    if queue[0] == _NOBODY:
        queue[0] = letter
    else:
        floor.visits[queue[1]].next = letter
    queue[1] = letter
    row.waiting += 1
    floor.clock[TICK] += 1
    if row.armed == 0:
        _arm(floor, station, at)


@compiled
def end_days(floor, station, at):
    """Note how many wait at the end of each day until now, before that changes."""
    row = floor.stations[station]
    until = min(at // DAY, floor.days.shape[1])
    while row.days < until:
        floor.days[station, row.days] = row.waiting
        row.days += 1


@compiled
def _leave(floor, at, station, letter):
    row, visit = floor.stations[station], floor.visits[letter]
    row.served += 1
    row.busy -= 1
    _count_there(row, at, -1)
    row.time_there += at - visit.entered
    row.worked += visit.work
    add_work(floor, station, visit.started, at)
    visit.station = _NOBODY
    if row.waiting > 0:
        _take(floor, at, station)


@compiled
def _count_there(row, at, change):
    row.integral += row.there * (at - row.since)
    row.since = at
    row.there += change


@compiled
def _start(floor, at, station, letter):
    row, visit = floor.stations[station], floor.visits[letter]
    row.busy += 1
    row.started += 1
    row.waited += at - visit.entered
    row.work += visit.work
    visit.started = at
    _push(floor, end(floor.calendar, row.roster, at, visit.work), _ENDS, station, letter)


@compiled
def _take(floor, at, station):
    """Begin with waiting letters, the urgent first, as far as there are officers on duty."""
    row, officers = floor.stations[station], on_duty(floor, station, at)
    end_days(floor, station, at)
    rank = 0
    while row.waiting > 0 and row.busy < officers:
        queue = floor.queues[station, rank]
        letter = queue[0]
        if letter == _NOBODY:
            rank += 1
            continue
        queue[0] = floor.visits[letter].next
        row.waiting -= 1
        _start(floor, at, station, letter)
    if row.waiting > 0 and row.armed == 0:
        _arm(floor, station, at)


@compiled
def _arm(floor, station, at):
    """See to it that the queue is looked at again when the shift changes."""
    row, calendar = floor.stations[station], floor.calendar
    following = row.step if calendar.steps[row.step, 0] > at else row.step + 1
    if following < calendar.rosters[row.roster].last:
        row.armed = 1
        _push(floor, calendar.steps[following, 0], _SHIFT_CHANGES, station, _NOBODY)


@compiled
def _push(floor, at, what, station, letter):
    floor.clock[TICK] += 1
    _insert(floor, at, what + floor.clock[TICK], station, letter)


@compiled
def _insert(floor, at, order, station, letter):
    heap, clock = floor.heap, floor.clock
    place = clock[HEAP]
    clock[HEAP] += 1
    while place > 0:
        above = (place - 1) >> 1
        if heap[above, 0] < at or (heap[above, 0] == at and heap[above, 1] < order):
            break
        heap[place, 0], heap[place, 1], heap[place, 2] = (
            heap[above, 0],
            heap[above, 1],
            heap[above, 2],
        )
        place = above
    heap[place, 0], heap[place, 1] = at, order
    heap[place, 2] = ((station + 1) << _BITS) | (letter + 1)


@compiled
def _pop(floor):
    """Drop the first row of the heap."""
    heap, clock = floor.heap, floor.clock
    clock[HEAP] -= 1
    last = clock[HEAP]
    at, order, what = heap[last, 0], heap[last, 1], heap[last, 2]
    place, below = 0, 1
    while below < last:
        right = below + 1
        if right < last and (
            heap[right, 0] < heap[below, 0]
            or (heap[right, 0] == heap[below, 0] and heap[right, 1] < heap[below, 1])
        ):
            below = right
        if at < heap[below, 0] or (at == heap[below, 0] and order < heap[below, 1]):
            break
        heap[place, 0], heap[place, 1], heap[place, 2] = (
            heap[below, 0],
            heap[below, 1],
            heap[below, 2],
        )
        place = below
        below = 2 * place + 1
    heap[place, 0], heap[place, 1], heap[place, 2] = at, order, what

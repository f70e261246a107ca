"""The driver for small networks of queues: Poisson arrivals, routing by chance, a full log."""

from collections import namedtuple
from math import log

import numpy as np

from simulation.compiled import compiled, compiled_whole
from simulation.compiled.floor import NOW
from simulation.compiled.loop import COMES, OVER, join, next_due
from simulation.compiled.numbers import normal, pick, uniform
from simulation.stations import NEVER

EXPONENTIAL, LOGNORMAL, FIXED = range(3)
FULL = -3
JOINS, LEAVES = 0, 1
# Places in Net.count.
CAME, FREE, WRITTEN = 0, 1, 2
_GAP, _SOURCE = 0, 1

# sources: edges by which an arrival falls on one, and (node, class) of each; mean_gap: of all.
# service: (distribution, mean or mu, sigma) by node; routes: edges by node.
# letters: (number, class, node, visits) by slot; waits: (count, wait, time there) by node, class.
Net = namedtuple(
    "Net",
    "roots mean_gap source_edges sources service routes letters free count coming waits warm_up"
    " log_at log_letter log_node log_what",
)


@compiled_whole
def advance(floor, net, last, horizon):
    """Go on until OVER, or until FULL: the log or the slots need room.

    last: the number of the last arrival.
    """
    count, coming = net.count, net.coming
    while True:
        if count[WRITTEN] + 2 > len(net.log_at) or count[FREE] == 0:
            return FULL
        letter = next_due(floor, np.int64(coming[0]), horizon)
        if letter == OVER:
            return OVER
        if letter == COMES:
            letter = _come(net)
            coming[0] = coming[0] + gap(net) if count[CAME] < last else NEVER
            _visit(floor, net, letter)
            continue
        _write(floor, net, letter, LEAVES)
        _count_wait(floor, net, letter)
        state = net.letters[letter]
        draw = uniform(net.roots[2], state[0], state[3])
        following = pick(net.routes[state[2]], draw)
        if following < len(net.routes):
            state[2] = following
            _visit(floor, net, letter)
        else:
            net.free[count[FREE]] = letter
            count[FREE] += 1


@compiled_whole
def gap(net):
    """Return the time until the next arrival."""
    return -log(uniform(net.roots[0], net.count[CAME] + 1, _GAP)) * net.mean_gap


@compiled
def _come(net):
    count = net.count
    count[CAME] += 1
    count[FREE] -= 1
    letter = net.free[count[FREE]]
    source = net.sources[pick(net.source_edges, uniform(net.roots[0], count[CAME], _SOURCE))]
    state = net.letters[letter]
    state[0], state[1], state[2], state[3] = count[CAME], source[1], source[0], 0
    return letter


@compiled
def _visit(floor, net, letter):
    """Let a letter join the node it is at, with work drawn for this visit."""
    state = net.letters[letter]
    state[3] += 1
    _write(floor, net, letter, JOINS)
    draw, law = uniform(net.roots[1], state[0], state[3]), net.service[state[2]]
    if law[0] == EXPONENTIAL:
        work = -log(draw) * law[1]
    elif law[0] == LOGNORMAL:
        work = np.exp(law[1] + law[2] * normal(draw))
    else:
        work = law[1]
    join(floor, state[2], state[1], np.int64(np.rint(work)), letter)


@compiled
def _write(floor, net, letter, what):
    place, state = net.count[WRITTEN], net.letters[letter]
    net.log_at[place] = floor.clock[NOW]
    net.log_letter[place], net.log_node[place], net.log_what[place] = state[0], state[2], what
    net.count[WRITTEN] += 1


@compiled
def _count_wait(floor, net, letter):
    state, visit = net.letters[letter], floor.visits[letter]
    if visit.entered < net.warm_up:
        return
    sums = net.waits[state[2], state[1]]
    sums[0] += 1
    sums[1] += visit.started - visit.entered
    sums[2] += floor.clock[NOW] - visit.entered

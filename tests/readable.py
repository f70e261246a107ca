"""Small networks of queues on the readable stations: what the compiled loop is compared with."""

from collections import defaultdict
from math import exp, log, log1p, sqrt

import numpy as np

from simulation import draws
from simulation.networks import Played, Waits
from simulation.stations import NEVER, Roster, Station, play

JOINS, LEAVES = 0, 1
BLOCK = 1024


class Traveller:
    """A letter that goes where a network's draws send it, and writes down what happens."""

    def __init__(self, game, number, at, source, rank):
        self.game, self.number, self.at, self.rank = game, number, at, rank
        self.process = self._go(source)

    def _go(self, node):
        visit, at, game = 0, self.at, self.game
        while node is not None:
            visit += 1
            game.told.append((at, self.number, node, JOINS))
            came = at
            work = game.work(node, self.number, visit)
            at = yield game.stations[node], self.rank, work
            game.told.append((at, self.number, node, LEAVES))
            if came >= game.network.warm_up:
                game.visits[node, self.rank].append((self.started - came, at - came))
            node = game.following(node, self.number, visit)


class Game:
    """A network and a seed, with the same draws as the compiled loop."""

    def __init__(self, network, seed):
        self.network, self.seed = network, seed
        self.told, self.visits, self._rows = [], defaultdict(list), {}
        self.stations = [
            Station(n.name, Roster(n.roster or [(0, n.officers)])) for n in network.nodes
        ]

    def draw(self, stream, key, index, normal=False):
        """Return the draw of a stream for a letter, between 0 and 1 or as a normal number.

        Rows are made for many letters at once.
        """
        block, width = key // BLOCK, -(-(index + 1) // 8) * 8
        rows = self._rows.get((stream, block, width, normal))
        if rows is None:
            keys = range(block * BLOCK, (block + 1) * BLOCK)
            rows = draws.uniforms(self.seed, f"network {stream}", keys, width)
            if normal:
                rows = draws.normals(rows)
            self._rows[stream, block, width, normal] = rows
        return float(rows[key - block * BLOCK, index])

    def work(self, node, number, visit):
        """Return the ticks of work of a letter's visit."""
        law, mean, *cv = self.network.nodes[node].work
        if law == "fixed":
            return int(np.rint(mean))
        if law == "lognormal":
            variance = log1p(cv[0] ** 2)
            normal = self.draw("work", number, visit, normal=True)
            return int(np.rint(exp(log(mean) - variance / 2 + sqrt(variance) * normal)))
        return int(np.rint(-log(self.draw("work", number, visit)) * mean))

    def following(self, node, number, visit):
        """Return the node that a letter goes to after a visit, or None."""
        uniform, to = self.draw("go", number, visit), self.network.nodes[node].to or {}
        for place, other in enumerate(self.network.nodes):
            uniform -= to.get(other.name, 0.0)
            if uniform < 0:
                return place
        return None

    def feed(self):
        """Yield the letters from outside, as a Poisson stream."""
        rates = [
            (rate, place, rank)
            for place, node in enumerate(self.network.nodes)
            for rank, rate in enumerate(node.arrivals)
            if rate > 0
        ]
        total, at, number = sum(rate for rate, _, _ in rates), 0.0, 0
        edges = np.cumsum([rate / total for rate, _, _ in rates])[:-1]
        while number < self.network.letters and at < self.network.horizon:
            number += 1
            at += -log(self.draw("come", number, 0)) * (1 / total)
            _, node, rank = rates[np.searchsorted(edges, self.draw("come", number, 1), "right")]
            yield Traveller(self, number, int(at), node, rank)


def run(network, seed):
    """Return what a network did, as networks.run does."""
    game = Game(network, seed)
    end, measures = network.horizon, _measures(game)
    if end == NEVER:  # then all have left, and time on duty counts until that
        end = game.told[-1][0]
        measures = {station.name: station.measure(end, []) for station in game.stations}
    names = [node.name for node in network.nodes]
    waits = {
        name: tuple(_waits(game.visits[place, rank]) for rank in range(network.classes))
        for place, name in enumerate(names)
    }
    columns = np.array(game.told).T
    log_ = dict(zip(("tick", "letter", "node", "what"), columns, strict=True))
    return Played(measures=measures, waits=waits, log=log_, end=end)


def _measures(game):
    playing = play(game.feed(), game.stations, game.network.horizon)
    while True:
        try:
            next(playing)
        except StopIteration as stop:
            return stop.value


def _waits(visits):
    if not visits:
        return Waits(0, 0.0, 0.0)
    wait, there = np.mean(visits, axis=0)
    return Waits(len(visits), float(wait), float(there))

"""Small networks of queues, run by the same event loop as the mailbox.

For theory's sake: their waiting times are known, from formulas or from other simulators.
Times are whole ticks; let mean times be some thousand of them, so that rounding is small.
"""

from dataclasses import dataclass
from math import log, log1p, sqrt

import numpy as np

from simulation import draws
from simulation.stations import NEVER, Measure, Roster


@dataclass(frozen=True)
class Node:
    """A station: officers, or a roster of (tick, officers), and its letters' work and ways.

    work: ("exponential", mean), ("lognormal", mean, cv) or ("fixed", mean), in ticks.
    arrivals: letters a tick from outside, one rate for each class; class 0 is served first.
    to: {node: probability} after the work is done; the rest leaves the network.
    """

    name: str
    work: tuple
    officers: int = 1
    roster: tuple = ()
    arrivals: tuple[float, ...] = ()
    to: dict | None = None


@dataclass(frozen=True)
class Network:
    """Nodes, and when it is over: after so many arrivals have left, or at the horizon."""

    nodes: tuple[Node, ...]
    classes: int = 1
    letters: int = NEVER
    horizon: int = NEVER
    warm_up: int = 0  # visits that begin before this tick are left out of the waits by class


@dataclass(frozen=True)
class Waits:
    """Visits of one class to a node that ended: how many, mean wait and mean time there."""

    count: int
    mean_wait: float
    mean_there: float


@dataclass(frozen=True)
class Played:
    """What a network did. measures, waits: by node; waits has a Waits for each class.

    log: arrays tick, letter, node (by its place) and what (0 joins, 1 leaves), in order.
    end: the last tick, until which everything is counted.
    """

    measures: dict[str, Measure]
    waits: dict[str, tuple[Waits, ...]]
    log: dict[str, np.ndarray]
    end: int


def run(network, seed):
    """Run a network and return what it did. Raises: ValueError if it has no end or no letters."""
    from simulation.compiled import floor, results
    from simulation.compiled import network as driver

    if network.letters == network.horizon == NEVER:
        raise ValueError("a network needs a number of letters or a horizon")
    rosters = [Roster(node.roster or [(0, node.officers)]) for node in network.nodes]
    net = _net(network, seed, driver)
    place = floor.build(rosters, np.arange(len(rosters)), network.classes, 0, len(net.free))
    while driver.advance(place, net, network.letters, network.horizon) != driver.OVER:
        net, place = _roomier(net, place, floor, driver)
    end = network.horizon if network.horizon < NEVER else int(place.clock[floor.NOW])
    measures = results.measures(place, rosters, end)
    written = net.count[driver.WRITTEN]
    return Played(
        measures={n.name: m for n, m in zip(network.nodes, measures, strict=True)},
        waits={n.name: _waits(rows) for n, rows in zip(network.nodes, net.waits, strict=True)},
        log={
            "tick": net.log_at[:written],
            "letter": net.log_letter[:written],
            "node": net.log_node[:written],
            "what": net.log_what[:written],
        },
        end=end,
    )


def _waits(rows):
    return tuple(
        Waits(int(n), float(wait / n) if n else 0.0, float(there / n) if n else 0.0)
        for n, wait, there in rows
    )


def _net(network, seed, driver, slots=1024, events=1 << 16):
    """Return the arrays that a network's driver works on."""
    places = {node.name: place for place, node in enumerate(network.nodes)}
    rates = [
        (rate, place, rank)
        for place, node in enumerate(network.nodes)
        for rank, rate in enumerate(node.arrivals)
        if rate > 0
    ]
    total = sum(rate for rate, _, _ in rates)
    if total == 0 or any(rank >= network.classes for _, _, rank in rates):
        raise ValueError("a network needs arrivals, of the classes that it has")
    roots = np.array([draws.root(seed, f"network {name}") for name in ("come", "work", "go")])
    net = driver.Net(
        roots=roots,
        mean_gap=1 / total,
        source_edges=np.cumsum([rate / total for rate, _, _ in rates])[:-1],
        sources=np.array([(place, rank) for _, place, rank in rates]),
        service=np.array([_law(node.work, driver) for node in network.nodes]),
        routes=np.array([_edges(node.to or {}, places) for node in network.nodes]),
        letters=np.zeros((slots, 4), np.int64),
        free=np.arange(slots),
        count=np.array([0, slots, 0]),
        coming=np.zeros(1),
        waits=np.zeros((len(places), network.classes, 3), np.int64),
        warm_up=network.warm_up,
        log_at=np.zeros(events, np.int64),
        log_letter=np.zeros(events, np.int32),
        log_node=np.zeros(events, np.int16),
        log_what=np.zeros(events, np.uint8),
    )
    net.coming[0] = driver.gap(net)
    return net


def _law(work, driver):
    kind, mean, *rest = work
    if kind == "lognormal":
        variance = log1p(rest[0] ** 2)
        return driver.LOGNORMAL, log(mean) - variance / 2, sqrt(variance)
    if kind not in ("exponential", "fixed"):
        raise ValueError(f"work is exponential, lognormal or fixed, not {kind!r}")
    return (driver.EXPONENTIAL if kind == "exponential" else driver.FIXED), mean, 0.0


def _edges(to, places):
    """Return rising edges: a draw that falls before edge i goes to node i, after all leaves."""
    shares = [to.get(name, 0.0) for name in places]
    if not set(to) <= set(places) or sum(shares) > 1 + 1e-9:
        raise ValueError("a node leads to nodes of its network, with probability 1 at most")
    return np.cumsum(shares)


def _roomier(net, place, floor, driver):
    """Return net and floor with twice the room where it is scarce."""
    slots, events = len(net.letters), len(net.log_at)
    if net.count[driver.FREE] == 0:
        free = np.arange(slots, 2 * slots)
        net.count[driver.FREE] = slots
        net = net._replace(
            letters=np.concatenate([net.letters, np.zeros_like(net.letters)]),
            free=np.concatenate([free, np.zeros(slots, np.int64)]),
        )
        place = floor.grown(place, 2 * slots)
    if net.count[driver.WRITTEN] + 2 > events:
        logs = ("log_at", "log_letter", "log_node", "log_what")
        net = net._replace(
            **{n: np.concatenate([getattr(net, n), np.zeros_like(getattr(net, n))]) for n in logs}
        )
    return net, place

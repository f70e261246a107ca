"""The same small networks in Ciw, another simulator, where no formula says what is true.

Means over independent runs must agree within an interval of their difference that chance
alone leaves once in a million times; a rival network must lie outside it.
"""

from dataclasses import replace
from math import log, log1p, sqrt
from statistics import mean, variance

import ciw
import pytest

from simulation import networks
from simulation.networks import Network, Node

RUNS, T = 16, 6.2  # Student's t, 30 degrees of freedom, 1 - 5e-7 (Welch's are rarely fewer)
HOUR, DAY = 3600, 86400
DAYS = 60
OPEN = ((9, 0), (12, 3), (14, 0), (18, 3), (24, 0))  # until this hour so many officers
OFFICE = tuple(
    step
    for day in range(DAYS)
    for step in ((day * DAY + 9 * HOUR, 3), (day * DAY + 12 * HOUR, 0),
                 (day * DAY + 14 * HOUR, 3), (day * DAY + 18 * HOUR, 0))
)  # fmt: skip
URGENT = Network(
    (
        Node("desk", ("lognormal", 1500, 1.2), 2, arrivals=(2e-4, 7e-4), to={"unit": 0.5}),
        Node("unit", ("lognormal", 15_000, 1.5), 9, to={"desk": 0.2}),
    ),
    classes=2,
    horizon=DAYS * DAY,
)
CALENDAR = Network(
    (
        Node("desk", ("exponential", 2000), 1, arrivals=(3e-4,), to={"unit": 0.2}),
        Node("unit", ("exponential", 9000), roster=OFFICE, to={"desk": 0.1}),
    ),
    horizon=DAYS * DAY,
)


def in_ciw(network, seed):
    """Return {(node, class): mean time there of the visits that ended} of one run in Ciw."""
    nodes = network.nodes
    classes = [f"class {rank}" for rank in range(network.classes)]
    names = [node.name for node in nodes]
    work = [_work(node.work) for node in nodes]
    routes = [[float((node.to or {}).get(name, 0.0)) for name in names] for node in nodes]
    ciw.seed(seed)
    simulation = ciw.Simulation(
        ciw.create_network(
            arrival_distributions={
                name: [
                    ciw.dists.Exponential(node.arrivals[rank]) if node.arrivals else None
                    for node in nodes
                ]
                for rank, name in enumerate(classes)
            },
            service_distributions=dict.fromkeys(classes, work),
            number_of_servers=[_servers(node) for node in nodes],
            routing=dict.fromkeys(classes, routes),
            priority_classes={name: rank for rank, name in enumerate(classes)},
        )
    )
    simulation.simulate_until_max_time(network.horizon)
    found = {}
    for row in simulation.get_all_records(only=["service"]):
        key = names[row.node - 1], classes.index(row.customer_class)
        found.setdefault(key, []).append(row.exit_date - row.arrival_date)
    return {key: mean(there) for key, there in found.items()}


def _work(law):
    if law[0] == "exponential":
        return ciw.dists.Exponential(1 / law[1])
    spread = log1p(law[2] ** 2)
    return ciw.dists.Lognormal(log(law[1]) - spread / 2, sqrt(spread))


def _servers(node):
    if not node.roster:
        return node.officers
    hours, officers = zip(*OPEN, strict=True)
    return ciw.Schedule(list(officers), [hour * HOUR for hour in hours], preemption="resume")


def here(network, seed):
    """Return the same of one run of the compiled loop."""
    waits = networks.run(network, seed).waits
    return {
        (name, rank): row.mean_there
        for name, rows in waits.items()
        for rank, row in enumerate(rows)
    }


def differ(mine, other):
    """Say whether the means of two samples differ more than chance leaves."""
    half = T * sqrt(variance(mine) / len(mine) + variance(other) / len(other))
    return abs(mean(mine) - mean(other)) > half


@pytest.mark.parametrize(
    "network, rival",
    [
        # The rival has no urgent letters, or nobody ever goes home.
        (URGENT, replace(URGENT, nodes=(replace(URGENT.nodes[0], arrivals=(7e-4, 2e-4)), *URGENT.nodes[1:]))),
        (CALENDAR, replace(CALENDAR, nodes=(CALENDAR.nodes[0], replace(CALENDAR.nodes[1], roster=())))),
    ],
    ids=["priority and lognormal work", "office hours"],
)  # fmt: skip
def test_time_at_each_station_is_as_in_ciw(network, rival):
    theirs = [in_ciw(network, seed) for seed in range(RUNS)]
    ours = [here(network, seed) for seed in range(RUNS)]
    others = [here(rival, seed) for seed in range(RUNS)]
    assert set(theirs[0]) == set(ours[0])
    told = [
        (
            key,
            [run[key] for run in theirs],
            [run[key] for run in ours],
            [run[key] for run in others],
        )
        for key in ours[0]
    ]
    assert not any(differ(ciws, mine) for _key, ciws, mine, _rival in told), told
    assert any(differ(ciws, rivals) for _key, ciws, _mine, rivals in told)

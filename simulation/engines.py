"""The engine's speed beside SimPy's and Ciw's: one network of queues, three programs.

A desk of 12 and 21 units of 10 officers; a letter a minute, 10 minutes at the desk and 150 at a
unit, exponential; 5 % go back to the desk. The draws are made inside the run. Ours writes a log
of every visit, the others none. The other two are imported here alone, when they are asked for.
"""

import random
import time

from simulation.networks import Network, Node, run

UNITS, RETURNED = 21, 0.05
DESK_OFFICERS, UNIT_OFFICERS = 12, 10
DESK_MINUTES, UNIT_MINUTES = 10, 150
_TICKS = 60_000  # a minute in milliseconds: times are whole ticks


def ours(letters, seed):
    """Return (seconds, mean minutes at desk and units a visit) of our engine."""
    units = [f"unit {n}" for n in range(UNITS)]
    desk = Node(
        "desk",
        ("exponential", DESK_MINUTES * _TICKS),
        officers=DESK_OFFICERS,
        arrivals=(1 / _TICKS,),
        to=dict.fromkeys(units, 1 / UNITS),
    )
    others = [
        Node(name, ("exponential", UNIT_MINUTES * _TICKS), UNIT_OFFICERS, to={"desk": RETURNED})
        for name in units
    ]
    network = Network((desk, *others), letters=letters)
    began = time.perf_counter()
    played = run(network, seed)
    seconds = time.perf_counter() - began
    there = [measure.time_there / measure.joined / _TICKS for measure in played.measures.values()]
    return seconds, (there[0], sum(there[1:]) / UNITS)


def simpys(letters, seed):
    """Return the same of SimPy, its times summed by the letters themselves."""
    import simpy

    draw, env = random.Random(seed), simpy.Environment()
    desk = simpy.Resource(env, DESK_OFFICERS)
    units = [simpy.Resource(env, UNIT_OFFICERS) for _ in range(UNITS)]
    spent, visits = [0.0, 0.0], [0, 0]

    def visit(station, minutes, place):
        came = env.now
        with station.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1 / minutes))
        spent[place] += env.now - came
        visits[place] += 1

    def letter():
        while True:
            yield from visit(desk, DESK_MINUTES, 0)
            yield from visit(units[int(draw.random() * UNITS)], UNIT_MINUTES, 1)
            if draw.random() >= RETURNED:
                return

    def source():
        for _ in range(letters):
            yield env.timeout(draw.expovariate(1))
            env.process(letter())

    began = time.perf_counter()
    env.process(source())
    env.run()
    seconds = time.perf_counter() - began
    return seconds, tuple(whole / n for whole, n in zip(spent, visits, strict=True))


def ciws(letters, seed):
    """Return the same of Ciw."""
    import ciw

    stations = UNITS + 1
    exponential = ciw.dists.Exponential
    network = ciw.create_network(
        arrival_distributions=[exponential(1.0)] + [None] * UNITS,
        service_distributions=[exponential(1 / DESK_MINUTES)]
        + [exponential(1 / UNIT_MINUTES)] * UNITS,
        number_of_servers=[DESK_OFFICERS] + [UNIT_OFFICERS] * UNITS,
        routing=[[0.0] + [(1 - 1e-12) / UNITS] * UNITS] + [[RETURNED] + [0.0] * UNITS] * UNITS,
    )
    ciw.seed(seed)
    began = time.perf_counter()
    played = ciw.Simulation(network)
    played.simulate_until_max_customers(letters)
    seconds = time.perf_counter() - began
    there = [[] for _ in range(stations)]
    for record in played.get_all_records():
        there[record.node - 1].append(record.exit_date - record.arrival_date)
    at_units = [sum(times) / len(times) for times in there[1:]]
    return seconds, (sum(there[0]) / len(there[0]), sum(at_units) / UNITS)

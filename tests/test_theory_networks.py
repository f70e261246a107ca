"""Networks of stations against theory, on the readable stations and on the compiled loop.

Means over 30 independent runs must lie within an interval around theory that chance alone
leaves once in ten million times; and a rival value, what a broken rule or a wrong formula
would give, must lie outside it, so that each test can fail.
"""

from dataclasses import replace
from heapq import heappop, heappush
from statistics import mean, stdev

import numpy as np
import pytest

from simulation import networks, theory
from simulation.networks import Network, Node
from simulation.stations import Roster
from tests import readable

RUNS = 30
T = 7.03  # Student's t, 29 degrees of freedom, 1 - 5e-8
MEAN = 10_000  # ticks of work
ENGINES = [
    pytest.param((readable.run, 4_000, 400), id="readable"),
    pytest.param((networks.run, 60_000, 6_000), id="compiled"),
]
HOUR, DAY = 3600, 86400
OFFICE = tuple(
    step
    for day in range(90)
    for step in ((day * DAY + 9 * HOUR, 3), (day * DAY + 12 * HOUR, 0),
                 (day * DAY + 14 * HOUR, 3), (day * DAY + 18 * HOUR, 0))
)  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(request):
    """(run, letters a run, letters of the warm-up) of one of the two engines."""
    return request.param


def played(engine, network, rate):
    """Run a network many times; waits and times there begin after the warm-up."""
    run, letters, warm_up = engine
    network = replace(network, letters=letters, warm_up=int(warm_up / rate))
    return [run(network, seed) for seed in range(RUNS)]


def agrees(values, expected, rival):
    """The runs' mean agrees with theory, and surely differs from the rival."""
    half = T * stdev(values) / len(values) ** 0.5
    assert abs(mean(values) - expected) < half, (mean(values), expected, half)
    assert abs(mean(values) - rival) > half, (mean(values), rival, half)


def waits(runs, node, rank=0):
    return [run.waits[node][rank].mean_wait for run in runs]


# -- formulas against each other -----------------------------------------------------------------


def test_with_one_class_priority_is_no_priority():
    (wait,) = theory.priority_waits_one_officer([0.6], [1], [1.5])
    assert wait == pytest.approx(theory.mean_wait_one_officer(0.6, 1, 1.5))
    assert theory.priority_waits(3, [2.4], 2) == pytest.approx([theory.mean_wait(3, 2.4, 2)])


def test_priority_moves_waits_between_classes_and_keeps_their_sum():
    """Conservation (Kleinrock, 1965): loads times waits sum to what they are without priority."""
    loads = [0.3, 0.5]
    mine = theory.priority_waits_one_officer(loads, [1, 1], [1, 1])
    assert sum(np.multiply(loads, mine)) == pytest.approx(0.8 * theory.mean_wait(1, 0.8, 1))
    many = theory.priority_waits(4, [1.0, 2.2], 1)
    assert np.dot([1.0, 2.2], many) == pytest.approx(3.2 * theory.mean_wait(4, 3.2, 1))
    assert many == sorted(many)


def test_one_officer_is_the_same_by_both_formulas():
    one = theory.priority_waits_one_officer([0.2, 0.6], [1, 1], [1, 1])
    assert theory.priority_waits(1, [0.2, 0.6], 1) == pytest.approx(one)


@pytest.mark.parametrize("officers, load", [(1, 0.8), (3, 2.4), (12, 10.5)])
def test_probabilities_of_letters_there_sum_to_one_and_have_the_mean(officers, load):
    shares = theory.letters_there(officers, load, 600)
    assert sum(shares) == pytest.approx(1)
    assert np.dot(shares, range(601)) == pytest.approx(theory.mean_there(officers, load))
    assert 1 - sum(shares[:officers]) == pytest.approx(theory.erlang_c(officers, load))


def test_letters_that_come_back_are_visits_again():
    assert theory.visit_rates([2, 0], [[0, 1], [0.25, 0]]) == pytest.approx([8 / 3, 8 / 3])


@pytest.mark.parametrize("loads", [[0.5, 0.5], [1.2], [0]])
def test_classes_that_outgrow_the_officer_have_no_mean_wait(loads):
    with pytest.raises(ValueError, match="loads must sum to between"):
        theory.priority_waits_one_officer(loads, [1] * len(loads), [1] * len(loads))


# -- one station ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "work, cv", [(("fixed", MEAN), 0), (("exponential", MEAN), 1), (("lognormal", MEAN, 1.5), 1.5)]
)
def test_one_officer_with_any_work_waits_as_theory_says(engine, work, cv):
    """Pollaczek and Khinchine; the rival is work of another coefficient of variation."""
    runs = played(engine, Network((Node("desk", work, arrivals=(0.5 / MEAN,)),)), 0.5 / MEAN)
    rival = theory.mean_wait_one_officer(0.5, MEAN, {0: 1, 1: 1.5, 1.5: 1}[cv])
    agrees(waits(runs, "desk"), theory.mean_wait_one_officer(0.5, MEAN, cv), rival)


@pytest.mark.parametrize("officers, load", [(2, 1.4), (5, 4.0)])
def test_several_officers_wait_as_theory_says(engine, officers, load):
    """Erlang C; the rival is one officer fewer or, if that can't be, one more."""
    node = Node("desk", ("exponential", MEAN), officers, arrivals=(load / MEAN,))
    runs = played(engine, Network((node,)), load / MEAN)
    agrees(
        waits(runs, "desk"),
        theory.mean_wait(officers, load, MEAN),
        theory.mean_wait(officers + 1, load, MEAN),
    )
    shares = [run.measures["desk"].utilisation for run in runs]
    agrees(shares, load / officers, load / (officers + 1))


@pytest.mark.parametrize("work, cv", [(("exponential", MEAN), 1), (("lognormal", MEAN, 1.2), 1.2)])
def test_one_officer_takes_urgent_letters_first_as_theory_says(engine, work, cv):
    """Cobham; the rival is the order of joining."""
    rates = (0.25 / MEAN, 0.45 / MEAN)
    network = Network((Node("desk", work, arrivals=rates),), classes=2)
    runs = played(engine, network, sum(rates))
    plain = theory.mean_wait_one_officer(0.7, MEAN, cv)
    expected = theory.priority_waits_one_officer(rates, [MEAN] * 2, [cv] * 2)
    for rank, wait in enumerate(expected):
        agrees(waits(runs, "desk", rank), wait, plain)


def test_several_officers_take_urgent_letters_first_as_theory_says(engine):
    """Kella and Yechiali, with equal work; the rival is the order of joining."""
    loads = [1.5, 0.8]
    node = Node("desk", ("exponential", MEAN), 3, arrivals=tuple(load / MEAN for load in loads))
    runs = played(engine, Network((node,), classes=2), sum(loads) / MEAN)
    for rank, wait in enumerate(theory.priority_waits(3, loads, MEAN)):
        agrees(waits(runs, "desk", rank), wait, theory.mean_wait(3, sum(loads), MEAN))


# -- calendars -----------------------------------------------------------------------------------


def started_in_turn(officers, at, work):
    """Return when each letter's work ends, first come first served, always open.

    Kiefer and Wolfowitz's recursion: whoever is free first takes the next letter.
    """
    free, ends = [0] * officers, []
    for came, amount in zip(at, work, strict=True):
        end = max(came, heappop(free)) + amount
        heappush(free, end)
        ends.append(end)
    return ends


def test_in_work_time_office_hours_are_the_queue_that_never_closes(engine):
    """Letter for letter: arrivals and ends are mapped to the seconds worked until then."""
    node = Node("unit", ("exponential", 5 * HOUR), roster=OFFICE, arrivals=(3 / DAY,))
    network = Network((node,), horizon=60 * DAY)
    run = engine[0](network, 5)
    log, office = run.log, Roster(OFFICE)
    came = {n: at for n, at, what in _rows(log) if what == readable.JOINS}
    left = {n: at for n, at, what in _rows(log) if what == readable.LEAVES}
    game = readable.Game(network, 5)
    work = [game.work(0, number, 1) for number in came]
    opened = started_in_turn(3, [office.worked(0, at) for at in came.values()], work)
    compared = [
        (office.worked(0, left[number]), end)
        for number, end in zip(came, opened, strict=True)
        if number in left
    ]
    assert len(compared) > 130
    assert all(mine == end for mine, end in compared)
    # Elapsed time is another thing: hardly any letter takes as long as its work.
    assert mean(left[n] - came[n] for n in left) > 2 * mean(work)


def _rows(log):
    return zip(log["letter"].tolist(), log["tick"].tolist(), log["what"].tolist(), strict=True)


# -- networks ------------------------------------------------------------------------------------

ROUTES = [[0.0, 0.7, 0.2], [0.15, 0.0, 0.6], [0.1, 0.1, 0.0]]
OFFICERS, OUTSIDE, WORKS = (2, 4, 1), (0.8 / MEAN, 0.3 / MEAN, 0.0), (MEAN, 2 * MEAN, 0.6 * MEAN)
NAMES = ("desk", "unit", "review")
JACKSON = Network(
    tuple(
        Node(name, ("exponential", work), officers, arrivals=(rate,), to=dict(zip(NAMES, row, strict=True)))
        for name, work, officers, rate, row in zip(NAMES, WORKS, OFFICERS, OUTSIDE, ROUTES, strict=True)
    )
)  # fmt: skip
LOADS = theory.visit_rates(OUTSIDE, ROUTES) * WORKS


def numbers_there(run, after, until):
    """Return (durations, numbers): for how long how many letters were at each node."""
    steps = np.where(run.log["what"] == readable.JOINS, 1, -1)
    numbers = [np.cumsum(steps * (run.log["node"] == node)) for node in range(len(NAMES))]
    ticks = np.clip(run.log["tick"], after, until)
    return np.diff(ticks), np.array(numbers)[:, :-1]


@pytest.fixture(scope="module", params=ENGINES)
def jackson(request):
    """Runs of the network, and (after, until): the ticks to look at, without start and end."""
    run, letters, warm_up = request.param
    runs = [run(replace(JACKSON, letters=letters), seed) for seed in range(RUNS)]
    return runs, (warm_up / sum(OUTSIDE), 0.95 * letters / sum(OUTSIDE))


def test_a_network_has_as_many_letters_at_each_station_as_theory_says(jackson):
    """Jackson; the rival has no letters that come back."""
    runs, span = jackson
    there = [numbers_there(run, *span) for run in runs]
    without = theory.visit_rates(OUTSIDE, np.triu(ROUTES)) * WORKS
    for node, officers in enumerate(OFFICERS):
        means = [np.average(numbers[node], weights=lasts) for lasts, numbers in there]
        rival = theory.mean_there(officers, without[node])
        agrees(means, theory.mean_there(officers, LOADS[node]), rival)


def test_numbers_at_the_stations_of_a_network_are_as_if_each_stood_alone(jackson):
    """The product form: what is said of two stations together is the product; and each alone."""
    runs, span = jackson
    there = [numbers_there(run, *span) for run in runs]
    alone = [theory.letters_there(c, load, 8) for c, load in zip(OFFICERS, LOADS, strict=True)]
    for node in range(len(NAMES)):
        for n in (0, 1, 3):
            shares = [np.average(found[node] == n, weights=lasts) for lasts, found in there]
            agrees(shares, alone[node][n], alone[node][n + 1])
    both = [np.average((n[0] <= 1) & (n[2] == 0), weights=lasts) for lasts, n in there]
    desk = sum(alone[0][:2])
    agrees(both, desk * alone[2][0], min(desk, alone[2][0]))


@pytest.mark.parametrize("run", [readable.run, networks.run])
def test_letters_there_equal_rate_times_time_there_at_each_station(run):
    """Little's law by three ways: changes of the number there, the letters' own times, the log."""
    classes = Network(
        (
            Node("desk", ("lognormal", 4000, 1.3), 2, arrivals=(2e-5, 1e-4), to={"unit": 0.9}),
            Node("unit", ("exponential", 9000), roster=OFFICE, to={"desk": 0.2}),
        ),
        classes=2,
        horizon=20 * DAY,
    )
    for network in (classes, replace(JACKSON, letters=2000)):
        played_once = run(network, 3)
        for place, node in enumerate(network.nodes):
            measure = played_once.measures[node.name]
            log = played_once.log
            mine = log["node"] == place
            signs = np.where(log["what"][mine] == readable.JOINS, 1, -1)
            still = measure.waiting + measure.in_service
            summed = int(-(signs * log["tick"][mine]).sum()) + still * played_once.end
            assert measure.number_integral == measure.time_there == summed > 0

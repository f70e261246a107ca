"""Small networks on the compiled loop: equal to the reference stations, event for event."""

from dataclasses import astuple, replace

import pytest

from simulation import theory
from simulation.networks import Network, Node, run
from simulation.stations import NEVER
from tests import readable

DAY, HOUR = 86400, 3600
OFFICE = tuple(
    step
    for day in range(40)
    for step in ((day * DAY + 9 * HOUR, 2), (day * DAY + 12 * HOUR, 0),
                 (day * DAY + 14 * HOUR, 3), (day * DAY + 17 * HOUR, 1), (day * DAY + 18 * HOUR, 0))
)  # fmt: skip
SHIFTS = tuple((day * DAY + hour * HOUR, n) for day in range(40) for hour, n in ((0, 1), (8, 3)))
MIXED = Network(
    nodes=(
        Node("desk", ("exponential", 3000), roster=SHIFTS, arrivals=(2e-5, 3e-4),
             to={"unit": 0.9}),
        Node("unit", ("exponential", 12_000), roster=OFFICE, to={"desk": 0.1, "review": 0.8}),
        Node("review", ("fixed", 2000), officers=2, arrivals=(0.0, 1e-5), to={"unit": 0.05}),
    ),
    classes=2,
    horizon=30 * DAY,
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_the_compiled_loop_equals_the_reference_event_for_event(seed):
    played, reference = run(MIXED, seed), readable.run(MIXED, seed)
    for name, column in reference.log.items():
        assert played.log[name].tolist() == column.tolist()
    measures = reference.measures
    assert played.measures == measures
    assert len(reference.log["tick"]) > 1500
    for name, waits in reference.waits.items():
        for mine, its in zip(played.waits[name], waits, strict=True):
            assert astuple(mine) == pytest.approx(astuple(its))
    assert all(measure.mean_wait > 0 for measure in measures.values())
    assert sum(measure.waiting + measure.in_service for measure in measures.values()) > 0


def test_one_officer_waits_as_theory_says():
    node = Node("desk", ("lognormal", 10_000, 1.5), arrivals=(6e-5,))
    played = run(Network(nodes=(node,), letters=1_000_000), 1)
    expected = theory.mean_wait_one_officer(0.6, 10_000, 1.5)
    assert played.measures["desk"].mean_wait == pytest.approx(expected, rel=0.03)
    assert played.waits["desk"][0].count == 1_000_000


def test_the_first_class_waits_less_and_the_warm_up_is_left_out():
    node = Node("desk", ("exponential", 10_000), 2, arrivals=(5e-5, 1e-4))
    network = Network(nodes=(node,), classes=2, letters=50_000)
    first, second = run(network, 1).waits["desk"]
    assert first.mean_wait < second.mean_wait / 2
    later = run(replace(network, warm_up=10**8), 1).waits["desk"]
    assert sum(waits.count for waits in later) == pytest.approx(35_000, rel=0.03)


def test_same_seed_gives_the_same_log_and_another_seed_another():
    one, same, other = (run(MIXED, seed).log["tick"].tolist() for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(
    "network, fault",
    [
        (replace(MIXED, horizon=NEVER), "number of letters or a horizon"),
        (replace(MIXED, nodes=MIXED.nodes[1:2]), "needs arrivals"),
        (replace(MIXED, classes=1), "of the classes that it has"),
        (replace(MIXED, nodes=MIXED.nodes[:1]), "leads to nodes of its network"),
        (replace(MIXED, nodes=(replace(MIXED.nodes[0], work=("normal", 3), to={}),)), "work is"),
    ],
)
def test_a_network_that_makes_no_sense_is_refused(network, fault):
    with pytest.raises(ValueError, match=fault):
        run(network, 1)

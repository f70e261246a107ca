"""The stations against queues that are known exactly, and against reports about other simulators.

P numbers name public bug reports; each stands for its kind. Chance is given its due: means
over independent runs must lie within a 99 % interval around theory, and the interval must
be narrow enough for the test to fail.
"""

from statistics import mean, stdev

import numpy as np
import pytest

from simulation import draws, theory
from simulation.stations import NEVER, Roster, Station, play

HOUR = 3600
T_99 = 2.756  # Student's t, 29 degrees of freedom
RUNS = 30


class Visitor:
    """A letter that needs one piece of work, and remembers what happened to it."""

    def __init__(self, at, station, work, rank=1, visits=1):
        self.at, self.left, self.busy_seen, self.spells = at, None, [], []
        self.process = self._go(station, work, rank, visits)

    def _go(self, station, work, rank, visits):
        for _ in range(visits):
            self.left = yield station, rank, work
            self.busy_seen.append(station.busy)
            self.spells.append((self.entered, self.started, self.left))

    @property
    def wait(self):
        return self.started - self.entered


def run(visitors, station, horizon=NEVER):
    """Play visitors through one station; return the finished ones, in order, and its Measure."""
    finished, playing = [], play(visitors, [station], horizon)
    while True:
        try:
            finished.append(next(playing))
        except StopIteration as stop:
            return finished, stop.value[station.name]


def markov(seed, officers, load, count=4500, mean_work=1_000_000, cv=None):
    """Return the visitors and Measure of one run of M/M/c, or of M/G/c with lognormal work."""
    uniform = draws.uniforms(seed, f"theory {officers} {load} {cv}", range(count), 2)
    at = np.cumsum(-np.log(uniform[:, 0]) * mean_work / load).astype(int).tolist()
    work = -np.log(uniform[:, 1]) * mean_work
    if cv is not None:
        work = draws.lognormals(uniform[:, 1], mean_work, cv)
    station = Station("desk", Roster([(0, officers)]))
    visitors = [Visitor(a, station, int(w) + 1) for a, w in zip(at, work, strict=True)]
    return run(visitors, station, at[-1])


def interval(values):
    """Return mean and half width of the 99 % interval of independent runs' values."""
    return mean(values), T_99 * stdev(values) / len(values) ** 0.5


def assert_near(values, expected, tolerance):
    centre, half = interval(values)
    assert half < tolerance * expected, "the interval is too wide to say anything"
    assert centre == pytest.approx(expected, abs=half)


# -- closed forms against printed values ---------------------------------------------------------


@pytest.mark.parametrize(
    "officers, load, printed",
    [(8, 3.87, 0.05), (10, 4.08, 0.01), (10, 6.0, 0.10)],
)
def test_erlang_c_gives_the_printed_probability_of_waiting(officers, load, printed):
    assert theory.erlang_c(officers, load) == pytest.approx(printed, abs=0.002)


def test_a_wait_longer_than_one_service_has_the_printed_share():
    share = theory.longer_than(1, 8, 3.87, 1) / theory.erlang_c(8, 3.87)
    assert share == pytest.approx(0.016, abs=0.0005)


@pytest.mark.parametrize(
    "load, work, wait, share, officers",
    [(10, 180, 20, 0.8, 14), (25, 240, 30, 0.9, 31), (50, 180, 20, 0.8, 56)],
)
def test_staffing_by_erlang_c_is_exact(load, work, wait, share, officers):
    assert theory.officers_needed(load, work, wait, share) == officers


@pytest.mark.parametrize(
    "officers, arrivals, services, in_system",
    [(2, 1, 1, 4 / 3), (2, 1.5, 1, 16 / 7), (1, 8, 10, 0.5)],
)
def test_mean_time_in_system_is_the_printed_one(officers, arrivals, services, in_system):
    wait = theory.mean_wait(officers, arrivals / services, 1 / services)
    assert wait + 1 / services == pytest.approx(in_system)


@pytest.mark.parametrize("arrivals, in_system", [(1, 0.763333), (1.6, 1.553333)])
def test_one_officer_with_any_work_is_the_printed_one(arrivals, in_system):
    work, cv = 0.5, (0.4 / 12**0.5) / 0.5  # evenly between 0.3 and 0.7
    wait = theory.mean_wait_one_officer(arrivals * work, work, cv)
    assert wait + work == pytest.approx(in_system, abs=1e-5)


@pytest.mark.parametrize("officers, load", [(1, 1), (2, 2.5), (1, 0)])
def test_a_queue_that_grows_for_ever_has_no_mean_wait(officers, load):
    with pytest.raises(ValueError, match="load must lie between"):
        theory.mean_wait(officers, load, 1)


# -- the stations against theory -----------------------------------------------------------------


@pytest.mark.parametrize("officers, load", [(1, 0.625), (1, 0.8), (2, 1.25), (5, 4.0)])
def test_stations_wait_as_theory_says(officers, load):
    """P132, P133: the mean wait, and use near load over officers, without the warm-up."""
    runs = [markov(seed, officers, load) for seed in range(RUNS)]
    waits = [mean(v.wait for v in visitors[1000:]) for visitors, _ in runs]
    assert_near(waits, theory.mean_wait(officers, load, 1_000_000), tolerance=0.2)
    assert_near([m.utilisation for _, m in runs], load / officers, tolerance=0.03)


def test_stations_wait_longer_if_work_varies_more():
    runs = [markov(seed, 1, 0.6, cv=1.5) for seed in range(RUNS)]
    waits = [mean(v.wait for v in visitors[1000:]) for visitors, _ in runs]
    assert_near(waits, theory.mean_wait_one_officer(0.6, 1_000_000, 1.5), tolerance=0.2)


def test_starting_empty_makes_the_first_waits_shorter():
    """P132: hence the warm-up is left out above."""
    runs = [markov(seed, 1, 0.8)[0] for seed in range(RUNS)]
    first = mean(mean(v.wait for v in visitors[:20]) for visitors in runs)
    assert first < 0.7 * theory.mean_wait(1, 0.8, 1_000_000)


@pytest.mark.parametrize("officers, load", [(1, 0.7), (3, 2.5), (2, 2.6)])
def test_letters_there_equal_rate_times_time_there(officers, load):
    """Little's law: from the changes of the number there, and from the letters' own times."""
    _, measure = markov(5, officers, load)
    assert measure.number_integral == measure.time_there > 0


# -- reports about other simulators --------------------------------------------------------------


def test_unfinished_letters_are_counted():
    """P120: what would end at the horizon itself is still in service."""
    station = Station("desk", Roster([(0, 1)]))
    visitors = [Visitor(hour * HOUR, station, HOUR) for hour in range(25)]
    finished, measure = run(visitors, station, 24 * HOUR)
    assert (measure.joined, measure.served, measure.in_service, measure.waiting) == (24, 23, 1, 0)
    assert len(finished) == 23


def test_use_is_weighted_by_time_on_duty():
    """P122: two officers for 10 minutes, then one for 5."""
    station = Station("desk", Roster([(0, 2), (600, 1), (900, 0)]))
    visitors = [Visitor(0, station, 180), Visitor(0, station, 60), Visitor(600, station, 240)]
    _, measure = run(visitors, station, 900)
    assert measure.utilisation == pytest.approx(8 / 25)


def test_no_more_officers_are_busy_than_are_there():
    """P126"""
    uniform = draws.uniforms(1, "busy", range(2000), 2)
    station = Station("desk", Roster([(0, 20)]))
    at = np.cumsum(uniform[:, 0] * 20).astype(int).tolist()
    work = (uniform[:, 1] * 600).astype(int).tolist()
    visitors = [Visitor(a, station, w + 1) for a, w in zip(at, work, strict=True)]
    finished, _ = run(visitors, station)
    seen = [busy for visitor in finished for busy in visitor.busy_seen]
    assert max(seen) == 20
    events = sorted([(v.started, 1) for v in finished] + [(v.left, -1) for v in finished])
    assert max(np.cumsum([step for _, step in events])) == 20


def test_no_work_begins_while_nobody_is_on_duty():
    """P127"""
    station = Station("desk", Roster([(0, 0), (5, 1), (10, 0), (15, 1)]))
    visitors = [Visitor(0, station, 5) for _ in range(3)]
    finished, _ = run(visitors, station)
    assert [v.left for v in finished] == [10, 20, 25]
    assert finished == visitors


def test_work_is_no_longer_than_the_time_there_at_each_visit():
    """P130: a letter that comes back is a visit of its own."""
    station = Station("unit", Roster([(0, 1)]))
    visitors = [Visitor(at, station, 50, visits=2) for at in (0, 10, 20)]
    finished, measure = run(visitors, station, 10_000)
    assert measure.joined == measure.served == 6
    for visitor in finished:
        for entered, started, left in visitor.spells:
            assert 50 == left - started <= left - entered


def test_urgent_is_next():
    """P135: behind five ordinary ones; the one in hand is finished first."""
    station = Station("desk", Roster([(0, 1)]))
    ordinary = [Visitor(at, station, 100) for at in range(6)]
    urgent = Visitor(50, station, 100, rank=0)
    finished, _ = run([*ordinary, urgent], station)
    assert finished == [ordinary[0], urgent, *ordinary[1:]]


def test_equals_are_served_in_the_order_of_arrival():
    station = Station("desk", Roster([(0, 2)]))
    visitors = [Visitor(7, station, 30) for _ in range(9)]
    finished, _ = run(visitors, station)
    assert finished == visitors


# -- shifts --------------------------------------------------------------------------------------

OFFICE = Roster([(0, 0), (9, 2), (12, 0), (14, 2), (18, 0), (33, 2), (36, 0)])


@pytest.mark.parametrize(
    "start, work, end",
    [
        (9, 2, 11),
        (9, 3, 12),  # fills the shift: ends then, not after lunch
        (9, 4, 15),
        (11, 5, 18),
        (17, 3, 35),  # goes on the next morning
        (12, 1, 15),
        (2, 1, 10),
    ],
)
def test_work_goes_on_where_the_shift_stopped_it(start, work, end):
    assert OFFICE.end(start, work) == end
    assert OFFICE.worked(start, end) == work


@pytest.mark.parametrize("at, opening", [(0, 9), (9, 9), (11, 11), (12, 14), (20, 33)])
def test_the_next_opening_is_found(at, opening):
    assert OFFICE.opening(at) == opening


def test_time_on_duty_counts_every_officer():
    assert [OFFICE.duty(until) for until in (0, 10, 13, 24, 99)] == [0, 2, 6, 14, 20]


def test_officers_whose_shift_ends_finish_the_letter_in_hand():
    station = Station("desk", Roster([(0, 2), (10, 1)]))
    visitors = [Visitor(at, station, 8) for at in (5, 5, 6)]
    finished, _ = run(visitors, station)
    assert [(v.started, v.left) for v in finished] == [(5, 13), (5, 13), (13, 21)]


@pytest.mark.parametrize("steps", [[(0, -1)], [(5, 1), (5, 2)], [(5, 1), (3, 2)]])
def test_a_roster_that_makes_no_sense_is_refused(steps):
    with pytest.raises(ValueError, match="rising times"):
        Roster(steps)

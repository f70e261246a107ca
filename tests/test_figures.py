"""Against fakery: figures come out of the model, move with it, and none is put in."""

import re
import tomllib
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from cases import statistics
from simulation import arrivals, engine, scenario, sources
from tests.timelines import steps

YEAR = scenario.load("guangdong-2021")
SMALL = YEAR.scaled(5000)
NUMBERED = {"record_incident": "incidents", "record_rule": "rules"}
FIGURES = tomllib.loads((sources.DATA / "published.toml").read_text("utf-8"))["figure"]
INPUTS = [figure for figure in FIGURES if figure["key"] in YEAR.inputs]


@cache
def outcomes(chosen, seed=1):
    """Return the Counter of measures of a run, counted by cases/statistics.py, and mean waits."""
    run = engine.run(chosen.value, seed)
    counts = Counter()
    for number, timeline in run:
        for hit in statistics.measure(run.arrivals[number - 1].kind, steps(timeline)):
            counts[hit.measure] += hit.value
        for _, action, _ in timeline:
            counts[NUMBERED.get(action)] += 1
    return counts, waits(run)


class Chosen:
    """A scenario as a key: its own value, compared by identity."""

    def __init__(self, value):
        self.value = value


BASE = Chosen(SMALL)


def waits(run):
    """Return the mean wait in seconds by kind of station."""
    waited, joined = Counter(), Counter()
    for name, measure in run.stations.items():
        waited[name.split()[0]] += measure.mean_wait * measure.joined
        joined[name.split()[0]] += measure.joined
    return {kind: waited[kind] / joined[kind] for kind in joined}


def changed(**changes):
    return Chosen(replace(SMALL, outcomes=replace(SMALL.outcomes, **changes)))


# -- nothing put in ------------------------------------------------------------------------------


def test_no_published_outcome_stands_in_the_simulator():
    """Every outcome of published.toml of three digits or more, in any way of writing it."""
    outcomes = {int(f["value"]) for f in FIGURES if f not in INPUTS and f["value"] >= 150}
    outcomes -= {int(f["value"]) for f in INPUTS}
    # A round number of days, years and people may stand anywhere.
    outcomes -= {500, 950, 10000, 30000, 40000}
    assert len(outcomes) > 12
    forms = "|".join(f"{n // 1000}[,_]?{n % 1000:03d}" if n >= 1000 else str(n) for n in outcomes)
    figure = re.compile(rf"(?<![\d.-])({forms})(?![\d.])")
    searched = 0
    for path in sources.DATA.parent.rglob("*"):
        if path.suffix in (".py", ".toml", ".json") and path.name != "published.toml":
            found = figure.search(path.read_text("utf-8"))
            assert not found, f"{path.name}: {found[0]}"
            searched += 1
    assert searched > 12


def test_another_seed_gives_other_outcomes():
    one, two = outcomes(BASE, 1)[0], outcomes(BASE, 2)[0]
    measures = ("solved", "thanks", "incidents", "closed", "reopened", "rated")
    assert sum(one[measure] != two[measure] for measure in measures) >= 4
    for measure in measures:
        assert one[measure] == pytest.approx(two[measure], abs=5 * two[measure] ** 0.5)


def test_solving_more_often_moves_solved_by_as_much():
    base = outcomes(BASE)[0]["solved"]
    more = outcomes(changed(done=SMALL.outcomes.done * 1.1))[0]["solved"]
    assert more / base == pytest.approx(1.10, abs=0.03)


def test_thanks_and_incidents_move_with_their_rates():
    base = outcomes(BASE)[0]
    half = outcomes(
        changed(
            thanks_per_solved=SMALL.outcomes.thanks_per_solved / 2,
            incident=SMALL.outcomes.incident / 2,
        )
    )[0]
    assert half["thanks"] / base["thanks"] == pytest.approx(0.5, abs=0.12)
    assert half["incidents"] / base["incidents"] == pytest.approx(0.5, abs=0.10)
    assert half["solved"] == base["solved"]


def test_thanks_follow_what_is_solved():
    base = outcomes(BASE)[0]
    fewer = outcomes(changed(done=SMALL.outcomes.done / 2))[0]
    assert fewer["thanks"] / base["thanks"] == pytest.approx(0.5, abs=0.12)


def test_half_the_staff_makes_letters_wait_longer():
    double = SMALL.with_staff(2)
    full = outcomes(Chosen(double))[1]
    half = outcomes(Chosen(double.with_staff(0.5)))[1]
    for station in ("desk", "duty", "handlers", "review"):
        assert half[station] > 1.02 * full[station], station


def test_half_the_staff_answers_fewer_letters_in_time():
    crowd = replace(SMALL.scaled(20000), cities=SMALL.cities, department_desk=(1, 1))
    full = outcomes(Chosen(crowd.with_staff(2)))[0]
    half = outcomes(Chosen(crowd))[0]
    assert half["urged"] > full["urged"]
    assert half["replied"] <= full["replied"]


# -- the published figures -----------------------------------------------------------------------


def test_every_figure_says_where_it_is_from_and_what_it_is():
    keys = [figure["key"] for figure in FIGURES]
    assert len(keys) == len(set(keys)) > 35
    cities = {city.code for city in YEAR.cities}
    for figure in FIGURES:
        assert figure["verb"] and figure["source"] and figure["source_zh"]
        assert bool(figure.get("note")) == bool(figure.get("note_zh"))
        assert figure["since"] < figure["until"]
        assert figure["area"] == "all" or figure["area"] in cities
        assert figure.get("variant_of", keys[0]) in keys


def test_both_numbers_of_thanks_are_kept():
    other = next(figure for figure in FIGURES if figure.get("variant_of"))
    main = next(figure for figure in FIGURES if figure["key"] == other["variant_of"])
    assert main["measure"] == "thanks" and main["key"] in YEAR.tuned
    assert main["value"] > other["value"]


def test_inputs_are_what_the_scenario_puts_in():
    drawn = arrivals.draw(YEAR, 1)
    shares = {city.code: city.share for city in YEAR.cities}
    assert len(INPUTS) == 5
    for figure in INPUTS:
        assert figure["measure"] == "received"
        days = (figure["until"] - YEAR.start).days + 1
        if figure["area"] == "all":
            assert (drawn.at < days * 86400).sum() == figure["value"]
        else:
            years = round(days / 365)
            share = figure["value"] / years / YEAR.letters
            assert shares[figure["area"]] == pytest.approx(share, abs=0.0001)


def test_tuned_figures_come_near_at_full_size():
    """Within 4 standard deviations of chance."""
    counts = outcomes(Chosen(YEAR))[0]
    tuned = [figure for figure in FIGURES if figure["key"] in YEAR.tuned]
    assert {figure["measure"] for figure in tuned} == {"solved", "thanks", "incidents", "rules"}
    for figure in tuned:
        if figure["key"].startswith("year"):  # the counts are of the whole year
            value = figure["value"]
            assert counts[figure["measure"]] == pytest.approx(value, abs=4 * value**0.5)


def test_early_incidents_are_counted_by_their_own_definition():
    early = [f for f in FIGURES if "incidents" in f["key"] and f["until"].year == 2021]
    late = [f for f in FIGURES if "incidents" in f["key"] and f not in early]
    assert {f["measure"] for f in early} == {"criminal_incidents"} and len(early) == 3
    assert {f["measure"] for f in late} == {"incidents"} and late
    assert all("破获" in f["note"] and "口径" in f["note_zh"] for f in early)

"""Roles of figures, free parameters and priors, as a scenario states them."""

import copy
import tomllib

import pytest

from simulation import priors, published, scenario, sources
from simulation.reader import ScenarioError

TEXT = sources.source("guangdong-2021")
YEAR = scenario.parse(TEXT, "guangdong-2021")
FIGURES = {figure.key: figure for figure in published.figures()}


def drawn(seed, text=TEXT):
    tree = copy.deepcopy(tomllib.loads(text))
    priors.draw(tree, seed)
    return tree


def refused(old, new):
    """Return the error of the year's text with one change made in it."""
    assert TEXT.count(old) == 1
    with pytest.raises(ScenarioError) as caught:
        scenario.parse(TEXT.replace(old, new), "guangdong-2021")
    return str(caught.value)


def test_every_figure_has_one_role():
    roles = {key: priors.role(figure, YEAR) for key, figure in FIGURES.items()}
    assert sum(role == "input" for role in roles.values()) == 5
    assert {key for key, role in roles.items() if role == "tuned"} == set(YEAR.tuned)
    assert roles["year-responded"] == roles["guangzhou-solved"] == "predicted"


def test_no_more_free_parameters_than_tuned_figures():
    assert len(YEAR.free) <= len(YEAR.tuned)
    text = TEXT.replace("[arrivals]\n", '[[free]]\nparameter = "outcomes.banners"\n'
                        'figure = "year-thanks"\nlow = 0.0\nhigh = 1.0\nprior = [0.0, 1.0]\n\n[arrivals]\n', 1)  # fmt: skip
    with pytest.raises(ScenarioError, match="6 free parameters for 5 tuned figures"):
        scenario.parse(text, "guangdong-2021")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('figure = "year-rules"', 'figure = "november-rules"', "is predicted: only tuned"),
        ('figure = "year-rules"', 'figure = "year-received"', "is predicted: only tuned"),
        ('tuned = ["autumn-solved", ', 'tuned = ["year-received", ', "year-received is an input"),
        ('tuned = ["autumn-solved", ', 'tuned = ["spring-solved", ', "unknown published figure"),
        ('parameter = "outcomes.incident"', 'parameter = "outcomes.done"', "a second time"),
        ('parameter = "outcomes.incident"', 'parameter = "outcomes.incidents"', "outcomes.incident"),
        ("low = 10\n", "low = 5000\n", "must be less than high"),
        ("prior = [100, 600]", "prior = [5, 600]", "must rise, and lie between low and high"),
        ("prior = [100, 600]", "prior = [600, 100]", "must rise, and lie between low and high"),
        ('"work.redo_matter" = { low = 0.3', '"work.redo_matters" = { low = 0.3', "work.redo_matter"),
        ('"work.redo_matter" = { low = 0.3', '"work.redo_matter" = { low = 3.0', "less than high"),
        ('"work.effort" = { cv = 0.15 }', '"work.effort" = { cv = 2 }', "must lie between 0 and 1"),
        ('"work.effort" = { cv = 0.15 }', '"work.effort" = { cv = 0.1, low = 1 }', "not a key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(old, new, told):
    error = refused(old, new)
    assert told in error and "\n" not in error and error.startswith("guangdong-2021.toml: ")


def test_a_scenario_without_roles_is_set_against_nothing():
    start = TEXT.index("\n[roles]\n")
    text = TEXT[:start] + TEXT[TEXT.index("[arrivals]") :]
    assert YEAR.compared and not scenario.parse(text, "x").compared
    off = TEXT.replace("[roles]\n", "[roles]\ncompared = false\n")
    assert not scenario.parse(off, "x").compared


def test_priors_stand_for_numbers_that_lie_within_them():
    tree = tomllib.loads(TEXT)
    for name, prior in YEAR.priors.items():
        if prior.cv is None and name != "wrong_dispatch":
            above, key = name.rsplit(".", 1)
            table = tree
            for part in above.split("."):
                table = table[part]
            assert prior.low <= table[key] <= prior.high, name


def test_every_draw_is_a_whole_scenario_and_the_same_each_time():
    for seed in range(40):
        assert scenario.parse(TEXT, "guangdong-2021", {"drawn": seed}).kinds
    assert drawn(3) == drawn(3) != drawn(4)


def test_drawing_keeps_shares_and_ranges_and_centres_on_what_is_stated():
    trees = [drawn(seed) for seed in range(200)]
    assert all(abs(sum(tree["kinds"].values()) - 1) < 1e-9 for tree in trees)
    peaks = [tree["arrivals"]["surge_peak"] for tree in trees]
    assert 3 <= min(peaks) < 3.3 and 6.7 < max(peaks) <= 7
    accept = [tree["work"]["action"]["accept"]["minutes"] for tree in trees]
    assert sum(accept) / 200 == pytest.approx(2, abs=0.08)
    assert all(0 <= share <= 1 for tree in trees for share in tree["chances"].values())


def test_a_draw_of_one_name_depends_on_no_other():
    without = TEXT.replace('"work.redo_matter" = { low = 0.3, high = 0.8 }\n', "")
    one, two = drawn(5), drawn(5, without)
    assert two["work"]["redo_matter"] == 0.5 != one["work"]["redo_matter"]
    assert one["lags"] == two["lags"] and one["chances"] == two["chances"]


def test_what_has_no_prior_stays():
    tree = tomllib.loads(TEXT)
    one = drawn(5)
    assert one["scenario"] == tree["scenario"] and one["promises"] == tree["promises"]
    assert one["outcomes"]["done"] == tree["outcomes"]["done"]
    assert [city.get("share") for city in one["city"]] == [c.get("share") for c in tree["city"]]

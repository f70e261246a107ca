"""Scenario files: what is refused, in one clear line, and how a scenario is made smaller."""

import json
from dataclasses import replace

import pytest

from cases import policy
from simulation import scenario, sources
from simulation.reader import ScenarioError

SHIPPED = sources.DATA / "guangdong-2021.toml"


@pytest.fixture(scope="module")
def year():
    return scenario.load("guangdong-2021")


def broken(tmp_path, old, new):
    """Write the shipped scenario with one change; return its path."""
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "old, new, key, rule",
    [
        ("consult = 0.27", "consult = 0.37", "kinds", "must add up to 1, not 1.1"),
        ("consult = 0.27", "gossip = 0.27", "kinds.gossip", "is an unknown kind"),
        ("help = { traffic = 0.20", "help = { weather = 0.20", "categories.help.weather",
         "is an unknown category"),
        ("returns = [0.697", "returns = [0.5", "work.returns", "must add up to 1"),
        ("accept = { minutes = 2", "take_in = { minutes = 2", "work.action.take_in",
         "is an unknown action"),
        ("accept = { minutes = 2", "withdraw = { minutes = 2", "work.action.withdraw",
         "is an unknown use of this action"),
        ("decline = 0.045", "refuse = 0.045", "chances.refuse", "is an unknown action"),
        ("decline = 0.045", "decline = 1.2", "chances.decline", "must lie between 0 and 1"),
        ("accept = { minutes = 2", "accept = { minutes = -2", "work.action.accept.minutes",
         "must lie between 0 and inf, not -2"),
        ("accept = { minutes = 2", "accept = { minutes = 0", "work.action.accept.minutes",
         "must be more than 0"),
        ("accept = { minutes = 2", "accept = { fortnights = 2", "work.action.accept",
         "needs one of minutes, hours, days"),
        ('code = "440300"', 'code = "110000"', "city[3].code", "is an unknown city"),
        ('code = "440300"', 'code = "440100"', "city[3].code", "a second time"),
        ("share = 0.4287", "share = 0.9287", "city", "shares must add up to 1"),
        ("desk = [4, 2]", "desk = [0, 2]", "city[3].desk", "by day (at least 1)"),
        ("handlers = 10", "handlers = 2.5", "city[3].handlers", "must be a whole number"),
        ("letters = 93300", "letters = 0", "scenario.letters", "must be at least 1"),
        ("letters = 93300", "letters = 900_000_000", "scenario.letters", "at most 100,000,000"),
        ("desk = [4, 2]", "desk = [4, 200_000]", "city[3].desk", "at most 100,000"),
        ("handlers = 10", "handlers = 200_000", "city[3].handlers", "at most 100,000"),
        ("letters = 93300", "letters = true", "scenario.letters", "must be a whole number"),
        ("days = 365", "", "scenario.days", "is missing"),
        ("days = 365", "days = 365\nmoon = 1", "scenario.moon", "is not a key"),
        ("start = 2021-05-01", "start = 1921-05-01", "scenario.start", "no official calendar"),
        ("start = 2021-05-01", "start = 5", "scenario.start", "must be a date"),
        ("until = 2021-09-30", "until = 2023-09-30", "arrivals.checkpoints[1].until",
         "must rise, inside the scenario"),
        ("same_matter = 0.08", "same_matter = 0.9", "arrivals.same_matter", "not be more than"),
        ("  0.022, 0.013,", "  0.035,", "arrivals.hours", "must hold 24 numbers, not 23"),
        ('["08:30-12:00", "14:00-17:30"]', '["14:00-17:30", "08:30-12:00"]', "staff.office_hours",
         "in order"),
        ('day_shift = "08:00-20:00"', 'day_shift = "8 to 20"', "staff.day_shift", "hours such as"),
        ('rule_kinds = ["complaint"', 'rule_kinds = ["moan"', "outcomes.rule_kinds",
         "'moan' is an unknown kind"),
        ("red_working_days = 5", "red_working_days = 1", "promises.red_working_days", "more than"),
        ("12345 = 0.50", "119 = 0.50", "elsewhere.119", "is an unknown place"),
    ],
)  # fmt: skip
def test_a_broken_scenario_is_one_line_with_file_key_and_rule(tmp_path, old, new, key, rule):
    path = broken(tmp_path, old, new)
    with pytest.raises(ScenarioError) as caught:
        scenario.load(path)
    error = caught.value
    assert (error.file, error.key) == (str(path), key)
    assert rule in error.rule
    assert str(error) == f"{path}: {key}: {error.rule}"
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "text, rule",
    [("letters = = 1", "is not TOML"), ("", "scenario: is missing"), ("\udcff", "is not TOML")],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path, text, rule):
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ScenarioError, match=rule):
        scenario.load(path)


@pytest.mark.django_db
def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ScenarioError, match="guangdong-2020: is no scenario.*guangdong-2021"):
        scenario.load("guangdong-2020")


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        scenario.load(tmp_path / "none.toml")


def test_the_published_figures_are_no_scenario():
    assert "guangdong-2021" in sources.published_names()
    assert "published" not in sources.published_names()


def test_cities_without_a_share_divide_the_rest_by_population(year):
    shares = {city.code: city.share for city in year.cities}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["440300"] == 0.4287
    assert shares["440600"] / shares["440700"] == pytest.approx(9498863 / 4798090)
    assert len(shares) == 21


def test_units_are_those_of_the_unit_file(year):
    known = {unit["code"] for unit in json.loads(scenario.UNITS_FILE.read_text("utf-8"))["units"]}
    units = [unit for city in year.cities for unit in city.units]
    assert set(units) <= known and len(units) == len(set(units)) > 170
    dongguan = next(city for city in year.cities if city.code == "441900")
    assert all(unit.startswith("441900-") for unit in dongguan.units)


def test_promises_are_those_of_the_policy(year):
    live = policy.load()
    for kind in scenario.KIND_CODES:
        for level in ("city", "department"):
            for name in ("reply", "redo", "extension"):
                days = getattr(year.promises, name)[kind]
                assert live.length(level, kind, name).text == f"{days}d", (level, kind, name)
            assert live.length(level, kind, "supply").text == f"{year.promises.supply}d"
            assert live.length(level, kind, "silence").text == f"{year.promises.silence}d"
    assert live.yellow_after.text == f"{year.promises.yellow_working_days}wd"
    assert live.red_after.text == f"{year.promises.red_working_days}wd"


def test_a_smaller_scenario_scales_letters_and_staff_and_says_so(year):
    small = year.scaled(5000)
    assert small.letters == 5000
    assert small.arrivals.checkpoints == ((153, 5000 * 58884 // 93300), (365, 5000))
    assert {city.handlers for city in small.cities} == {1}
    assert small.notes == ("arrivals and staff scaled by 0.05359, staff rounded up",)
    assert year.notes == ()


def test_a_larger_scenario_scales_too(year):
    double = year.scaled(2 * year.letters)
    assert double.department_desk == tuple(2 * n for n in year.department_desk)
    assert double.cities[2].duty == tuple(2 * n for n in year.cities[2].duty)


def test_the_same_size_is_the_scenario_itself(year):
    assert year.scaled(year.letters) is year


@pytest.mark.parametrize("letters", [0, -5])
def test_no_letters_are_no_scenario(year, letters):
    with pytest.raises(ValueError, match="must be at least 1"):
        year.scaled(letters)


def test_staff_is_rounded_up(year):
    assert year.with_staff(1.1).cities[2].handlers == 11  # of 10
    half = year.with_staff(0.5)
    assert half.cities[0].handlers == 2  # of 3
    assert half.letters == year.letters


@pytest.mark.parametrize("factor", [0, -1])
def test_staff_of_nobody_is_refused(year, factor):
    with pytest.raises(ValueError, match="more than 0"):
        year.with_staff(factor)


def test_a_scenario_cannot_be_changed(year):
    with pytest.raises(AttributeError):
        year.letters = 5
    assert replace(year, letters=5).letters == 5


def test_every_number_says_what_it_is():
    """INPUT, SHAPE, PRIOR or TUNED; the tuned ones are as many as the figures they answer to."""
    text = SHIPPED.read_text(encoding="utf-8")
    chosen = scenario.load("guangdong-2021")
    assert text.count("# TUNED") == len(chosen.free) == len(chosen.tuned) == 5
    for table in ("kinds", "chances", "lags", "work.action", "outcomes.done_kind"):
        after = text.split(f"\n[{table}]", 1)[1][:120]
        assert any(word in after for word in ("PRIOR", "SHAPE", "INPUT")), table

"""Changing a scenario by name: what-if values, in a planner's words or by TOML path."""

import pytest

from simulation import changing, engine, scenario, sources
from simulation.reader import ScenarioError

TEXT = sources.source("guangdong-2021")
YEAR = scenario.load("guangdong-2021")


def changed(**changes):
    names = {name.replace("__", "."): value for name, value in changes.items()}
    return scenario.parse(TEXT, "guangdong-2021", names)


def city(found, code):
    return next(city for city in found.cities if city.code == code)


def test_sets_are_read_as_names_and_values():
    sets = ["desk.staff=12", "volume = 2x", "outcomes.done=+5%"]
    assert changing.parse_sets(sets) == {
        "desk.staff": "12",
        "volume": "2x",
        "outcomes.done": "+5%",
    }


@pytest.mark.parametrize("text", ["volume", "volume=", "=3", ""])
def test_a_set_without_name_or_value_is_refused(text):
    with pytest.raises(ScenarioError, match="must be name=value"):
        changing.parse_sets([text])


def test_a_name_given_twice_is_refused():
    with pytest.raises(ScenarioError, match="volume: is given twice"):
        changing.parse_sets(["volume=2x", "volume=3x"])


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [(10, "12", 12), (10, "2x", 20), (10, "1.25x", 13), (10, "+10%", 11), (10, "-20%", 8),
     (10, "+3", 13), (10, "-3", 7), (10, 7, 7), (0.5, "0.25", 0.25), (0.5, "+10%", 0.55),
     (0.1, "3x", 0.3), ([6, 3], "12", [8, 4]), ([6, 3], "2x", [12, 6]), ([6, 3], "10", [7, 3]),
     ([2, 1], "1", [1, 0]), ("08:00-20:00", "07:00-19:00", "07:00-19:00")],
)  # fmt: skip
def test_values_change_as_a_clerk_would(old, value, new):
    tree = {"a": {"b": old}}
    changing.apply(tree, {"a.b": value}, "x.toml")
    assert tree == {"a": {"b": new}}
    assert type(tree["a"]["b"]) is type(new)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [("desk.staf", "12", "near it: desk.staff"),
     ("outcome.done", "0.5", "near it: outcomes.done"),
     ("city.999999.handlers", "2", "is nothing that can be changed"),
     ("desk.999999.staff", "2", "is nothing that can be changed"),
     ("city", "2", "is a list"),
     ("outcomes.results", "2", "is a table"),
     ("arrivals.hours", "2", "is a list"),
     ("desk.staff", "many", "must be a number"),
     ("desk.staff", "2.5", "must be a whole number"),
     ("desk.staff", "-30", "must not become negative"),
     ("desk.staff", "0", "at least 1"),
     ("handlers.staff", "0", "at least 1"),
     ("kinds.help", "1.2", "must be a share from 0 to 1"),
     ("wrong_dispatch", "1.5", "must be a share from 0 to 1"),
     ("chances.decline", "3", "must lie between 0 and 1"),
     ("volume", "0", "must be at least 1"),
     ("scenario.start", "tomorrow", "must be a date")],
)  # fmt: skip
def test_what_does_not_fit_is_one_line_with_file_and_name(name, value, rule):
    with pytest.raises(ScenarioError, match=rule) as refused:
        scenario.parse(TEXT, "guangdong-2021", {name: value})
    assert str(refused.value).startswith("guangdong-2021.toml: ")
    assert "\n" not in str(refused.value)


def test_planners_names_reach_the_places_they_mean():
    found = scenario.parse(
        TEXT,
        "guangdong-2021",
        {
            "desk.staff": "12",
            "desk.440100.staff": "6",
            "handlers.staff": "2x",
            "handlers.440300.staff": "15",
            "review.staff": "+1",
            "deadline.reply.help": "15",
        },
    )
    assert found.department_desk == (8, 4)
    assert city(found, "440100").desk == (4, 2)
    assert city(found, "440100").handlers == 2 * city(YEAR, "440100").handlers
    assert city(found, "440300").handlers == 15
    assert [c.reviewers for c in found.cities] == [c.reviewers + 1 for c in YEAR.cities]
    assert found.promises.reply["help"] == 15


def test_volume_moves_letters_and_checkpoints_together():
    found = changed(volume="2x")
    assert found.letters == 2 * YEAR.letters
    assert found.arrivals.checkpoints[0] == (153, 2 * 58884)


def test_shares_that_add_up_make_room():
    found = changed(kinds__help="0.5")
    assert found.kinds["help"] == 0.5
    assert sum(found.kinds.values()) == pytest.approx(1)
    assert found.kinds["consult"] / found.kinds["report"] == pytest.approx(0.27 / 0.12)


def test_wrong_dispatch_is_the_share_that_comes_back():
    found = changed(wrong_dispatch="0.1")
    assert found.returns[0] == pytest.approx(0.9)
    assert found.returns[2] / found.returns[1] == pytest.approx(0.066 / 0.214)
    assert sum(found.returns) == pytest.approx(1)


def test_what_was_changed_stands_in_the_notes():
    assert changed(volume="2x").notes == ("changed: volume = 2x",)


def test_every_known_name_has_a_value_that_can_be_set_again():
    tree = sources.tree(TEXT, "guangdong-2021.toml")
    for name in changing.known(tree):
        value = changing.current(tree, name)
        if isinstance(value, int | float):
            changing.apply(tree, {name: "1x"}, "x.toml")
    assert tree["scenario"] == sources.tree(TEXT, "guangdong-2021.toml")["scenario"]
    assert tree["city"] == sources.tree(TEXT, "guangdong-2021.toml")["city"]


def test_changed_staff_leaves_the_letters_as_they_were():
    few = YEAR.scaled(300)
    more = changed(handlers__staff="2x").scaled(300)
    mine = [arrival for arrival, _timeline in engine.run(few, 1).letters()]
    theirs = [arrival for arrival, _timeline in engine.run(more, 1).letters()]
    assert sorted(mine) == sorted(theirs)


def test_a_text_may_stand_on_another(tmp_path):
    path = tmp_path / "twice.toml"
    path.write_text(
        'base = "guangdong-2021"\n[changes]\nvolume = "2x"\n'
        '[scenario]\nname = "twice"\ntitle = "Twice the letters"\n'
    )
    found = scenario.load(path)
    assert (found.name, found.title, found.letters) == ("twice", "Twice the letters", 186600)
    assert "base" not in sources.tree(sources.source(path), path)
    assert "# SHAPE" in sources.source(path)


def test_texts_that_stand_on_each_other_are_refused(tmp_path):
    path = tmp_path / "round.toml"
    path.write_text(f'base = "{path}"\n')
    with pytest.raises(ScenarioError, match="at most 5 deep"):
        scenario.load(path)

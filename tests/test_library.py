"""The library of scenarios, and what they add to the year: bursts and absences."""

from collections import Counter

import numpy as np
import pytest

from simulation import (
    absences,
    arrivals,
    engine,
    intervals,
    published,
    replication,
    scenario,
    sources,
)
from simulation.model import DAY
from simulation.office import Office
from simulation.reader import ScenarioError
from tests.additions import ABSENCE, BURST

YEAR = scenario.load("guangdong-2021")


def with_(text):
    return scenario.parse(sources.source("guangdong-2021") + text, "mine")


@pytest.mark.parametrize("name", sources.published_names())
def test_each_scenario_of_the_library_can_be_played(name):
    chosen = scenario.load(name)
    assert chosen.name == name
    few = chosen.scaled(400)
    found = replication.values(replication.play(few, 1), few)
    assert found["received"] == 400
    assert found["replied"] > 0


@pytest.mark.parametrize("name", sources.published_names())
def test_each_file_says_what_it_is(name):
    text = (sources.DATA / f"{name}.toml").read_text("utf-8")
    assert text.startswith("# ")
    if name != "guangdong-2021" and not name.startswith("guangdong-2021-"):
        assert text.count("\n") < 40
        assert not scenario.load(name).compared


@pytest.mark.parametrize("name", ["guangdong-2021", "guangdong-2021-responded"])
def test_shipped_intervals_are_those_of_the_scenario_as_it_stands(name):
    text = sources.source(name)
    shipped = intervals.shipped(text)
    assert shipped, f"the scenario has changed; run: ./manage.py replicate {name} --ship"
    assert (shipped["scenario"], shipped["replications"]) == (name, 20)
    assert set(shipped["figures"]) == {
        figure.key for figure in published.within(scenario.load(name))
    }
    assert intervals.shipped(sources.changed(text, name, {"chances.rate": "+1%"})) is None


def test_a_burst_adds_letters_and_leaves_the_others_as_they_were():
    plain = arrivals.draw(YEAR, 3)
    found = arrivals.draw(with_(BURST), 3)
    assert len(found) == len(plain) + 900
    both, old, new = np.intersect1d(plain.key, found.key, return_indices=True)
    assert len(both) == len(plain)
    assert (plain.at[old] == found.at[new]).all()


def test_a_burst_is_about_one_thing_in_one_place_and_rises_and_fades():
    found = [a for a in arrivals.draw(with_(BURST), 3) if a.key >= 1 << 40]
    own = [a for a in found if not a.repeats]
    assert {a.city for a in found} == {"440100"}
    assert {(a.unit, a.category) for a in own} == {("440106", "noise")}
    kinds = Counter(a.kind for a in own)
    assert 0.85 < kinds["complaint"] / len(own) < 0.95
    days = Counter(a.at // DAY - 31 for a in found)
    assert min(days) >= 0 and max(days) < 30
    early, full, late = (
        sum(days[d] for d in span) for span in (range(3), range(8, 15), range(25, 30))
    )
    assert early / 3 < full / 7 and late / 5 < full / 7


def test_a_smaller_year_has_a_smaller_burst():
    few = with_(BURST).scaled(1000)
    assert few.letters == 1000
    assert few.bursts[0].letters == int(900 * 1000 / (93300 + 900))
    assert len(arrivals.draw(few, 1)) == 1000


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [("from = 2021-06-01", "from = 2021-04-01", "must lie inside"),
     ("days = 30", "days = 400", "must lie inside"),
     ('category = "noise"', 'category = "smell"', "unknown category"),
     ('city = "440100"', 'city = "999900"', "is no city"),
     ('unit = "440106"', 'unit = "440305"', "is no unit of the burst's city"),
     ("complaint = 0.9", "complaint = 0.5", "must add up to 1"),
     ("letters = 900", "letters = 0", "at least 1"),
     ("letters = 900", "letters = 900\nnoise = 1", "not a key")],
)  # fmt: skip
def test_a_burst_that_does_not_fit_is_one_line(old, new, rule):
    with pytest.raises(ScenarioError, match=rule):
        with_(BURST.replace(old, new, 1))


@pytest.mark.parametrize(
    ("steps", "share", "there"),
    [([(0, 4)], 0.5, [(0, 4), (DAY, 2), (3 * DAY, 4)]),
     ([(0, 3)], 0.5, [(0, 3), (DAY, 2), (3 * DAY, 3)]),
     ([(0, 1)], 1.0, [(0, 1), (DAY, 0), (3 * DAY, 1)]),
     ([(0, 0), (DAY + 8, 6), (DAY + 20, 0)], 0.5,
      [(0, 0), (DAY, 0), (DAY + 8, 3), (DAY + 20, 0), (3 * DAY, 0)])],
)  # fmt: skip
def test_who_is_away_is_taken_off_the_roster_for_those_days(steps, share, there):
    away = absences.Absence("desk", "", 1, 2, share)
    assert absences.thinned(steps, [away]) == there


def test_an_absence_concerns_its_group_and_city_alone():
    office = Office(with_(ABSENCE.replace("share", 'city = "440100"\nshare')), 1)
    plain = {s.name: s.roster for s in Office(YEAR, 1).stations}
    changed = {s.name for s in office.stations if s.roster.staff != plain[s.name].staff}
    assert changed == {"desk 440100"}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [("desk", "kitchen", "must be one of"), ("2021-06-02", "2021-05-30", "until after from"),
     ("0.5", "1.5", "must lie between 0 and 1"), ("share", 'city = "1"\nshare', "is no city")],
)  # fmt: skip
def test_an_absence_that_does_not_fit_is_one_line(old, new, rule):
    with pytest.raises(ScenarioError, match=rule):
        with_(ABSENCE.replace(old, new, 1))


def test_letters_wait_longer_where_half_the_desk_is_away():
    few = {"volume": "0.1x", "desk.staff": "2", "desk.440300.staff": "2"}
    text = sources.source("guangdong-2021") + ABSENCE.replace("2021-06-02", "2021-07-30")
    ill = scenario.parse(text.replace("share = 0.5", "share = 1.0"), "ill", few)
    well = scenario.parse(sources.source("guangdong-2021"), "well", few)
    waits = []
    for chosen in (well, ill):
        run = engine.run(chosen, 1)
        assert len(list(run.letters())) == chosen.letters
        waits.append(run.stations["desk 440000"].mean_wait)
    assert waits[1] > 2 * waits[0]

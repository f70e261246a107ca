"""The smallest staffing: from queueing theory, by search with real plays; why a unit fell behind."""

from types import SimpleNamespace

import pytest

from simulation import behind, replication, scenario, searching, staffing, staffing_report, studies
from simulation import targets as aims
from simulation.searching import Search, Unreachable
from tests import two_cities

TEXT = two_cities.text(handlers=4)
CHOSEN = scenario.parse(TEXT, two_cities.NAME)
PLAYS = 3
CONFIDENCE = 0.9


class Here:
    """Plays arms in this process, each replication once."""

    def __init__(self, text=TEXT):
        self.text, self.done = text, {}

    def __call__(self, arms, count):
        return {arm: self._plays(arm, changes, count) for arm, changes in arms.items()}

    def _plays(self, arm, changes, count):
        chosen = scenario.parse(self.text, two_cities.NAME, changes)
        for seed in studies.seeds(1, count):
            if (arm, seed) not in self.done:
                self.done[arm, seed] = replication.values(replication.play(chosen, seed), chosen)
        return [self.done[arm, seed] for seed in studies.seeds(1, count)]


@pytest.fixture(scope="module")
def here():
    return Here()


@pytest.fixture(scope="module")
def posts():
    return staffing.posts(CHOSEN)


def search(here, posts, *texts):
    return Search(here, posts, aims.together(texts), CONFIDENCE, PLAYS)


@pytest.fixture(scope="module")
def found(here, posts):
    return search(here, posts, "on_time>=0.97", "reply_p90<=12d").smallest()


# -- from theory -------------------------------------------------------------------------------


def test_every_officer_of_the_scenario_stands_at_a_post(posts):
    totals = staffing.totals(posts, staffing.present(posts))
    cities = CHOSEN.cities
    assert totals == {
        "department": 9,
        "desks": sum(sum(city.desk) for city in cities),
        "duty": sum(sum(city.duty) * len(city.units) for city in cities),
        "handlers": sum(city.handlers * len(city.units) for city in cities),
        "review": sum(city.reviewers for city in cities),
    }


def test_a_post_as_a_change_is_the_number_that_stands_there(posts):
    again = scenario.parse(TEXT, two_cities.NAME, staffing.present(posts))
    assert (again.cities, again.department_desk) == (CHOSEN.cities, CHOSEN.department_desk)


def test_load_is_work_over_the_hours_in_which_a_station_is_open():
    outcome = replication.play(CHOSEN, 1)
    loads = staffing.loads_of(outcome, CHOSEN)
    for city in CHOSEN.cities:
        for unit in city.units:
            measure = outcome.stations[f"handlers {unit}"]
            assert loads[f"handlers {unit}"] == pytest.approx(measure.utilisation * city.handlers)
    desk = outcome.stations["desk 440000"]
    assert loads["desk 440000"] == pytest.approx(desk.utilisation * 4.5)


@pytest.mark.parametrize(
    ("group", "load", "level", "officers"),
    [("handlers", 9.0, 1.0, 12), ("handlers", 9.0, 0.0, 9), ("handlers", 9.0, -4.0, 1),
     ("handlers", 0.25, 1.0, 1), ("desks", 4.0, 0.5, 10), ("desks", 0.1, -1.0, 2)],
)  # fmt: skip
def test_officers_follow_the_square_root_rule(group, load, level, officers):
    shifts = 2 if group == "desks" else 1
    post = staffing.Post("a post", group, now=5, shifts=shifts, stations=1, load=load)
    assert post.officers(level) == officers


def test_the_surge_weighs_in_the_busiest_weeks():
    flat = scenario.parse(TEXT, two_cities.NAME, {"arrivals.surge_peak": 0})
    assert staffing.peak_factor(CHOSEN, 1) > staffing.peak_factor(flat, 1) >= 1


def test_a_desk_without_a_night_shift_may_be_one_officer():
    alone = scenario.parse(TEXT, two_cities.NAME, {"desk.441700.staff": 1})
    assert next(city for city in alone.cities if city.code == "441700").desk == (1, 0)
    found = {post.name: post for post in staffing.posts(alone)}
    assert (found["desk.441700.staff"].now, found["desk.441700.staff"].least) == (1, 1)
    assert (found["desk.445300.staff"].now, found["desk.445300.staff"].least) == (2, 2)
    assert found["desk.441700.staff"].load > found["desk.445300.staff"].load / 4


# -- the search --------------------------------------------------------------------------------


def test_found_staffing_meets_its_targets_with_fewer_officers(posts, found):
    now = sum(staffing.totals(posts, staffing.present(posts)).values())
    assert sum(staffing.totals(posts, found.changes).values()) < now
    assert aims.all_met(aims.together(["on_time>=0.97", "reply_p90<=12d"]), found.plays, CONFIDENCE)


def test_no_group_can_go_a_step_lower(here, posts, found):
    looking = search(here, posts, "on_time>=0.97", "reply_p90<=12d")
    lower = {
        group: looking._steps(group, found.levels)[-2]
        for group in found.levels
        if len(looking._steps(group, found.levels)) > 1
    }
    assert lower
    for group, level in lower.items():
        assert not looking.meets(staffing.changes(posts, {**found.levels, group: level}))


def test_stricter_targets_never_need_fewer_officers(here, posts, found):
    strict = search(here, posts, "on_time>=0.97", "reply_p90<=11d").smallest()
    officers = [sum(staffing.totals(posts, one.changes).values()) for one in (found, strict)]
    assert officers[0] <= officers[1]


def test_targets_out_of_reach_give_the_best_that_can_be_had(here, posts):
    with pytest.raises(Unreachable) as none:
        search(here, posts, "first_contact_p90<=5m").smallest()
    wanted = aims.together(["first_contact_p90<=5m", "on_time>=0.9"])
    told = staffing_report.unreachable(wanted, none.value.best, CONFIDENCE)
    assert "first_contact_p90 <= 5.0 min: can not be met, at best" in told
    assert "on_time >= 90.00%: can be met" in told


def test_queues_run_away_at_a_volume_above_what_they_can_work_off(here, posts):
    few = staffing.times(staffing.present(posts), 0.5, posts)
    looking = search(here, posts, "on_time>=0.9")
    breaks = looking.breaking_volume(few)
    assert 1 < breaks < searching.MOST_VOLUME
    at = [looking.plays({**few, "volume": f"{breaks * n:g}x"}, 1)[0] for n in (0.7, 1.4)]
    assert at[0]["queue_growth"] < searching.RUNS_AWAY and at[0]["queue_days"] < searching.LOST_DAYS
    assert at[1]["queue_growth"] > searching.RUNS_AWAY or at[1]["queue_days"] > searching.LOST_DAYS


def test_a_surge_that_is_never_worked_off_has_run_away_though_queues_no_longer_grow(here, posts):
    staff = staffing.times(staffing.present(posts), 0.01, posts)
    surge = {**staff, "arrivals.surge_peak": 300, "arrivals.surge_days": 5}
    play = search(here, posts, "on_time>=0.9").plays(surge, 1)[0]
    assert play["queue_growth"] < searching.RUNS_AWAY
    assert search(here, posts, "on_time>=0.9").breaking_volume(surge) == 0.0


# -- what is told ------------------------------------------------------------------------------


def test_a_queue_without_hands_is_told_to_have_fallen_behind():
    swamped = scenario.parse(
        TEXT, two_cities.NAME, {"handlers.441700.staff": 1, "work.action.record_result": "3x"}
    )
    spells = behind.spells(replication.play(swamped, 1), swamped)
    worst = spells[0]
    assert worst.station.startswith("handlers 4417")
    assert worst.days > behind.DAYS_BEHIND and worst.letters >= behind.FEWEST
    assert swamped.start <= worst.first <= worst.last
    assert f"from {worst.first} to {worst.last}" in str(worst)


def test_nothing_is_behind_where_nobody_waits():
    ample = CHOSEN.with_staff(staffing.AMPLE)
    assert behind.spells(replication.play(ample, 1), ample) == []


def test_answer_tells_staffing_curve_gain_and_where_it_breaks(here):
    spec = {"seed": 1, "confidence": CONFIDENCE, "replications": PLAYS}
    study = SimpleNamespace(text=TEXT, scenario=two_cities.NAME, spec=spec)
    wanted = aims.together(["on_time>=0.97", "reply_p90<=12d"])
    said = []
    answer = staffing_report.answer(study, here, wanted, said.append)
    text, result = answer.as_text(), answer.result()
    assert "on_time >= 97.00%" in text and "handlers at units" in text
    assert "One more officer at the department's desk" in text
    assert text.count("queues run away") + text.count("do not run away") == 2
    assert result["officers"]["found"]["handlers"] < result["officers"]["now"]["handlers"]
    assert result["curve"]["1.0"] == pytest.approx([row["found"] for row in result["targets"]])
    assert said

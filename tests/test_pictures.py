"""What the pictures of a run show is what its lists hold and its letters did."""

import numpy as np
import pytest

from cases import worlds
from cases.desk import measures
from cases.models import Case, Event
from simulation import pictures, weekly
from tests.reports import no_tasks_left, small_run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]


@pytest.fixture
def run(db):
    return small_run(letters=1000)


def test_every_step_of_the_funnel_is_a_list_of_as_many(run):
    funnel = run.report["pictures"]["funnel"]
    assert set(funnel) == set(pictures.STEPS)
    with worlds.enter(run.world):
        for step, letters in funnel.items():
            assert measures.narrowed(Case.objects.all(), step).count() == letters > 0, step


def test_every_letter_is_in_one_week_and_one_span_of_its_kind(run):
    found = run.report["pictures"]
    assert sum(week[1] for week in found["weeks"]) == 1000
    assert sum(sum(counts) for counts in found["replies"].values()) == 1000
    unanswered = sum(counts[-1] for counts in found["replies"].values())
    assert unanswered == 1000 - found["funnel"]["replied"]
    for _monday, _letters, _contacted, _replied, half, most, *reply in found["weeks"]:
        assert half is None or 0 < half <= most
        assert reply[0] is None or 0 < reply[0] <= reply[1]


def test_ways_count_the_steps_of_the_log(run):
    moves = run.report["pictures"]["moves"]
    assert sum(times for way_from, _to, _action, times in moves if way_from == "letters") == 1000
    with worlds.enter(run.world):
        for action in ("return_to_desk", "reopen", "ask_citizen", "send_back_reply"):
            times = sum(move[3] for move in moves if move[2] == action)
            assert times == Event.objects.filter(action=action).count() > 0


def test_pictures_that_were_not_kept_are_counted_when_asked_for(run):
    kept = run.report.pop("pictures")
    assert pictures.of(run) == kept


def test_use_is_work_over_duty_of_a_city_and_none_where_nobody_is(run):
    hours = run.report["pictures"]["hours"]
    assert {name.split()[0] for name in hours} == {"desk", "duty", "handlers", "review"}
    assert len([name for name in hours if name.startswith("desk")]) == 22
    assert all(len(shares) == weekly.HOURS for shares in hours.values())
    handlers = hours["handlers 440300"]
    assert handlers[3] == weekly.NOBODY and handlers[10] > 0  # 3 h and 10 h of Mondays


def test_units_of_a_city_are_taken_together():
    class City:
        code, units = "440300", ("440303", "440304")

    class Scenario:
        cities = (City,)

    idle, busy = np.zeros(weekly.HOURS), np.full(weekly.HOURS, 900.0)
    duty = np.full(weekly.HOURS, 1800.0)
    found = weekly.of({"duty 440303": (busy, duty), "duty 440304": (idle, duty)}, Scenario)
    assert found == {"duty 440300": [250] * weekly.HOURS}

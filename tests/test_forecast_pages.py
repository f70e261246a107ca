"""The forecast in the terminal and on its page: who sees it, what it says, what it refuses."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from cases import worlds
from simulation import claims, forecasts, sources, studies
from simulation.management.commands.forecast import as_text
from simulation.models import Replication, Study
from simulation.reader import ScenarioError
from tests.people import MORNING
from tests.reports import no_tasks_left, tasks_waiting  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left", "in_march")]
ADDRESS = "/simulation/forecast/"
MARCH = datetime(2026, 3, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def in_march(monkeypatch):
    """The clock stands eighteen days after the letters of the tests came."""
    monkeypatch.setattr(worlds, "now", lambda: MARCH)


@pytest.fixture
def leader(client, make_officer):
    officer = make_officer("lead_case", "handle_case", unit="440300")
    client.force_login(officer)
    return client


# Nothing is done in time, whatever a letter draws: nobody is asked (the clock would stand still).
SLOW = {"work.matter.help": 6000, "chances.ask_citizen": 0, "chances.extend": 0}


def played(**asked):
    """Return a finished forecast, each replication played here."""
    study = forecasts.create(**{"weeks": 2, "replications": 4, **asked})
    Study.objects.filter(pk=study.pk).update(status=Study.RUNNING)
    for row in study.replications.all():
        studies.replicate(row.pk)
    return Study.objects.get(pk=study.pk)


def test_it_says_which_of_todays_letters_will_be_late(make_case):
    late = make_case("in_hand", at=MORNING)  # due on 22 March
    make_case("received", at=MARCH.replace(day=19))
    told = forecasts.told(played(changes=SLOW))
    assert told["backlog"] == 2 and told["late_now"] == 0
    assert told["cases"][0] == {"case": late.pk, "late": 1.0}
    assert len(told["days"]) == 14 == len(told["open"]["middle"])
    assert told["days"][0] == "2026-03-20"
    text = as_text(told)
    assert "2 letters are open, 0 of them late already" in text
    assert f"case {late.pk}: late in 100% of the replications" in text
    assert "of the scenario" in text  # too few letters to measure a level


def test_a_study_holds_numbers_alone(make_case):
    make_case("in_hand")
    study = forecasts.create(weeks=1, replications=2)
    assert "小区门口" not in json.dumps(study.spec, ensure_ascii=False)
    studies.start(study)
    assert tasks_waiting() == 2


def test_without_open_letters_it_is_about_those_to_come():
    told = forecasts.told(played())
    assert told["backlog"] == 0 and told["cases"] == []
    assert told["open"]["middle"][-1] > 100


@pytest.mark.parametrize("name", sources.published_names())
def test_every_scenario_of_the_library_can_be_gone_on_with(name):
    assert forecasts.create(name, weeks=2, replications=2).replications.count() == 2


def test_it_goes_no_further_than_the_calendar(monkeypatch):
    monkeypatch.setattr(worlds, "now", lambda: datetime(2026, 12, 15, tzinfo=UTC))
    assert forecasts.create(replications=2).spec["weeks"] == 2
    with pytest.raises(ScenarioError, match="must be from 1 to 2"):
        forecasts.create(weeks=3)


@pytest.mark.parametrize(
    "options, says",
    [
        ({"weeks": 0}, "must be from 1 to"),
        ({"weeks": 500}, "must be from 1 to"),
        ({"scenario": "nowhere"}, "is no scenario"),
        ({"set": ["nothing=1"]}, "nothing that can be changed"),
        ({"replications": 1}, "--replications must be from 2"),
        ({"seed": -1}, "--seed"),
        ({"workers": 0}, "--workers"),
        ({"json": "/nowhere/x.json"}, "--json"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(options, says):
    with pytest.raises(CommandError) as refusal:
        call_command("forecast", **options)
    assert refusal.value.returncode == 2
    assert says in str(refusal.value) and "\n" not in str(refusal.value)
    assert not Study.objects.exists()


# -- the page -----------------------------------------------------------------------------------


def test_leaders_and_planners_see_it_and_nobody_else(client, make_officer):
    assert reverse("simulation:forecast") == ADDRESS
    for permission, status in (("lead_case", 200), ("run_simulation", 200), ("handle_case", 404)):
        client.force_login(make_officer(permission))
        assert client.get(ADDRESS).status_code == status
        assert (ADDRESS in client.get("/desk/").content.decode()) == (status == 200)


def test_its_empty_page_says_what_to_do(leader):
    text = leader.get(ADDRESS).content.decode()
    assert "还没有预测" in text and "重新预测" in text
    assert not Study.objects.exists()


def test_a_click_starts_one_and_a_second_none(leader):
    for _time in range(2):
        answer = leader.post(ADDRESS, {"weeks": 2, "scenario": "guangdong-2021"})
        assert answer.status_code == 302
    study = Study.objects.get()
    assert (study.kind, study.status) == ("forecast", Study.RUNNING)
    assert study.replications.count() == forecasts.REPLICATIONS
    assert "data-poll" in leader.get(ADDRESS).content.decode()
    assert "0" in leader.get(f"{ADDRESS}progress/").content.decode()


def test_one_that_no_worker_takes_can_be_stopped(leader):
    leader.post(ADDRESS, {"weeks": 2, "scenario": "guangdong-2021"})
    for word in ("已取消", "没有正在计算的预测"):
        answer = leader.post(ADDRESS, {"cancel": "1"}, follow=True)
        assert word in answer.content.decode()
    assert Study.objects.get().status == Study.CANCELLED


def test_it_keeps_what_was_typed_when_it_refuses(leader):
    answer = leader.post(ADDRESS, {"weeks": 500, "scenario": "guangdong-2021"})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "法定工作日历不够这么长" in text and 'value="500"' in text
    assert not Study.objects.exists()


def test_it_lists_the_letters_that_this_officer_sees(client, make_officer, make_case):
    case = make_case("in_hand", at=MORNING)
    played(changes=SLOW)
    receipt = case.letter.receipt
    client.force_login(make_officer("lead_case", unit="440300"))
    text = client.get(ADDRESS).content.decode()
    assert f"/desk/{receipt}/" in text and "100%" in text
    for officer in (make_officer("lead_case", unit="440100"), make_officer("run_simulation")):
        client.force_login(officer)
        text = client.get(ADDRESS).content.decode()
        assert receipt not in text
        assert "另有 1 件不在您可看的范围内" in text


def test_it_says_that_answered_letters_are_left_out_and_how_many_come_back(leader, make_case):
    make_case("replied", at=MORNING)
    told = forecasts.told(played())
    assert told["backlog"] == 0
    assert told["answered"] == {"waiting": 1, "replied": 1, "reopened": 0}
    assert "1 letters that are answered and not closed" in as_text(told)
    text = leader.get(ADDRESS).text
    assert "已答复、还没有办结的 1 件不在预测里" in text and "重办的占 0.0%" in text
    Study.objects.update(spec={**Study.objects.get().spec, "answered": None})  # of before
    assert "不在预测里" not in leader.get(ADDRESS).text


def test_its_days_can_be_taken_along(leader, make_case):
    assert leader.get(f"{ADDRESS}days.csv").status_code == 404
    make_case("in_hand", at=MORNING)
    study = played()
    answer = leader.get(f"{ADDRESS}days.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "日期,未了结,低,高,其中今天已在的"
    assert len(lines) == 1 + 14 and lines[1].startswith(f"{study.spec['start']},")
    assert f"{ADDRESS}days.csv" in leader.get(ADDRESS).content.decode()


def test_a_failed_forecast_is_told(leader):
    study = forecasts.create(weeks=1, replications=2)
    Study.objects.filter(pk=study.pk).update(status=Study.RUNNING)
    row = Replication.objects.filter(study=study)
    row.update(attempts=claims.MAX_ATTEMPTS, error="broken")
    studies.fail_exhausted(row.values("pk"))
    assert "broken" in leader.get(ADDRESS).content.decode()

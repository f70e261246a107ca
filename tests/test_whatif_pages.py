"""The planner's what-if pages: a form of changes, a comparison, a saved scenario."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cases import worlds
from simulation import claims, scenario, sources, studies
from simulation.models import Replication, SavedScenario, Study
from tests.reports import no_tasks_left  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]


def address(name, *args):
    return reverse(f"simulation:{name}", args=args)


def asked(**changes):
    return {"replications": "2", "token": str(uuid4()), **changes}


@pytest.fixture
def small(db):
    """The name of a saved scenario of some hundred letters."""
    text = sources.changed(sources.source("guangdong-2021"), "x", {"volume": "400"}, "small")
    SavedScenario.objects.create(name="small", text=text, created_at="2026-03-02T08:00:00Z")
    return "small"


def post(client, small, **changes):
    return client.post(f"{address('new-study')}?scenario={small}", asked(**changes))


def test_values_stand_in_the_form_as_they_are_now(planner):
    text = planner.get(address("new-study")).content.decode()
    assert 'placeholder="93,300"' in text
    assert 'placeholder="9"' in text  # the department's desk: 6 by day, 3 by night
    assert "厅专班" in text and "广州市公安局" in text


def test_a_comparison_is_made_and_shows_what_differs(planner, small):
    answer = post(planner, small, handlers_staff="-50%", others="outcomes.thanks_per_solved=3x")
    study = Study.objects.get()
    assert answer.url == address("study", study.pk)
    assert study.spec["changes"] == {
        "handlers.staff": "-50%",
        "outcomes.thanks_per_solved": "3x",
    }
    going = planner.get(answer.url).content.decode()
    assert "共 4 次" in going and "取消这次比较" in going
    for row in study.replications.all():
        studies.replicate(row.pk)
    page = planner.get(answer.url).content.decode()
    assert "收到的感谢信" in page and "差别的 95% 区间" in page
    assert "handlers.staff = -50%" in page
    assert "handlers.staff = -50%" in planner.get(address("studies")).content.decode()


@pytest.mark.parametrize(
    ("changes", "says"),
    [({}, "还没有改动"),
     ({"desk_staff": "many"}, "“many”不能用在这里"),
     ({"desk_staff": "0"}, "“0”不能用在这里"),
     ({"desk_staff": "99999999999999999999"}, "最多 100,000 人"),
     ({"deadline_reply_help": "99999999999999999999"}, "不能用在这里"),
     ({"volume": "1000000x"}, "最多 5,000,000 封"),
     ({"wrong_dispatch": "2"}, "比例在 0 至 1 之间"),
     ({"handlers_staff": "12"}, "请填倍数"),
     ({"city_desk": "3"}, "请选一个市"),
     ({"city": "440100", "city_handlers": "0"}, "“0”不能用在这里"),
     ({"others": "outcome.done=0.5"}, "第 1 行：没有“outcome.done”这个名称。相近的有：outcomes.done"),
     ({"others": "chances.rate=0.2\nchances.decline=7"}, "第 2 行：“7”不能用在这里"),
     ({"volume": "2x", "others": "chances.rate=0.2\nvolume=3x"}, "第 2 行：“volume”已经填过"),
     ({"volume": "2x", "replications": "1"}, "2"),
     ({"volume": "2x", "token": "no"}, "页面不完整"),
     ({"volume": "2x", "name": "Größe"}, "field wrong")],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_kept(planner, small, changes, says):
    answer = post(planner, small, **{"others": "", **changes})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert says in text
    for name, value in changes.items():
        assert name == "token" or value in text
    assert not Study.objects.exists()


def test_the_same_page_sent_twice_starts_one_comparison(planner, small):
    sent = asked(volume="2x")
    for _time in range(2):
        planner.post(f"{address('new-study')}?scenario={small}", sent)
    assert Study.objects.count() == 1


def test_a_comparison_that_nobody_works_at_says_so(planner, small):
    there = post(planner, small, volume="2x").url
    Study.objects.update(started_at=worlds.now() - timedelta(minutes=5))
    assert "没有空闲的工作进程" in planner.get(f"{there}?part=progress").text
    with claims.claim(Replication, Replication.objects.first().pk):
        assert "没有空闲的工作进程" not in planner.get(there).text


def test_changes_are_saved_as_a_scenario_that_can_be_played(planner, small):
    answer = post(planner, small, volume="2x", name="more-letters", save="")
    assert answer.url == address("new") + "?scenario=more-letters"
    found = scenario.load("more-letters")
    assert (found.name, found.letters, found.compared) == ("more-letters", 800, False)
    page = planner.get(answer.url).content.decode()
    assert '<option value="more-letters" selected>' in page
    assert not Study.objects.exists()


@pytest.mark.parametrize("name", ["", "small", "guangdong-2021"])
def test_a_name_that_is_missing_or_taken_saves_nothing(planner, small, name):
    answer = post(planner, small, volume="2x", name=name, save="")
    assert answer.status_code == 400
    assert ("请先起个名字" if not name else "已经有叫") in answer.content.decode()
    assert SavedScenario.objects.count() == 1


def test_a_comparison_is_cancelled_gone_on_with_and_deleted(planner, small):
    study = Study.objects.get(pk=int(post(planner, small, volume="2x").url.split("/")[-2]))
    planner.post(address("delete-study", study.pk))
    assert Study.objects.exists()
    planner.post(address("cancel-study", study.pk))
    assert "中途取消" in planner.get(address("study", study.pk)).content.decode()
    assert "接着做" in planner.get(address("study", study.pk)).content.decode()
    for status in (Study.RUNNING, Study.RUNNING):  # the second finds nothing to go on with
        planner.post(address("resume-study", study.pk))
        study.refresh_from_db()
        assert study.status == status
    planner.post(address("cancel-study", study.pk))
    planner.post(address("delete-study", study.pk))
    assert not Study.objects.exists() and not Replication.objects.exists()


def test_broker_away_leaves_no_comparison(planner, small, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    answer = post(planner, small, volume="2x")
    assert answer.status_code == 400
    assert "连不上" in answer.content.decode()
    assert not Study.objects.exists()


def test_others_see_nothing_and_get_changes_nothing(planner, small):
    post(planner, small, volume="2x")
    study = Study.objects.get()
    for name in ("cancel-study", "resume-study", "delete-study"):
        assert planner.get(address(name, study.pk)).status_code == 405
    for there in (address("studies"), address("new-study"), address("study", study.pk)):
        assert Client().get(there).status_code == 302
    assert planner.get(address("study", study.pk + 1)).status_code == 404
    for name in ("none", "%00", "../../etc/passwd", str(sources.DATA / "guangdong-2021.toml")):
        assert planner.get(f"{address('new-study')}?scenario={name}").status_code == 404, name

"""The planner's pages by HTTP: who sees them, what they start, stop, show and delete."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse

from cases import worlds
from simulation import claims, runs, showing, sources
from simulation import scenario as scenarios
from simulation.models import Run
from tests.reports import (  # noqa: F401
    address,
    full_run,
    no_tasks_left,
    page,
    row_of,
    small_run,
    tasks_waiting,
)
from tests.run_worlds import schemas

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
ECHARTS = Path(showing.__file__).parent / "static" / "simulation" / "echarts"
PAGES = ("run", "progress", "json", "cancel", "delete")


def asked(**changes):
    """Return the form as a planner sends it."""
    values = {"scenario": "guangdong-2021", "letters": 300, "seed": 7, "name": "甲", "note": ""}
    return {**values, "token": uuid4(), **changes}


def test_strangers_are_asked_to_sign_in(client):
    answer = client.get(address("list"))
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")


@pytest.mark.parametrize("name", PAGES)
def test_absent_and_forbidden_look_the_same(client, make_officer, name):
    run = runs.create("guangdong-2021", letters=300)
    client.force_login(make_officer("view_statistics"))
    method = client.post if name in ("cancel", "delete") else client.get
    forbidden = method(address(name, run))
    client.force_login(make_officer("run_simulation", "view_statistics"))
    run.pk += 1
    absent = method(address(name, run))
    assert forbidden.status_code == absent.status_code == 404
    words = [
        re.sub(r"\s+|民警\d+", " ", re.sub(r"<[^>]+>", "", a.content.decode()))
        for a in (forbidden, absent)
    ]
    assert words[0] == words[1]


def test_number_beyond_the_database_is_absent_too(planner):
    assert planner.get(f"/simulation/{10**30}/").status_code == 404


def test_admin_index_leads_to_the_runs(client, make_officer):
    index = reverse("admin:simulation_run_changelist")
    client.force_login(make_officer("view_statistics"))
    assert index not in client.get("/admin/").content.decode()
    client.force_login(make_officer("run_simulation"))
    assert index in client.get("/admin/").content.decode()
    assert client.get(index).url == address("list")


def test_empty_list_says_what_to_do(planner):
    text = page(planner, "list")
    assert "还没有模拟" in text
    assert address("new") in text


def test_list_names_each_run_with_its_state(planner):
    run = runs.create("guangdong-2021", letters=1234, seed=42, name="夏天的<试>验", note="警力减半")
    row = row_of(page(planner, "list"), "夏天的")
    for word in ("&lt;试&gt;", "警力减半", "guangdong-2021", "1,234", "42", "等待中", "0%"):
        assert word in row
    runs.cancel(run)
    assert "已取消" in row_of(page(planner, "list"), "夏天的")


def test_list_asks_again_only_while_a_run_goes_on(planner):
    run = runs.create("guangdong-2021", letters=300)
    assert "data-poll" in page(planner, "list")
    runs.cancel(run)
    assert "data-poll" not in page(planner, "list")
    rows = planner.get(address("list"), {"part": "rows"}).content.decode()
    assert run.name in rows
    assert "<html" not in rows


def test_form_starts_a_run(planner):
    answer = planner.post(address("new"), asked(name="甲", note="乙"))
    run = Run.objects.get()
    assert answer.url == address("run", run)
    assert (run.name, run.note, run.letters, run.seed, run.status) == (
        "甲",
        "乙",
        300,
        7,
        "waiting",
    )
    assert run.created_by == answer.wsgi_request.user
    assert schemas() == {run.world.schema}
    assert tasks_waiting() == 1


def test_no_number_of_letters_is_the_whole_year(planner):
    planner.post(address("new"), asked(letters="", name=""))
    run = Run.objects.get()
    assert run.letters == scenarios.load("guangdong-2021").letters
    assert run.name


def test_form_sent_twice_starts_one_run(planner):
    form = asked()
    planner.post(address("new"), form)
    answer = planner.post(address("new"), form, follow=True)
    assert "已经提交过" in answer.content.decode()
    assert Run.objects.count() == tasks_waiting() == 1
    planner.post(address("new"), asked())
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"letters": 0}, "1"),
        ({"letters": -5}, "1"),
        ({"letters": 93_301}, "93,300"),
        ({"letters": "many"}, "整数"),
        ({"seed": -1}, "0"),
        ({"seed": 2**63}, str(2**63 - 1)),
        ({"seed": ""}, "必填"),
        ({"scenario": "atlantis"}, "atlantis"),
        ({"scenario": "../guangdong-2021"}, "guangdong-2021"),
        ({"name": "长" * 61}, "60"),
        ({"name": "a\0b"}, "空"),
        ({"token": "x"}, "再提交一次"),
    ],
)
def test_bad_input_is_told_and_kept_and_changes_nothing(planner, wrong, says):
    answer = planner.post(address("new"), asked(note="我写的备注", **wrong))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "errornote" in text
    errors = " ".join(re.findall(r'class="error(?:note)?"[^>]*>(.*?)</p>', text))
    assert says in errors
    assert "我写的备注" in text
    assert Run.objects.count() == tasks_waiting() == 0
    assert schemas() == set()


def test_broken_scenario_is_named_with_file_key_and_rule(planner, monkeypatch, tmp_path):
    source = (sources.DATA / "guangdong-2021.toml").read_text()
    (tmp_path / "broken.toml").write_text(source.replace("days = 365", "days = 0", 1))
    monkeypatch.setattr(sources, "DATA", tmp_path)
    answer = planner.post(address("new"), asked(scenario="broken"))
    assert answer.status_code == 400
    assert re.search(r"broken\.toml.*scenario\.days", answer.content.decode())
    assert Run.objects.count() == 0


def test_broker_away_leaves_no_run(planner, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    answer = planner.post(address("new"), asked(note="我写的备注"))
    assert answer.status_code == 400
    assert "连不上" in answer.content.decode()
    assert "我写的备注" in answer.content.decode()
    assert Run.objects.count() == 0


def test_broker_lost_on_sending_takes_the_run_back(planner, monkeypatch):
    def lost(run):
        from kombu.exceptions import OperationalError

        raise OperationalError("away")

    form = asked()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "start", lost)
        text = planner.post(address("new"), form).content.decode()
    assert "连不上" in text
    assert Run.objects.count() == 0
    assert schemas() == set()
    token = re.search(r'name="token" value="([^"]+)"', text)[1]
    planner.post(address("new"), {**form, "token": token})
    assert Run.objects.count() == 1


def test_run_that_nobody_takes_says_how_to_start_a_worker(planner):
    run = runs.create("guangdong-2021", letters=300)
    assert "celery" not in page(planner, "progress", run)
    Run.objects.update(created_at=worlds.now() - timedelta(minutes=1))
    text = page(planner, "run", run)
    assert "没有空闲的工作进程" in text
    assert "celery -A config worker -Q simulation" in text


def test_progress_tells_how_far_and_how_fast(planner):
    run = runs.create("guangdong-2021", letters=2000)
    ago = worlds.now() - timedelta(seconds=10)
    Run.objects.update(status=Run.RUNNING, simulated=2000, started_at=ago)
    run.pieces.create(number=0, letters=1000, status="loaded", payload=b"")
    text = page(planner, "progress", run)
    assert 'value="75"' in text  # all simulated, half of them loaded
    assert "大约还要 1" in text
    assert "data-poll" in text
    Run.objects.update(status=Run.FAILED)
    assert "data-poll" not in page(planner, "progress", run)


def test_cancelling_stops_a_run_once(planner):
    run = runs.create("guangdong-2021", letters=300)
    assert planner.get(address("cancel", run)).status_code == 405
    assert Run.objects.get().status == Run.WAITING
    for said in ("已取消。", "没有可取消的"):
        answer = planner.post(address("cancel", run), follow=True)
        assert said in answer.content.decode()
        assert Run.objects.get().status == Run.CANCELLED


@pytest.mark.parametrize("status", [Run.RUNNING, Run.SEALING])
def test_run_whose_workers_are_gone_on_its_way_says_so(planner, status):
    run = runs.create("guangdong-2021", letters=300)
    long_ago = worlds.now() - timedelta(minutes=5)
    Run.objects.update(status=status, started_at=long_ago)
    assert "没有空闲的工作进程" in page(planner, "progress", run)
    with claims.claim(Run, run.pk):  # somebody is at it
        assert "没有空闲的工作进程" not in page(planner, "progress", run)


def test_failed_run_shows_its_error_and_can_be_run_again(planner, tmp_path):
    path = tmp_path / "mine.toml"  # a scenario that is not there any more when it is run again
    path.write_text(sources.source("guangdong-2021"), encoding="utf-8")
    run = runs.create(
        str(path), letters=300, seed=9, name="乙", changes={"desk.staff": "12", "volume": "0.5x"}
    )
    path.unlink()
    runs.fail(run.pk, "shard 3 failed 5 times: <no> such unit")
    text = page(planner, "run", run)
    assert "shard 3 failed 5 times: &lt;no&gt; such unit" in text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    for _time in range(2):  # the second is the same page, sent twice
        planner.post(address("again", run), form)
    again = Run.objects.exclude(pk=run.pk).get()
    for name in ("scenario", "text", "changes", "letters", "seed", "name", "note"):
        assert getattr(again, name) == getattr(run, name), name
    assert again.status == Run.WAITING and planner.get(address("again", run)).status_code == 405


def test_what_another_version_played_and_this_one_refuses_is_said(planner):
    run = runs.create("guangdong-2021", letters=300)
    Run.objects.update(status=Run.FAILED, changes={"moon.phase": "1"})
    answer = planner.post(address("again", run), {"token": "x"}, follow=True)
    assert "moon.phase" in answer.text and Run.objects.count() == 1


def test_deleting_asks_first_and_takes_the_world_along(planner):
    run = small_run()
    assert run.name in page(planner, "delete", run)
    assert Run.objects.count() == 1
    planner.post(address("delete", run))
    assert Run.objects.count() == 0
    assert schemas() == set()


def test_run_that_goes_on_is_not_deleted(planner):
    run = runs.create("guangdong-2021", letters=300)
    answer = planner.post(address("delete", run), follow=True)
    assert "请先取消" in answer.content.decode()
    assert Run.objects.count() == 1
    assert schemas() == {run.world.schema}

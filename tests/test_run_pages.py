"""The planner's pages by HTTP: who sees them, what they start, stop, show and delete."""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from cases import worlds
from simulation import runs, showing
from simulation import scenario as scenarios
from simulation.models import Run
from tests.reports import CHECKS, full_run, no_tasks_left, small_run, tasks_waiting  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
ECHARTS = Path(showing.__file__).parent / "static" / "simulation" / "echarts"
PAGES = ("run", "progress", "json", "cancel", "delete")


@pytest.fixture
def planner(client, make_officer):
    """A browser in which a planner has signed in."""
    client.force_login(make_officer("run_simulation"))
    return client


def asked(**changes):
    """Return the form as a planner sends it."""
    values = {"scenario": "guangdong-2021", "letters": 300, "seed": 7, "name": "甲", "note": ""}
    return {**values, "token": uuid4(), **changes}


def page(client, name, run=None):
    """Return the text of a page that is there."""
    answer = client.get(address(name, run))
    assert answer.status_code == 200
    return answer.content.decode()


def address(name, run=None):
    return reverse(f"simulation:{name}", args=[run.pk] if run else [])


def row_of(text, label):
    """Return the words of the first table row that holds a label."""
    rows = [re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr.*?</tr>", text, re.DOTALL)]
    return " ".join(next(row for row in rows if label in row).split())


def schemas():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%'")
        return [name for (name,) in cursor.fetchall()]


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
    assert schemas() == [run.world.schema]
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
    assert schemas() == []


def test_broken_scenario_is_named_with_file_key_and_rule(planner, monkeypatch, tmp_path):
    source = (scenarios.DATA / "guangdong-2021.toml").read_text()
    (tmp_path / "broken.toml").write_text(source.replace("days = 365", "days = 0", 1))
    monkeypatch.setattr(scenarios, "DATA", tmp_path)
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
    assert schemas() == []
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


def test_failed_run_shows_its_error_and_can_be_run_again(planner):
    run = runs.create("guangdong-2021", letters=300, seed=9, name="乙")
    runs.fail(run.pk, "shard 3 failed 5 times: <no> such unit")
    text = page(planner, "run", run)
    assert "shard 3 failed 5 times: &lt;no&gt; such unit" in text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    planner.post(address("new"), form)
    again = Run.objects.exclude(pk=run.pk).get()
    assert (again.scenario, again.letters, again.seed, again.name) == (
        "guangdong-2021",
        300,
        9,
        "乙",
    )


def test_deleting_asks_first_and_takes_the_world_along(planner):
    run = small_run()
    assert run.name in page(planner, "delete", run)
    assert Run.objects.count() == 1
    planner.post(address("delete", run))
    assert Run.objects.count() == 0
    assert schemas() == []


def test_run_that_goes_on_is_not_deleted(planner):
    run = runs.create("guangdong-2021", letters=300)
    answer = planner.post(address("delete", run), follow=True)
    assert "请先取消" in answer.content.decode()
    assert Run.objects.count() == 1
    assert schemas() == [run.world.schema]


def test_report_sets_published_figures_beside_the_runs(planner):
    text = page(planner, "run", full_run())
    expected = {
        "58,884": "收到 全省 2021-09-30 58,884 58,884 +0 (+0.0%) 58,628 – 59,140 输入 – 不判断",
        "25,500": "解决 全省 2022-04-30 25,500 25,610 +110 (+0.4%) 25,340 – 25,880 已调 ✓ 在区间内",
        "13,000": "13,000 14,210 +1,210 (+9.3%) 13,990 – 14,430 预测 ✗ 在区间外",
        "98.6%": "答复率 广州市公安局 2022-04-30 98.6% 97.9% -0.7 个百分点 97.6% – 98.1% 预测 ✗",
        "4,403": "查破案件 全省 2022-03-01 909 3,950",
    }
    for key, row in expected.items():
        assert row in row_of(text, key)


def test_second_published_value_stands_under_the_first(planner):
    text = page(planner, "run", full_run())
    assert text.index("3,135") < text.index("2,750")
    assert "另一个公布值 感谢信" in row_of(text, "2,750")
    assert "同一篇文章里的另一个数" in row_of(text, "2,750")
    assert {row["key"] for row in showing.in_order(CHECKS_WHOLE)} == {row["key"] for row in CHECKS}


CHECKS_WHOLE = [{"variant_of": "", **row} for row in CHECKS]


def test_variant_of_an_absent_figure_is_still_shown():
    rows = [{"key": "b", "variant_of": "a"}, {"key": "c", "variant_of": ""}]
    assert [row["key"] for row in showing.in_order(rows)] == ["c", "b"]


def test_report_shows_throughput_books_and_law(planner):
    run = small_run()
    text = re.sub(r"<[^>]+>|\s+", " ", page(planner, "run", run))
    text = re.sub(r"\s+", " ", text)
    books = run.report["books"]
    assert "✓ 平衡" in text
    assert (
        f"收到 300 = 未了结 {books['open']} + 已答复 {books['replied']} + 已办结 {books['closed']}"
        in text
    )
    assert f"{run.report['little']['seen']:,.1f}" in text
    assert run.digest in text
    assert "深圳市公安局" in text


def test_scaled_run_is_set_against_nothing(planner):
    text = page(planner, "run", small_run())
    assert "结果不与公布数字对照" in text
    assert "在区间" not in text


def test_curves_carry_days_and_published_points_only_once():
    report = full_run().report
    report["checks"][0]["since"] = "2021-06-01"  # of a span: no point of a curve from the start
    found = showing.curves(report)
    assert len(found["days"]) == len(found["received"]) == len(found["open"]) == 365
    points = [(point["measure"], point["day"], point["value"]) for point in found["points"]]
    assert ("solved", "2021-09-30", 13_000) in points
    assert ("received", "2022-04-30", 93_300) not in points
    assert {measure for measure, _day, _value in points} == {"received", "responded", "solved"}


def test_months_add_up_to_the_year():
    daily = small_run().report["daily"]
    table = showing.months(daily)
    assert [month for month, _ in table["rows"]][::11] == ["2021-05", "2022-04"]
    assert sum(int(values[0]) for _month, values in table["rows"]) == 300
    assert table["rows"][-1][1][-1] == str(daily["open"][-1])


def test_mailboxes_stand_by_pinyin_after_the_department():
    names = [name for name, _values in showing.cities(small_run().report["cities"])["rows"]]
    assert len(names) == 22
    assert names[0] == "广东省公安厅"
    assert names[1].startswith("潮州")
    assert names[-1].startswith("珠海")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 秒"), (59, "59 秒"), (60, "1 分 0 秒"), (3725, "1 小时 2 分")]
)
def test_duration_is_told_by_its_largest_units(seconds, words):
    assert showing.duration(seconds) == words


def test_report_is_there_as_json(planner):
    run = small_run()
    answer = planner.get(address("json", run))
    assert answer["Content-Type"] == "application/json"
    assert json.loads(answer.content) == run.report
    Run.objects.update(status=Run.FAILED)
    assert planner.get(address("json", run)).status_code == 404


def test_planner_enters_the_world_from_its_page(planner):
    run = small_run()
    text = page(planner, "run", run)
    action, schema = re.search(
        r'action="(/desk/[^"]+)".*?name="schema" value="([^"]+)"', text, re.DOTALL
    ).groups()
    planner.post(action, {"schema": schema})
    assert run.world.schema in planner.get(reverse("desk:list")).content.decode()


def test_vendored_charts_are_what_their_note_says():
    digest = hashlib.sha256((ECHARTS / "echarts.min.js").read_bytes()).hexdigest()
    assert digest in (ECHARTS / "VENDORED.md").read_text()
    assert (ECHARTS / "LICENSE").exists()

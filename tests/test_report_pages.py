"""A finished run's page: published figures beside the run's, curves, months, mailboxes, JSON."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from simulation import gallery, showing
from simulation.models import Run
from tests.reports import (  # noqa: F401
    CHECKS,
    address,
    full_run,
    no_tasks_left,
    page,
    row_of,
    small_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
ECHARTS = Path(showing.__file__).parent / "static" / "simulation" / "echarts"


def test_report_sets_published_figures_beside_the_runs(planner):
    text = page(planner, "run", full_run())
    expected = {
        "58,884": "收到 全省 2021-09-30 58,884 58,884 +0 (+0.0%) 58,628 – 59,140 – 输入 – 不判断",
        "25,500": "解决 全省 2022-04-30 25,500 25,610 +110 (+0.4%) 25,340 – 25,880 24,900 – 26,200 已调 ✓ 在区间内",
        "13,000": "13,000 14,210 +1,210 (+9.3%) 13,990 – 14,430 – 预测 ✗ 在区间外",
        "98.6%": "答复率 广州市公安局 2022-04-30 98.6% 97.9% 答复 不予受理 收到 -0.7 个百分点 97.6% – 98.1% – 预测 ✗",
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
    report = small_run().report
    rows = gallery.curves(report).rows
    assert [row[0].text for row in rows][::11] == ["2021-05", "2022-04"]
    assert sum(row[1].value for row in rows) == 300
    assert rows[-1][-1].value == report["daily"]["open"][-1]


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
    text = planner.get(reverse("desk:list")).content.decode()
    assert f"模拟世界 {run.name}</strong>" in text


def test_vendored_charts_are_what_their_note_says():
    digest = hashlib.sha256((ECHARTS / "echarts.min.js").read_bytes()).hexdigest()
    assert digest in (ECHARTS / "VENDORED.md").read_text()
    assert (ECHARTS / "LICENSE").exists()

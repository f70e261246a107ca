"""Pictures of a run on its page: tables, CSV, lists of the letters behind them, run against run."""

import csv
import html
import io
import re

import pytest

from cases.desk import spreadsheets
from simulation.models import Run
from tests.reports import address, full_run, no_tasks_left, page, row_of, small_run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]
OPENS = re.compile(r'<button class="open"[^>]*value="([^"]+)"[^>]*>([^<]+)</button>')
NAMES = "days curves waiting funnel flow hours on_time replies checks".split()


@pytest.fixture
def planner(client, make_officer):
    """A planner of the department: who sees all of a run's letters."""
    client.force_login(make_officer("run_simulation", unit="440000"))
    return client


def lists_of(text):
    """Return {(filters, number)} of all figures of a page that open letters."""
    return {(html.unescape(value), shown) for value, shown in OPENS.findall(text)}


def test_every_figure_opens_just_as_many_letters(planner):
    run = small_run(letters=600)
    figures = [(f, n) for f, n in lists_of(page(planner, "run", run)) if n[0].isdigit()]
    assert len(figures) > 150
    enter = {"schema": run.world.schema}
    for number, (filters, shown) in enumerate(sorted(figures)[::7]):
        if number == 0:
            where = planner.post("/desk/world/enter/", {**enter, "list": filters}).url
            assert where == f"/desk/?{filters}&scope=all" or set(
                where.removeprefix("/desk/?").split("&")
            ) == {*filters.split("&"), "scope=all"}
        context = planner.get(f"/desk/?scope=all&{filters}").context
        told = context["behind"]["figure"] if context["behind"] else None
        listed = told if told is not None else len(context["rows"])
        if told is not None or listed < 50:  # a list without a measure is not counted, only paged
            assert listed == int(shown.replace(",", "")), filters


def test_list_that_is_no_filter_shows_all_letters(planner):
    run = small_run()
    answer = planner.post(
        "/desk/world/enter/", {"schema": run.world.schema, "list": "measure=x&area=;&since=1"}
    )
    assert answer.url == "/desk/?scope=all"


@pytest.mark.parametrize("name", NAMES)
def test_each_picture_is_there_as_a_table_for_spreadsheets(planner, name):
    run = small_run()
    answer = planner.get(f"{address('run', run)}{name}.csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert f"run-{run.pk}-{name}.csv" in answer["Content-Disposition"]
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len(rows) > 2 and {len(row) for row in rows} == {len(rows[0])}


def test_csv_says_what_the_report_says(planner):
    run = small_run()
    text = planner.get(f"{address('run', run)}days.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert [int(row["收到"]) for row in rows] == run.report["daily"]["received"]


def test_no_cell_is_a_formula():
    dangerous = ["=1+1", "+1", "-1", "@x", "\tx"]
    assert [spreadsheets.harmless(text) for text in dangerous] == [f"'{t}" for t in dangerous]
    assert spreadsheets.harmless(-1.5) == -1.5
    assert spreadsheets.harmless("广州") == "广州"


def test_pictures_of_an_unfinished_or_unknown_run_are_absent(planner):
    run = small_run()
    assert planner.get(f"{address('run', run)}nonsense.csv").status_code == 404
    Run.objects.update(status=Run.FAILED)
    assert planner.get(f"{address('run', run)}days.csv").status_code == 404


def test_run_of_one_letter_has_a_whole_page(planner):
    text = page(planner, "run", small_run(letters=1))
    assert "太少" in text and "收到 <b>" in text


def test_share_of_few_replies_is_not_told(planner):
    text = page(planner, "run", small_run())
    section = text[text.index('id="on_time-h"') :]
    assert "太少" in row_of(section, "阳江市公安局")


def test_desk_of_the_heat_map_can_be_chosen(planner):
    run = small_run()
    text = planner.get(address("run", run) + "?desk=handlers+440300").content.decode()
    assert "一周里的忙闲 · 承办 · 深圳市公安局" in text
    assert "专班 · 广东省公安厅" in planner.get(address("run", run) + "?desk=x").content.decode()


def test_two_runs_stand_side_by_side(planner):
    first = small_run("甲", seed=1)
    second = small_run("乙", seed=2, changes={"desk.staff": "2x"})
    text = page(planner, "run", second)
    assert f"?b={second.pk}" in text
    answer = planner.get(f"/simulation/compare/?a={first.pk}&b={second.pk}")
    shown = answer.content.decode()
    assert "种子 1 2" in row_of(shown, "种子")
    assert "desk.staff – 2x" in row_of(shown, "desk.staff")
    closed = [run.report["counts"]["closed"] for run in (first, second)]
    assert f"{closed[0]} {closed[1]}" in row_of(shown, "办结的来信")


@pytest.mark.parametrize("query", ["", "?a=1", "?a=x&b=²", "?a=99999999999&b=1", "?a=-1&b=0"])
def test_comparing_nothing_asks_for_two_runs(planner, query):
    small_run()
    answer = planner.get(f"/simulation/compare/{query}")
    assert answer.status_code == 200
    assert "选两次完成的模拟" in answer.content.decode()


def test_comparing_is_for_planners(client, make_officer):
    client.force_login(make_officer("triage_case"))
    assert client.get("/simulation/compare/").status_code == 404


def test_page_of_a_full_run_sets_intervals_side_by_side(planner):
    report = planner.get(address("run", full_run())).context["report"]
    rows = {row[0]: row[1:] for row in report["apart"]["rows"]}
    simulated, chance, priors, role = rows["解决 · 全省 · 2021-09-30"]
    assert simulated == round(100 * (14_210 / 13_000 - 1), 2) and chance[0] < simulated < chance[1]
    assert priors == [None, None] and role == "predicted"


def test_run_of_an_older_version_has_its_report_and_fewer_pictures(planner):
    run = small_run()
    run.world.fingerprint = "of other tables"
    run.world.save()
    assert "来信的去向" in page(planner, "run", run)  # kept when the run ended
    del run.report["pictures"]
    run.save()
    text = page(planner, "run", run)
    assert "由旧版本生成" in text and "来信的去向" not in text
    assert planner.get(f"{address('run', run)}flow.csv").status_code == 404

"""A statistician's and a leader's look at the whole in a real browser: figures, signs, the bulletin."""

from datetime import timedelta

import pytest

from cases import worlds
from cases.desk import periods
from cases.statistics import CHINA
from cases.transitions import State
from tests.browser import violations
from tests.people import build_officer
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def a_quarter(cast):
    """Twelve quiet weeks, then one in which eight letters are about fraud; two are late."""
    monday = periods.holding(periods.today(), "week").since
    nine = worlds.now().astimezone(CHINA).replace(hour=9, minute=0)
    for week in range(1, 13):
        day = monday - timedelta(weeks=week)
        at = nine.replace(year=day.year, month=day.month, day=day.day)
        cast.make_case(State.CLOSED, at=at)
        for _time in range(8 if week == 1 else 0):
            cast.make_case(State.DECLINED, at=at, category="fraud", title="刷单返利被骗")
    return cast


def test_leader_goes_from_a_figure_down_to_its_letters(browser, live_server, a_quarter):
    a_quarter.make_case(State.IN_HAND, at=worlds.now() - timedelta(hours=2))
    leader = build_officer("view_statistics", "lead_case", unit="440000")
    with desk(browser, live_server, leader) as page:
        page.click(".desk-nav >> text=统计")
        page.click(".periods >> text=全部")
        assert "平衡" in page.inner_text("#books-h") and "不平衡" not in page.inner_text("#books-h")
        assert violations(page) == [] and fits(page)
        page.click("table.units tbody >> text=深圳市公安局")
        page.click("table.units tbody >> text=福田分局")
        assert page.inner_text(".unit-path [aria-current]") == "福田分局"
        page.click(".unit-path >> text=深圳市公安局")
        page.click("table.units thead >> text=收到")
        sorted_by = page.locator("th[aria-sort=descending]")
        assert sorted_by.inner_text().startswith("收到")
        page.click("table.units tbody tr:first-child td a")
        page.wait_for_selector(".behind")
        assert page.locator("table.letters tbody tr").count() == 13
        page.go_back()
        page.click(".figures.now >> text=1")
        page.wait_for_selector("table.letters")


def test_leader_reads_the_letters_behind_a_sign(browser, live_server, a_quarter):
    leader = build_officer("view_statistics", "lead_case", unit="440300")
    with desk(browser, live_server, leader) as page:
        page.click(".desk-nav >> text=统计")
        page.click(".scopes >> text=感知风险")
        assert "电信网络诈骗" in page.inner_text(".signs")
        assert "刷单" in page.inner_text(".signs") or "返利" in page.inner_text(".signs")
        assert violations(page) == [] and fits(page)
        page.locator(".sign", has_text="电信网络诈骗").first.locator(".came a").click()
        page.wait_for_selector(".behind")
        assert page.locator("table.letters tbody tr").count() == 8


def test_statistician_takes_the_bulletin_away(browser, live_server, a_quarter):
    statistician = build_officer("view_statistics", unit="440300")
    month = periods.holding(periods.today() - timedelta(days=7), "month")
    with desk(browser, live_server, statistician) as page:
        page.click(".desk-nav >> text=统计")
        page.click(".scopes >> text=月通报")
        page.goto(f"{live_server.url}/desk/bulletin/{month.code}/")
        assert f"{month.label}收到来信" in page.inner_text(".told")
        assert violations(page) == [] and fits(page)
        with page.expect_download() as download:
            page.click(".periods >> text=下载 CSV")
        assert download.value.suggested_filename == f"bulletin-{month.code}.csv"
        page.emulate_media(media="print")
        hidden = (".desk-nav", ".scopes", ".periods")
        assert not any(page.locator(selector).first.is_visible() for selector in hidden)
        assert page.locator(".told").is_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_is_wider_than_the_screen(browser, live_server, a_quarter, viewport):
    month = periods.holding(periods.today(), "month").code
    with desk(browser, live_server, a_quarter.writer, viewport) as page:
        for address in ("overview/?period=all", "risk/", f"bulletin/{month}/"):
            page.goto(f"{live_server.url}/desk/{address}")
            assert fits(page), address
            assert violations(page) == [], address

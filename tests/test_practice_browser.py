"""An officer practises in a real browser: in, a letter accepted, the next morning, and out again."""

from datetime import date

import pytest

from cases import worlds
from cases.models import Event, World
from simulation import practice
from tests.browser import violations
from tests.people import build_officer
from tests.reports import no_tasks_left  # noqa: F401
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_tasks_left"),
]
CLOCK = ".world-banner span >> nth=0"


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_officer_practises_and_leaves_no_trace(browser, live_server, viewport):
    officer = build_officer("triage_case", "dispatch_case", "note_case", unit="440300")
    row = practice.ask(officer, date(2022, 3, 1), letters=30, seed=3)
    with desk(browser, live_server, officer, viewport) as page:
        page.goto(f"{live_server.url}/desk/practice/")
        page.wait_for_selector(".practice-status.waiting")
        practice.make(row.pk)
        page.wait_for_selector(".practice-status.ready")  # the page has looked by itself
        assert violations(page) == [] and fits(page)
        page.click(".practice-doors .default")
        page.wait_for_selector(".world-banner")
        assert "2022-03-01 08:3" in page.inner_text(CLOCK)
        page.goto(f"{live_server.url}/desk/?state=received")
        page.click("table.letters a")
        page.click("#step-accept button")
        page.wait_for_selector(".messagelist .success")
        assert page.is_visible(".world-banner") and violations(page) == [] and fits(page)
        page.click("text=次日早上")
        page.wait_for_selector(".messagelist .success")
        assert "2022-03-02 08:3" in page.inner_text(CLOCK)
        page.click("text=离开")
        page.wait_for_selector(".messagelist .success")
        assert page.locator(".world-banner").count() == 0
    assert not Event.objects.exists()
    with worlds.enter(World.objects.get()):
        assert Event.objects.filter(user=officer, action="accept").count() == 1

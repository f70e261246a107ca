"""Many letters at once in a real browser: picking, seeing what will happen, and what came of it."""

import pytest

from cases import batches, worlds
from cases.models import Batch, Case
from cases.transitions import State
from tests.browser import violations
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_letters_are_picked_checked_and_done(browser, live_server, cast, viewport):
    cases = [cast.make_case(State.ACCEPTED, at=worlds.now()) for _time in range(4)]
    cast.make_case(State.CLOSED, at=worlds.now())
    with desk(browser, live_server, cast.writer, viewport) as page:
        page.goto(f"{live_server.url}/desk/?scope=all&sort=old")
        assert page.is_disabled("button[value=picked]") and fits(page)
        boxes = page.locator("input[name=case]")
        boxes.nth(0).check()
        boxes.nth(2).click(modifiers=["Shift"])  # and so the one between
        assert page.inner_text("[data-picked]").strip() == "3"
        page.check("#pick-all")
        boxes.nth(3).uncheck()
        page.select_option("#bulk-action", "dispatch")
        page.click("button[value=picked]")
        page.select_option("#dispatch-unit", "440304")
        assert violations(page) == [] and fits(page)
        page.click("button.default")
        page.wait_for_selector(".batch-counts")
        assert page.inner_text(".batch-counts").split("\n") == [
            "3 件可以办理",
            "1 件不能：“已办结”状态下不能交办。",
        ]
        assert violations(page) == [] and fits(page)
        page.click("button.default")
        page.wait_for_selector("text=下载结果表")
        assert violations(page) == [] and fits(page)
        page.goto(f"{live_server.url}/desk/bulk/")
        assert violations(page) == [] and fits(page)
    after = [Case.objects.get(pk=case.pk).state for case in cases]
    assert after == [State.DISPATCHED] * 3 + [State.ACCEPTED]


def test_open_page_goes_on_by_itself(browser, live_server, cast, monkeypatch):
    monkeypatch.setattr(batches, "REQUEST_SECONDS", 0)
    for _time in range(30):
        cast.make_case(at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.select_option("#bulk-action", "accept")
        still = {"stage": "checking", "taken": 1}  # so that axe is done before the page moves on
        page.route("**/on/", lambda route: route.fulfill(json=still))
        page.click("button[value=all]")
        page.wait_for_selector("[data-on]")
        assert violations(page) == []
        page.unroute("**/on/")
        monkeypatch.setattr(batches, "REQUEST_SECONDS", 5)
        page.wait_for_selector("text=30 件可以办理")
        page.click("button.default")
        page.wait_for_selector("text=30 件已完成")
    assert Batch.objects.get().stage == "done"

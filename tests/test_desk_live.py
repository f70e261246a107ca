"""An open page in a real browser: its counts follow, its rows stay where they are."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from cases import worlds
from cases.transitions import State
from tests.test_desk_browser import desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLL = "document.dispatchEvent(new Event('desk:poll'))"


@contextmanager
def polled(page):
    """Run the block, let the page ask for its counts, and wait for the answer."""
    yield
    with page.expect_response("**/desk/counts/**") as answered:
        page.evaluate(POLL)
    answered.value.finished()


def test_new_letter_is_told_and_no_row_moves(browser, live_server, cast):
    cast.make_case(State.RECEIVED, at=worlds.now() - timedelta(minutes=1))
    with desk(browser, live_server, cast.writer) as page:
        page.wait_for_selector(".nav-count:not([hidden])")
        assert page.title().startswith("(1) 我的桌面")
        rows = page.inner_text("table.letters")
        with polled(page):
            cast.make_case(State.RECEIVED, at=worlds.now())
            cast.make_case(State.IN_REVIEW, at=worlds.now())
        page.wait_for_selector(".come a")
        assert page.inner_text(".come") == "新到来信：2 刷新列表"
        assert page.inner_text("[data-count=received]") == "2"
        assert page.inner_text("[data-count=in_review]") == "1"
        assert page.title().startswith("(3) ") and page.inner_text("table.letters") == rows
        page.click(".come a")
        page.wait_for_function("document.querySelectorAll('table.letters tbody tr').length === 3")
        assert page.inner_text(".come") == ""


def test_count_is_in_the_title_of_every_page(browser, live_server, cast):
    cast.make_case(State.RECEIVED, at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/overview/")
        page.wait_for_selector(".nav-count:not([hidden])")
        assert page.title().startswith("(1) 总览")


def test_view_is_saved_in_two_clicks_and_found_again(browser, live_server, cast):
    cast.make_case(State.IN_HAND, at=worlds.now() - timedelta(days=9))
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/?scope=all&colour=red")
        page.click(".save-view summary")
        page.fill("#view-name", "超期件")
        page.press("#view-name", "Enter")
        page.wait_for_selector(".messagelist .success")
        page.goto(f"{live_server.url}/desk/?scope=unit")
        page.click(".own-views a")
        page.wait_for_selector(".own-views a[aria-current]")
        assert page.locator("table.letters tbody tr").count() == 1

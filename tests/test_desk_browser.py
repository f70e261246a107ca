"""The officers' pages in a real browser: sign-in to reply, by keyboard, narrow, without a complaint."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from cases import worlds
from cases.models import Case
from cases.transitions import State
from tests.browser import listened
from tests.people import build_officer
from tests.run_worlds import make_run
from tests.visitors import fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# As the page of a run does it: a form, with the token that is on every page.
ENTER = """schema => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/desk/world/enter/" });
  form.append(document.querySelector("[name=csrfmiddlewaretoken]").cloneNode());
  form.append(Object.assign(document.createElement("input"), { name: "schema", value: schema }));
  document.body.append(form);
  form.submit();
}"""
PASSWORD = "a long password for tests"
# A step that was refused; a tester whose typing is ahead of the page.
EXPECTED = (
    "Failed to load resource: the server responded with a status of 400",
    "Failed to load resource: the server responded with a status of 409",
    "Autofocus processing was blocked",
)


@contextmanager
def desk(browser, live_server, officer, viewport=WIDE):
    """A signed-in page that fails the test for anything said in the console."""
    with listened(browser, EXPECTED, viewport=viewport, locale="zh-CN") as page:
        page.goto(f"{live_server.url}/desk/")
        page.fill("#id_username", officer.username)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_selector(".desk-nav")
        yield page


def test_letter_goes_from_the_list_to_the_answer(browser, live_server, cast):
    case = cast.make_case(at=worlds.now())
    handler = build_officer("handle_case", "note_case", unit="440304")
    with desk(browser, live_server, cast.writer) as page:
        page.click("table.letters a")
        page.click("#step-accept button")
        page.wait_for_selector("#step-dispatch[open]")
        page.select_option("#dispatch-unit", "440304")
        page.click("#step-dispatch button")
        page.wait_for_selector(".messagelist .success")
    with desk(browser, live_server, handler) as page:
        page.click("table.letters a")
        page.click("#step-sign button")
        page.select_option("#contact-how", "phone")
        page.select_option("#contact-reached", "yes")
        page.click("#step-contact button")
        page.fill("#feedback-text", "已派人到现场查看。")
        page.click("#step-feedback button")
        page.select_option("#record_result-result", "done")
        page.click("#step-record_result button")
        page.fill("#propose_reply-text", "红绿灯已修好。")
        page.click("#step-propose_reply button")
        page.wait_for_selector(".messagelist .success")
        assert page.inner_text(".state-now") == "待审核"
    with desk(browser, live_server, cast.reviewer) as page:
        page.click("table.letters a")
        page.click("#step-approve_reply button")
        page.wait_for_selector(".messagelist .success")
    assert Case.objects.get(pk=case.pk).state == State.REPLIED


def test_refused_reply_is_still_there_also_after_leaving_the_page(browser, live_server, cast):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        page.click("#step-propose_reply summary")
        page.fill("#propose_reply-text", "写了很久的答复")
        page.click("#step-propose_reply button")
        page.wait_for_selector("#refusal")
        assert page.evaluate("document.activeElement.id") == "propose_reply-text"
        assert page.input_value("#propose_reply-text") == "写了很久的答复"
        page.click(".desk-nav a")
        page.wait_for_selector(".scopes")
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        assert page.input_value("#propose_reply-text") == "写了很久的答复"


def test_double_click_is_one_step(browser, live_server, cast):
    case = cast.make_case(at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        page.dblclick("#step-accept button")
        page.wait_for_selector(".messagelist .success")
    assert Case.objects.get(pk=case.pk).seq == case.seq + 1


def test_step_is_taken_by_keyboard_alone(browser, live_server, cast):
    case = cast.make_case(at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.focus("table.letters a")
        page.keyboard.press("Enter")
        page.wait_for_selector("#step-accept")
        for _time in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('#step-accept button')"):
                break
        page.keyboard.press("Enter")
        page.wait_for_selector(".messagelist .success")
    assert Case.objects.get(pk=case.pk).state == State.ACCEPTED


def test_identity_is_shown_once(browser, live_server, cast):
    case = cast.make_case(at=worlds.now())
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        page.fill("#reason", "核对联系电话")
        page.click(".reveal button")
        page.wait_for_selector(".revealed")
        assert "19500000000" in page.inner_text(".revealed")
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        assert page.locator(".revealed").count() == 0


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_is_wider_than_the_screen_and_the_clock_is_seen_at_once(
    browser, live_server, cast, viewport
):
    long = "夜间烧烤店噪音扰民" * 5
    case = cast.make_case(State.IN_HAND, at=worlds.now() - timedelta(days=9), title=long)
    cast.step(case.pk, "note", text="W" * 300)
    addresses = ("/desk/", "/desk/?scope=all", f"/desk/{case.letter.receipt}/", "/desk/overview/")
    with desk(browser, live_server, cast.writer, viewport) as page:
        for address in (*addresses, "/desk/audit/", "/desk/enter/", "/admin/"):
            page.goto(live_server.url + address)
            assert fits(page), address
        for address in addresses[1:3]:
            page.goto(live_server.url + address)
            clock = page.locator(".clock").first.bounding_box()
            assert clock["y"] + clock["height"] <= viewport["height"], address


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_banner_of_a_run_is_seen_whole_and_leads_out(browser, live_server, viewport):
    planner = build_officer("run_simulation", unit="440000")
    with desk(browser, live_server, planner, viewport) as page:
        make_run(1, letters=1)
        page.evaluate(ENTER, "run_1")
        page.wait_for_selector(".world-banner")
        for address in ("/desk/?scope=all", "/admin/"):
            page.goto(live_server.url + address)
            banner = page.locator(".world-banner").bounding_box()
            assert (banner["x"], banner["width"]) == (0, viewport["width"]) and fits(page)
        page.click(".world-banner button")
        page.wait_for_selector(".messagelist .success")
        assert page.locator(".world-banner").count() == 0

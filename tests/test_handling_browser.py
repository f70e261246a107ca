"""Handling a letter in a real browser: nothing that was typed is lost."""

import pytest

from cases import worlds
from cases.models import Draft, ReplyTemplate
from cases.transitions import State
from tests.browser import violations
from tests.people import build_officer
from tests.processes import becomes
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HALF = "红绿灯已经报修，预计三天内"
SAID = "#step-propose_reply .draft-said"


@pytest.fixture
def case(cast):
    return cast.make_case(State.IN_HAND, at=worlds.now())


@pytest.fixture
def handler(cast):
    return build_officer("handle_case", "note_case", unit="440304")


def write(page, live_server, case, text=HALF):
    """Open the letter and write into the reply; no step is taken."""
    page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.fill("#propose_reply-text", text)


def test_what_is_typed_is_saved_by_itself_and_found_after_back(browser, live_server, case, handler):
    with desk(browser, live_server, handler) as page:
        write(page, live_server, case)
        page.wait_for_selector(f"{SAID}:has-text('已保存')")
        page.go_back()
        page.wait_for_selector(".scopes")
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        assert page.input_value("#propose_reply-text") == HALF
        assert page.locator("#step-propose_reply[open]").count() == 1
        assert "已恢复" in page.inner_text(SAID)


def test_leaving_at_once_loses_nothing_and_asks_nothing(browser, live_server, case, handler):
    with desk(browser, live_server, handler) as page:
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        write(page, live_server, case)
        page.click(".desk-nav a")
        page.wait_for_selector(".scopes")
        assert becomes(Draft.objects.exists)  # was sent on leaving, and nobody waits for it
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        assert page.input_value("#propose_reply-text") == HALF
        assert asked == []


def test_without_the_network_it_says_so_and_tries_again(browser, live_server, case, handler):
    with desk(browser, live_server, handler) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        answer = {"down": True}
        page.route(
            "**/draft/**", lambda r: r.fulfill(status=409) if answer["down"] else r.continue_()
        )
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.fill("#propose_reply-text", HALF)
        page.wait_for_selector(f"{SAID}:has-text('正在重试')")
        assert not Draft.objects.exists()
        answer["down"] = False
        page.wait_for_selector(f"{SAID}:has-text('已保存')")
        assert Draft.objects.get().typed == {"text": HALF}


def test_the_draft_is_gone_once_the_step_is_taken(browser, live_server, case, handler):
    with desk(browser, live_server, handler) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        page.click("details.more > summary")
        page.click("#step-note summary")
        page.fill("#note-text", "已打过电话。")
        page.wait_for_selector("#step-note .forget")
        page.click("#step-note button:text-is('内部备注')")
        page.wait_for_selector(".messagelist .success")
        assert page.input_value("#note-text") == ""
    assert not Draft.objects.exists()


def test_a_draft_is_thrown_away_on_demand(browser, live_server, case, handler):
    with desk(browser, live_server, handler) as page:
        write(page, live_server, case)
        page.click("#step-propose_reply .forget")
        page.wait_for_selector(".messagelist .success")
        assert page.input_value("#propose_reply-text") == ""
    assert not Draft.objects.exists()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_page_of_a_letter_fits(browser, live_server, case, handler, viewport):
    with desk(browser, live_server, handler, viewport) as page:
        write(page, live_server, case)
        page.wait_for_selector(f"{SAID}:has-text('已保存')")
        assert fits(page)


def test_a_template_is_put_where_the_cursor_stands_and_saved(browser, live_server, case, handler):
    ReplyTemplate.objects.create(name="开头", body="{标题}一事收悉。")
    with desk(browser, live_server, handler) as page:
        write(page, live_server, case, "您好！后面的话")
        page.evaluate("document.querySelector('#propose_reply-text').setSelectionRange(3, 3)")
        page.click("#step-propose_reply a.template")
        text = "您好！\n小区门口红绿灯损坏一事收悉。后面的话"
        assert page.input_value("#propose_reply-text") == text
        assert page.evaluate("document.activeElement.id") == "propose_reply-text"
        page.wait_for_selector(f"{SAID}:has-text('已保存')")
    assert Draft.objects.get().typed == {"text": text}


def test_a_reviewer_sees_what_changed_and_axe_finds_nothing(browser, live_server, cast, case):
    ReplyTemplate.objects.create(name="请补充", body="请补充。", action="feedback")
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text="小区门口的红绿灯已报修，预计三天内修好。")
    cast.step(case.pk, "send_back_reply", text="请写明日期。")
    cast.step(case.pk, "propose_reply", text="小区门口的红绿灯已报修，三月五日修好【电话】。")
    reviewer = build_officer("review_reply", "handle_case", unit="440304")
    with desk(browser, live_server, reviewer, NARROW) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        assert "【电话】" in page.inner_text(".doubts")
        assert page.locator(".reply-text ins").count() and page.locator(".reply-text del").count()
        assert fits(page) and violations(page) == []


def test_an_extension_is_asked_for_and_granted_and_a_note_tells_the_leader(
    browser, live_server, case, handler
):
    leader = build_officer("lead_case", "note_case", unit="440300", username="leader-1")
    letter = f"{live_server.url}/desk/{case.letter.receipt}/"
    with desk(browser, live_server, handler) as page:
        page.goto(letter)
        page.click("details.more > summary")
        page.click("#step-request_extension summary")
        page.fill("#request_extension-days", "5")
        page.fill("#request_extension-text", "需要等鉴定结论。")
        page.press("#request_extension-days", "Enter")  # the step, not the button of the draft
        page.wait_for_selector(".messagelist .success")
        page.click("details.more > summary")
        page.click("#step-note summary")
        page.fill("#note-text", "@leader-1 请看延期申请。")
        page.click("#step-note button:text-is('内部备注')")
        page.wait_for_selector(".messagelist :text('已提醒')")
    with desk(browser, live_server, leader, NARROW) as page:
        page.click("table.letters a")
        assert page.input_value("#extend-days") == "5" and page.locator(".mentioned").count() == 1
        assert fits(page) and violations(page) == []
        page.fill("#extend-text", "需要等鉴定结论，经批准延期五天。")
        page.click("#step-extend button:text-is('延期')")
        page.wait_for_selector(".messagelist .success")
        page.click(".mentioned button")
        page.wait_for_selector(".messagelist .success")
        assert page.locator(".mentioned").count() == 0
        page.goto(f"{letter}print/")
        assert fits(page) and violations(page) == []
        assert "已延期5天" in page.inner_text("main")

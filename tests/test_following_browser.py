"""Following a letter in a real browser, on a small phone: from the receipt to the answer."""

import re

import pytest

from cases import worlds
from cases.models import Case
from cases.transitions import State
from tests.browser import listened, violations
from tests.citizens import typed
from tests.people import WALKS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 320, "height": 640}
SENT = []


def looked_at(page):
    """Check a page as it stands: nothing to scroll sideways, nothing that axe finds."""
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert violations(page) == [], page.url


def write(page, site):
    """Send a letter through the form; return (receipt, query code)."""
    page.goto(f"{site}/write/")
    for name, value in typed(key=None).items():
        if name in ("mailbox", "category", "id_type"):
            page.select_option(f"#id_{name}", value)
        elif name == "kind":
            page.check(f"input[name=kind][value={value}]")
        else:
            page.fill(f"#id_{name}", value)
    page.click("main button.big")
    page.wait_for_url("**/write/sent/")
    return page.locator(".figure").all_inner_texts()


def test_receipt_is_printed_and_its_square_leads_to_the_look_up(browser, live_server):
    with listened(browser, viewport=PHONE, locale="zh-CN") as page:
        receipt, code = write(page, live_server.url)
        looked_at(page)
        box = page.locator(".qr svg").bounding_box()
        assert box["width"] == box["height"] > 120
        page.emulate_media(media="print")
        assert page.locator(".receipt").is_visible() and not page.locator(".foot").is_visible()
        assert code in page.inner_text("main")
        page.emulate_media(media="screen")
        page.goto(f"{live_server.url}/follow/#{receipt}")
        page.wait_for_function("document.activeElement.id === 'id_code'")
        assert page.input_value("#id_receipt") == receipt
        assert not re.search("PA-", page.url)
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/follow/case/")
        looked_at(page)


def carrier(phone, text):
    """A carrier that keeps what it was given."""
    SENT.append(text)


@pytest.mark.parametrize(("language", "javascript"), [("zh-CN", False), ("en", True)])
def test_lost_code_is_renewed_by_telephone(browser, live_server, settings, language, javascript):
    settings.SMS_PROVIDER = "tests.test_following_browser.carrier"
    options = {"viewport": PHONE, "locale": language, "java_script_enabled": javascript}
    with listened(browser, **options) as page:
        receipt, old = write(page, live_server.url)
        page.goto(f"{live_server.url}/follow/")
        page.click("main .after a")
        page.fill("#id_phone", typed()["phone"])
        page.press("#id_phone", "Enter")
        page.wait_for_selector("#id_code")
        assert page.get_attribute("#id_code", "autocomplete") == "one-time-code"
        if javascript:  # axe is a script too
            looked_at(page)
        page.fill("#id_code", re.search(r"\d{6}", SENT[-1])[0])
        page.press("#id_code", "Enter")
        page.wait_for_selector(".mine")
        if javascript:
            looked_at(page)
        assert receipt in page.inner_text("main")
        page.locator(".mine button").nth(1).press("Enter")
        page.locator("main button.big").press("Enter")
        page.wait_for_selector(".figure")
        shown, new = page.locator(".figure").all_inner_texts()
        assert shown == receipt and new != old
        page.goto(f"{live_server.url}/follow/")
        page.fill("#id_receipt", receipt)
        page.fill("#id_code", new)
        page.press("#id_code", "Enter")
        page.wait_for_url("**/follow/case/")


def by_keyboard(page, target, *presses, text=""):
    """Bring the focus to something by Tab alone, then press keys and type."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({target!r})"):
            break
    else:
        raise AssertionError(f"the keyboard does not come to {target}")
    for key in presses:
        page.keyboard.press(key)
    page.keyboard.insert_text(text)


def test_question_answer_rating_and_redo_by_the_keyboard_alone(browser, live_server, cast):
    """The whole way, on a phone of 320 px: each page before axe, in both languages."""

    def walk(state, start=0):
        for action, fields in WALKS[state][start:]:
            cast.step(case.pk, action, at=worlds.now(), **fields)
        page.goto(f"{live_server.url}/follow/case/")
        looked_at(page)

    def send(case_field, words):
        by_keyboard(page, case_field, text=words)
        by_keyboard(page, "main button.big", "Enter")
        page.wait_for_selector(".done")

    with listened(browser, viewport=PHONE, locale="zh-CN") as page:
        receipt, code = write(page, live_server.url)
        case = Case.objects.get(letter__receipt=receipt)
        page.goto(f"{live_server.url}/follow/#{receipt}")
        page.wait_for_function("document.activeElement.id === 'id_code'")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/follow/case/")
        walk(State.AWAITING_CITIZEN)
        assert "请说明具体路口" in page.inner_text(".answer")
        send("#id_text", "中山路口。")
        walk(State.REPLIED, start=3)
        assert "红绿灯已修好" in page.inner_text(".answer")
        by_keyboard(page, "[name=satisfied]", "ArrowDown")
        by_keyboard(page, "[name=solved]", "ArrowDown")
        by_keyboard(page, "main button.big", "Enter")
        page.wait_for_selector(".done")
        by_keyboard(page, "a[href$='/reopen/']", "Enter")
        page.wait_for_url("**/reopen/")
        looked_at(page)
        send("#id_text", "灯还是坏的。")
        assert "正在重新办理" in page.inner_text(".redo")
        walk(State.REPLIED, start=3)
        assert "已重新办理并再次答复" in page.inner_text(".redo")
        page.click("button[name=language][value=en]")
        page.wait_for_selector("html[lang=en]")
        looked_at(page)
        assert "Answered" in page.inner_text(".state")
    case.refresh_from_db()
    assert (case.state, case.reopened) == (State.REPLIED, 1)
    assert list(case.events.filter(action="rate").values_list("data", flat=True)) == [
        {"satisfied": False, "solved": False}
    ]

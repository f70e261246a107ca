"""The citizen's pages in a real browser: phone, keyboard alone, policy, double click."""

import re
from contextlib import contextmanager

import pytest

from cases.identity import clean
from cases.models import Case, Letter
from cases.transitions import State
from tests.browser import listened
from tests.citizens import typed
from tests.test_writing_fuzz import ODD
from tests.visitors import PHONE, fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def visitor(browser, **options):
    """A page of its own that fails the test for anything said in the console."""
    options = {"viewport": PHONE, "locale": "zh-CN", **options}
    with listened(browser, **options) as page:
        yield page


def test_letter_from_form_to_answer_on_a_small_phone(browser, live_server, cast):
    with visitor(browser) as page:
        page.goto(live_server.url)
        assert page.get_attribute("a.door.first", "href") == "/write/begin/"
        page.goto(f"{live_server.url}/write/")
        page.wait_for_selector("#letter")
        fill(page, title="太短")
        page.click("main button.big")
        page.wait_for_selector("#errors")
        assert page.evaluate("document.activeElement.id") == "errors"
        page.click("#errors a")
        page.wait_for_selector("#id_title:focus")
        assert page.input_value("#id_phone") == typed()["phone"]
        page.fill("#id_title", "小区门口红绿灯损坏")
        assert page.locator("#id_title + .count").inner_text() == "9 / 50"
        page.click("main button.big")
        page.wait_for_url("**/write/sent/")
        receipt, code = page.locator(".figure").all_inner_texts()
        page.click("a.button")
        page.fill("#id_receipt", receipt)
        page.fill("#id_code", code)
        page.click("main button.big")
        page.wait_for_url("**/follow/case/")
        case = Case.objects.get(letter__receipt=receipt)
        assert case.state == State.RECEIVED
        page.click("text=追加情况")
        page.fill("#id_text", "今天又坏了。")
        page.click("main button.big")
        page.wait_for_selector(".done")
        assert case.events.filter(action="add").count() == 1


@pytest.mark.parametrize("javascript", [True, False])
def test_double_click_sends_one_letter(browser, live_server, javascript):
    with visitor(browser, java_script_enabled=javascript) as page:
        page.goto(f"{live_server.url}/write/")
        fill(page)
        page.dblclick("main button.big")
        page.wait_for_url("**/write/sent/")
        shown = page.locator(".figure").first.inner_text()
    assert Letter.objects.get().receipt == shown


def test_keyboard_alone_sends_a_letter(browser, live_server):
    with visitor(browser) as page:
        page.goto(f"{live_server.url}/write/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        fields = typed(key=None)
        seen = set()
        for _press in range(40):
            page.keyboard.press("Tab")
            name, kind, text = page.evaluate(
                "[document.activeElement.name, document.activeElement.type,"
                " document.activeElement.innerText]"
            )
            if text == "提交":
                break
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            seen.add(name)
            if name == "kind":
                page.keyboard.press("ArrowDown")  # the second one: help
            elif name in ("mailbox", "category"):
                page.keyboard.press("ArrowDown")  # the first one: the department, traffic
            elif kind in ("text", "textarea") and fields.get(name):
                page.keyboard.insert_text(fields[name])
        assert seen >= fields.keys()
        page.keyboard.press("Enter")
        page.wait_for_url("**/write/sent/")
    letter = Letter.objects.get()
    assert (letter.mailbox.code, letter.kind) == ("440000", "help")


def test_enter_in_a_field_sends_the_form_and_not_the_language(browser, live_server):
    with visitor(browser) as page:
        page.goto(f"{live_server.url}/write/")
        page.fill("#id_title", "小区门口红绿灯损坏")
        page.press("#id_title", "Enter")
        page.wait_for_selector("#errors")
        assert page.get_attribute("html", "lang") == "zh-Hans"


def test_language_button_keeps_what_was_typed(browser, live_server):
    with visitor(browser) as page:
        page.goto(f"{live_server.url}/write/")
        page.fill("#id_body", "写了一半的信")
        page.click("button[name=language][value=en]")
        page.wait_for_selector("html[lang=en]")
        assert page.input_value("#id_body") == "写了一半的信"
        assert not re.search("[\u4e00-\u9fff]", page.inner_text("main"))


# What people and their machines put into a text, beside the plain.
TEXTS = [
    *ODD,
    "第一行\r\n第二行\r第三行\n",
    " \t前后有空白\u2028\u3000",
    "\ufeff文首的标记\ufeff",
    "e\u0301 和 é，가와 가",
    "👩🏽‍🚒🏳️‍🌈𠮷𠀀",
    "半个\ud83d字符\udc00",
    "\u202a左\u202e右\u2069\u200f\u061c",
    "\x00\x08\x7f\x85\x9f",
    "\x1c两头\x1f",
    "很" * 50,
]


def test_counter_agrees_with_the_server_whatever_is_typed(browser, live_server):
    with visitor(browser) as page:
        page.goto(f"{live_server.url}/write/steps/content/")
        page.wait_for_selector("#id_body + .count")
        shown = page.evaluate(
            """codes => codes.map((units) => {
                const field = document.querySelector("#id_body");
                field.value = String.fromCharCode(...units);
                field.dispatchEvent(new Event("input"));
                return parseInt(field.nextElementSibling.textContent);
            })""",
            [
                list(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))
                for text in TEXTS
            ],
        )
    assert dict(zip(TEXTS, shown, strict=True)) == {text: len(clean(text)) for text in TEXTS}


def test_enter_that_ends_a_composition_sends_nothing_and_the_counter_agrees(browser, live_server):
    """Chinese is typed by its sound, and Enter takes what was typed so far: never the form."""
    chosen = {"key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    with visitor(browser) as page:
        page.goto(f"{live_server.url}/write/")
        page.focus("#id_title")
        keyboard = page.context.new_cdp_session(page)
        for text in ("h", "hong", "hong'lü"):
            place = {"selectionStart": len(text), "selectionEnd": len(text)}
            keyboard.send("Input.imeSetComposition", {"text": text, **place})
        assert page.input_value("#id_title") == "hong'lü"
        keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **chosen})
        keyboard.send("Input.insertText", {"text": "红绿"})
        keyboard.send("Input.dispatchKeyEvent", {**chosen, "type": "keyUp", "key": "Enter"})
        assert page.input_value("#id_title") == "红绿" and not page.locator("#errors").count()
        assert page.locator("#id_title + .count").inner_text() == "2 / 50"
        page.keyboard.press("Enter")
        page.wait_for_selector("#errors")
        assert "现有2个字" in page.inner_text("#id_title_error")
        assert page.locator("#id_title + .count").inner_text() == "2 / 50"

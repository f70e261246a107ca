"""The form in steps in a real browser: a phone without JavaScript, a desktop with it."""

import io

import pytest
from PIL import Image

from cases.models import Letter
from mailbox.models import Unsent
from tests.browser import listened
from tests.citizens import send, typed
from tests.test_writing import Walker
from tests.visitors import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CLEARED = ("Clear-Site-Data",)  # the browser tells of it in the console
SAID = {"place": "南山区科技园", "kind": "report", "category": "traffic", "acting": "joint"}
SAID |= {"together": "李四、王五", "mailbox": "440300"}


def go_on(page, name, files=()):
    """Fill in one step with what belongs there, and go on."""
    said = {**typed(key=None), **SAID}
    for field in page.locator("#letter :is(input, textarea, select)").all():
        key, kind = field.get_attribute("name"), field.get_attribute("type")
        if kind == "file":
            field.set_input_files(list(files))
        elif kind == "radio":
            if said.get(key) == field.get_attribute("value"):
                field.check()
        elif key in ("id_type", "category"):
            field.select_option(said[key])
        elif key == "consent":
            field.check()
        elif key in said and kind != "hidden":
            field.fill(said[key])
    page.click("#letter button.big")
    page.wait_for_url(lambda url: not url.endswith(f"/{name}/"))


def name_of(page):
    return page.url.rstrip("/").split("/")[-1]


def photo():
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "JPEG")
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.mark.parametrize("javascript", [True, False])
def test_letter_goes_step_by_step_to_its_receipt_on_a_small_phone(browser, live_server, javascript):
    with listened(
        browser, CLEARED, viewport=PHONE, locale="zh-CN", java_script_enabled=javascript
    ) as page:
        page.goto(live_server.url)
        page.click("a.door.first")
        seen = []
        while name_of(page) != "check":
            seen.append(name_of(page))
            go_on(page, seen[-1], [photo()] if seen[-1] == "files" else ())
            assert len(seen) < 15
        assert seen[:2] == ["place", "mailbox"] and {"others", "privacy"} <= set(seen)
        page.reload()
        told = page.inner_text("main")
        assert "现场.jpg" in told and "李四、王五" in told and "深圳" in told
        page.click("text=修改 >> nth=0")
        page.click("#letter button.big")
        page.wait_for_url("**/write/check/")
        page.dblclick("#letter button.big")
        page.wait_for_url("**/write/sent/")
        for _page in range(3):  # nobody who comes after finds what was typed
            page.go_back()
            page.wait_for_load_state("load")
            assert "测试来信人" not in page.content() and not page.locator("#id_name").count()
        page.goto(f"{live_server.url}/write/steps/person/")
        assert page.input_value("#id_name") == ""
    assert Letter.objects.get().attachments.count() == 1


def test_text_is_kept_on_the_device_only_if_asked_and_goes_when_cleared(browser, live_server):
    with listened(browser, CLEARED, viewport=DESKTOP, locale="zh-CN") as page:
        address = f"{live_server.url}/write/steps/content/"
        page.goto(address)
        page.fill("#id_title", "没有保存")
        assert page.evaluate("localStorage.length") == 0
        page.check("[data-device-draft] input")
        page.fill("#id_title", "写到一半断了网")
        page.context.clear_cookies()
        page.goto(address)
        assert page.input_value("#id_title") == "写到一半断了网"
        assert page.locator("[data-restored]").is_visible()
        go_on(page, "content")
        assert page.evaluate("Object.keys(JSON.parse(localStorage['letter-draft'])).length") == 3
        page.goto(address)  # the server has it too, and then the network fails
        page.fill("#id_title", "断网以后又改的标题")
        page.context.set_offline(True)
        page.click("#letter button.big")
        page.wait_for_selector("[data-offline]:not([hidden])")
        assert page.input_value("#id_title") == "断网以后又改的标题"
        page.context.set_offline(False)
        page.wait_for_selector("[data-offline]", state="hidden")
        page.evaluate("isSent = true")  # as when the battery is empty: nothing is sent on leaving
        page.goto(address)
        assert page.input_value("#id_title") != "断网以后又改的标题"
        page.click("[data-other] button")
        assert page.input_value("#id_title") == "断网以后又改的标题"
        assert page.input_value("#id_body") == typed()["body"]
        go_on(page, "content")
        page.click("form[data-clears] button")
        page.wait_for_url("**/write/cleared/")
        assert page.evaluate("localStorage.length") == 0
        old = "localStorage['letter-draft'] = JSON.stringify({at: Date.now() - 8 * 864e5, title: '旧'})"
        page.evaluate(old)  # older than the week for which it is kept
        page.goto(address)
        assert page.evaluate("localStorage.length") == 0 and page.input_value("#id_title") == ""


def test_what_is_typed_stays_when_its_page_is_left_without_a_button(browser, live_server):
    """Pages about people too, which the browser itself keeps nothing of."""
    with listened(browser, CLEARED, viewport=PHONE, locale="zh-CN") as page:
        page.goto(f"{live_server.url}/write/steps/acting/")
        go_on(page, "acting")
        page.fill("#id_together", "李四、王五")
        page.go_back()
        page.wait_for_url("**/acting/")
        page.wait_for_function(
            "async () => (await (await fetch('../others/')).text()).includes('李四、王五')"
        )
        page.go_forward()
        page.wait_for_url("**/others/")
        assert page.input_value("#id_together") == "李四、王五"
        assert not page.locator("#errors").count()
        page.fill("#id_together", "李四")
        page.click("form[data-clears] button")
        page.wait_for_url("**/write/cleared/")
    assert not Unsent.objects.exists()


def test_network_that_breaks_off_is_told_and_the_files_are_still_chosen(browser, live_server):
    failed = ("Clear-Site-Data", "Failed to load resource")
    with listened(browser, failed, viewport=PHONE, locale="zh-CN") as page:
        page.goto(f"{live_server.url}/write/steps/files/")
        page.set_input_files("#id_attachments", [photo()])
        page.route("**/files/", lambda route: route.abort())
        page.click("button[name=upload]")
        page.wait_for_selector("[data-broken]:not([hidden])")
        page.unroute("**/files/")
        page.click("button[name=upload]")
        page.wait_for_selector(".files li")
        assert page.locator("[data-broken]").is_hidden()


def test_bad_file_is_told_without_losing_the_good_one(browser, live_server):
    """What the page itself sees (a video, too large) is not sent at all; the rest the server tells."""
    video = {"name": "录像.mp4", "mimeType": "video/mp4", "buffer": b"\0\0\0\x18ftypmp42"}
    large = {"name": "太大.pdf", "mimeType": "application/pdf", "buffer": b"0" * (10 * 1024**2 + 1)}
    wrong = {"name": "不是.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    with listened(browser, viewport=DESKTOP, locale="zh-CN") as page:
        page.goto(f"{live_server.url}/write/steps/files/")
        page.set_input_files("#id_attachments", [video])
        page.click("#letter button.big")
        page.wait_for_selector("[data-refused] .error")
        assert "“录像.mp4”是视频" in page.inner_text("[data-refused]")
        page.set_input_files("#id_attachments", [photo(), video, large])
        page.click("#letter button.big")
        page.wait_for_selector(".files li")
        assert page.inner_text("[data-refused] .error >> nth=1") == "文件“太大.pdf”超过10MB。"
        page.set_input_files("#id_attachments", [{**photo(), "name": "另一张.jpg"}, wrong])
        page.dblclick("button[name=upload]")
        page.wait_for_selector("#errors")
        assert "“不是.pdf”" in page.inner_text("#errors")
        names = page.locator(".files li").all_inner_texts()
        assert [name.split()[0] for name in names] == ["现场.jpg", "另一张.jpg"]
        page.click(".files li:nth-child(1) button")
        page.wait_for_selector(".files li:nth-child(2)", state="detached")
        page.click("#letter button.big")
        page.wait_for_url("**/acting/")


def test_proof_of_work_is_found_by_the_page_itself(browser, live_server, settings, client):
    settings.SENDING_FREE = 1
    send(client)
    Walker(client, title="这个网络的第二封信").to_check()
    own = (live_server.url, client.session.session_key)
    with listened(browser, session=own, viewport=PHONE, locale="zh-CN") as page:
        page.goto(f"{live_server.url}/write/check/")
        page.click("#letter button.big")
        page.wait_for_function("document.querySelector('[name=altcha]')?.value")
        assert "验证完成" in page.inner_text("#proof")
        page.click("#letter button.big")
        page.wait_for_url("**/write/sent/")

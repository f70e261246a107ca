"""Following a letter in a real browser, on a small phone: from the receipt to the answer."""

import io
import re

import pytest
import segno
from django.conf import settings
from PIL import Image

from cases import worlds
from cases.models import Case
from cases.transitions import State
from tests.browser import listened
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import typed
from tests.people import WALKS
from tests.visitors import DESKTOP, PHONE, by_keyboard, printed, write, write_by_keyboard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def squares_of(receipt):
    """Return the rows of the square that leads to the look-up of a receipt, dark ones as 1."""
    address = f"{settings.SITE_URL}/follow/#{receipt}"
    return [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]


def squares(drawn):
    """Return the rows of a square as it is seen."""
    seen = Image.open(io.BytesIO(drawn.screenshot())).convert("L")
    count = int(drawn.get_attribute("viewBox").split()[2])
    edge = seen.width / drawn.bounding_box()["width"]  # its border is a pixel wide
    middles = [edge + (seen.width - 2 * edge) * (n + 0.5) / count for n in range(count)]
    return [[int(seen.getpixel((x, y)) < 128) for x in middles] for y in middles]


def test_receipt_is_printed_and_its_square_leads_to_the_look_up(browser, live_server):
    options = {"viewport": PHONE, "device_scale_factor": 3, "locale": "zh-CN"}
    with listened(browser, **options) as page:
        receipt, code = write(page, live_server.url)
        box = page.locator(".qr svg").bounding_box()
        assert box["width"] == box["height"] > 120
        page.emulate_media(media="print")
        assert page.locator(".receipt").is_visible() and not page.locator(".foot").is_visible()
        assert squares(page.locator(".qr svg")) == squares_of(receipt)
        ((text, strokes),) = printed(page)  # on one sheet
        assert receipt in text and code in text
        assert strokes > 200  # those of the square
        page.emulate_media(media="screen")
        page.goto(f"{live_server.url}/follow/#{receipt}")
        page.wait_for_function("document.activeElement.id === 'id_code'")
        assert page.input_value("#id_receipt") == receipt
        assert not re.search("PA-", page.url)
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/follow/case/")


@pytest.mark.usefixtures("carried")
@pytest.mark.parametrize(("language", "javascript"), [("zh-CN", False), ("en", True)])
def test_lost_code_is_renewed_by_telephone(browser, live_server, language, javascript):
    options = {"viewport": PHONE, "locale": language, "java_script_enabled": javascript}
    with listened(browser, **options) as page:
        receipt, old = write(page, live_server.url)
        page.goto(f"{live_server.url}/follow/")
        page.click("main .after a")
        page.fill("#id_phone", typed()["phone"])
        page.press("#id_phone", "Enter")
        page.wait_for_selector("#id_code")
        assert page.get_attribute("#id_code", "autocomplete") == "one-time-code"
        page.fill("#id_code", re.search(r"\d{6}", SENT[-1][1])[0])
        page.press("#id_code", "Enter")
        page.wait_for_selector(".mine")
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


@pytest.mark.parametrize(("size", "javascript"), [(PHONE, True), (DESKTOP, False)])
def test_whole_way_from_home_to_the_redo_by_the_keyboard_alone(
    browser, live_server, cast, size, javascript
):
    """The letter in steps, its receipt, the look-up, a question, the answer, a rating, a redo: no mouse."""

    def walk(state, start=0):
        for action, fields in WALKS[state][start:]:
            cast.step(case.pk, action, at=worlds.now(), **fields)
        page.reload()

    def send(words):
        by_keyboard(page, "#id_text", text=words)
        by_keyboard(page, "main button.big", "Enter")
        page.wait_for_selector(".done")

    options = {"viewport": size, "locale": "zh-CN", "java_script_enabled": javascript}
    with listened(browser, **options) as page:
        receipt, code = write_by_keyboard(page, live_server.url)
        case = Case.objects.get(letter__receipt=receipt)
        by_keyboard(page, "a.button[href='/follow/']", "Enter")
        page.wait_for_selector("#id_receipt")
        by_keyboard(page, "#id_receipt", text=receipt)
        by_keyboard(page, "#id_code", text=code)
        page.keyboard.press("Enter")
        page.wait_for_url("**/follow/case/")
        walk(State.AWAITING_CITIZEN)
        assert "请说明具体路口" in page.inner_text(".answer")
        send("中山路口。")
        walk(State.REPLIED, start=3)
        assert "红绿灯已修好" in page.inner_text(".answer")
        by_keyboard(page, "[name=satisfied]", "ArrowDown")
        by_keyboard(page, "[name=solved]", "ArrowDown")
        by_keyboard(page, "main button.big", "Enter")
        page.wait_for_selector(".done")
        by_keyboard(page, "a[href$='/reopen/']", "Enter")
        page.wait_for_url("**/reopen/")
        send("灯还是坏的。")
        assert "正在重新办理" in page.inner_text(".redo")
        walk(State.REPLIED, start=3)
        assert "已重新办理并再次答复" in page.inner_text(".redo")
        by_keyboard(page, "button[name=language][value=en]", "Enter")
        page.wait_for_selector("html[lang=en]")
        assert "Answered" in page.inner_text(".state")
    case.refresh_from_db()
    assert (case.state, case.reopened) == (State.REPLIED, 1)
    assert list(case.events.filter(action="rate").values_list("data", flat=True)) == [
        {"satisfied": False, "solved": False}
    ]

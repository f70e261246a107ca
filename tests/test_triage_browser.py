"""Triage in a real browser by keyboard: 30 letters, input methods, impatient fingers, two officers."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest

from cases import worlds
from cases.models import Case, Event
from cases.transitions import State
from tests.people import build_officer
from tests.test_desk_axe import violations
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEAM = ("triage_case", "dispatch_case", "ask_citizen")
PLACES = {"福田区某路口": "440304", "南山区科苑路": "440305", "宝安区新安街道": "440306"}


@pytest.fixture
def officer(cast):
    return build_officer(*TEAM, unit="440300", username="team")


def ready(page, receipt=""):
    """Wait for the page of a letter on which keys decide."""
    page.wait_for_url(re.compile(f"/desk/triage/{receipt or 'PA'}"))
    page.wait_for_selector("html[data-keys=ready]")


def open_triage(page, receipt=""):
    page.goto(page.url.split("/desk/")[0] + f"/desk/triage/{receipt}")
    ready(page, receipt)


def decided(case):
    return list(case.events.order_by("seq").values_list("action", flat=True))[1:]


def test_thirty_letters_take_at_most_two_keys_each(browser, live_server, cast, officer):
    letters = list(PLACES.items()) * 10
    cases = [cast.make_case(place=place, at=worlds.now()) for place, _unit in letters]
    keys = 0
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        for case in cases:
            ready(page, case.letter.receipt)
            page.keyboard.press("Enter")
            keys += 1
        page.wait_for_selector("text=现在没有等您")
    assert keys <= 2 * len(cases)
    for case, (_place, unit) in zip(cases, letters, strict=True):
        assert Case.objects.get(pk=case.pk).unit.code == unit
        assert decided(case) == ["accept", "dispatch"]


def test_wrong_suggestion_costs_one_key(browser, live_server, cast, officer):
    case = cast.make_case(place="福田区", body="我在福田区住，在南山上班，楼下每天很吵。")
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        assert page.input_value("input[name=unit]:checked") == "440304"
        page.click(".letter-body")  # reading is no typing: keys go on working
        for key in ("2", "c", "Enter"):
            page.keyboard.press(key)
        page.wait_for_selector(".messagelist .success")
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.unit.code == "440305" and fresh.category != case.category
    assert decided(case) == ["accept", "reclassify", "dispatch"]


def test_unit_is_named_by_typing(browser, live_server, cast, officer):
    case = cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        page.keyboard.press("w")
        page.keyboard.insert_text("龙华分局")
        assert page.locator("input[name=unit]:checked").count() == 0
        page.keyboard.press("Enter")
        page.wait_for_selector(".messagelist .success")
    assert Case.objects.get(pk=case.pk).unit.code == "440309"


def test_without_a_unit_enter_only_asks_for_one(browser, live_server, cast, officer):
    case = cast.make_case(place="", title="反映一个情况", body="请领导看一看这件事情。")
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        page.keyboard.press("Enter")
        assert "请先选办理单位" in page.inner_text(".choose")
    assert decided(case) == []


@pytest.mark.parametrize(
    ("keys", "typed", "done"),
    [
        (["a"], "", "accept"),
        (["d", "2", "Enter"], "", "decline"),
        (["q"], "请补充具体的路口。", "ask_citizen"),
    ],
)
def test_one_key_opens_each_decision(browser, live_server, cast, officer, keys, typed, done):
    case = cast.make_case()
    cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page, case.letter.receipt)
        page.keyboard.press(keys[0])
        if len(keys) > 1 or typed:
            assert violations(page) == []
        for key in keys[1:]:
            page.keyboard.press(key)
        if typed:
            page.keyboard.insert_text(typed)
            page.click(f"#step-{done} form > button")
        page.wait_for_selector(".messagelist .success")
        assert case.letter.receipt not in page.url.split("?")[0]
    assert decided(case) == [done]


def test_steps_are_undone_by_one_key(browser, live_server, cast, officer):
    case, main = cast.make_case(), cast.make_case()
    with desk(browser, live_server, officer) as page:
        for keys in (
            ["m", "1", "Enter"],
            ["d", "2", "Enter"],
            ["Enter"],
        ):  # merged into the similar one
            open_triage(page, case.letter.receipt)
            for key in keys:
                page.keyboard.press(key)
            ready(page, main.letter.receipt)
            assert violations(page) == []
            page.keyboard.press("u")
            ready(page, case.letter.receipt)
        open_triage(page, main.letter.receipt)
        page.keyboard.press("Enter")  # sent; then the other, and none is left
        ready(page, case.letter.receipt)
        page.keyboard.press("Enter")
        page.wait_for_selector("text=现在没有等您")
        page.wait_for_selector("html[data-keys=ready]")
        page.keyboard.press("u")
        ready(page, case.letter.receipt)
    done = ["merge", "unmerge", "decline", "retract_decline", "accept", "dispatch", "recall"]
    assert decided(case) == [*done, "dispatch", "recall"]
    assert Case.objects.get(pk=case.pk).state == State.ACCEPTED


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_letter_with_words_of_alarm_asks_first(browser, live_server, cast, officer, viewport):
    case = cast.make_case(body="我在福田区，真的不想活了，没有人管我的事。")
    with desk(browser, live_server, officer, viewport) as page:
        open_triage(page, case.letter.receipt)
        for _time in range(3):
            page.keyboard.press("Enter")
        page.click("#sending > button")
        assert "先救人" in page.inner_text("#heed") and decided(case) == []
        assert violations(page) == [] and fits(page)
        page.keyboard.press("y")
        page.wait_for_selector(".messagelist .success")
    assert decided(case) == ["accept", "dispatch"]


def test_keys_go_through_the_queue_and_open_help(browser, live_server, cast, officer):
    first, second = cast.make_case(), cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        page.keyboard.press("j")
        ready(page, second.letter.receipt)
        page.keyboard.press("k")
        ready(page, first.letter.receipt)
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")
        assert violations(page) == []
        page.keyboard.press("a")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="hidden")
        page.keyboard.press("o")
        page.wait_for_url(f"**/desk/{first.letter.receipt}/")
    assert Event.objects.count() == 2


def test_keys_can_be_turned_off(browser, live_server, cast, officer):
    case = cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        page.keyboard.press("?")
        page.check("#keys-off")
        page.keyboard.press("Escape")
        for key in ("a", "Enter", "j", "d"):
            page.keyboard.press(key)
        assert page.locator("details[open]").count() == 0
    assert decided(case) == []


def test_typing_chinese_never_decides(browser, live_server, cast, officer):
    case = cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        devtools = page.context.new_cdp_session(page)

        def compose(text):
            devtools.send(
                "Input.imeSetComposition",
                {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
            )

        def stroke(key):  # as a browser tells of a key that the input method takes for itself
            for kind in ("rawKeyDown", "keyUp"):
                devtools.send(
                    "Input.dispatchKeyEvent",
                    {"type": kind, "windowsVirtualKeyCode": 229, "key": key},
                )

        for field in ("w", "q", "m"):
            page.keyboard.press(field)
            for letters in ("x", "xa", "xaj"):
                compose(letters)
                stroke("Process")
            stroke("Enter")
            page.keyboard.insert_text("下级")
            page.keyboard.press("Escape")
        stroke("Process")
        stroke("Enter")
        page.keyboard.press("w")
        page.keyboard.type("axdj")  # Latin letters in a field are text as well
        assert page.input_value("#sending-other") == "下级axdj"
        assert page.url.endswith(f"{case.letter.receipt}/")
    assert decided(case) == []


def test_enter_that_ends_a_composition_sends_nothing(browser, live_server, cast, officer):
    case = cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        page.keyboard.press("w")
        page.evaluate(
            """() => {  // as Safari does it: the composition ends before its Enter is heard
              const field = document.activeElement;
              const end = new CompositionEvent("compositionend", { bubbles: true });
              const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
              field.dispatchEvent(end);
              document.body.dataset.sent = field.dispatchEvent(enter) ? "yes" : "no";
            }"""
        )
        assert page.get_attribute("body", "data-sent") == "no"
    assert decided(case) == []


@pytest.mark.parametrize("keys", [["Enter"] * 4, ["x"] * 4, ["a", "a", "a"], ["Enter", "a", "x"]])
def test_impatient_finger_decides_one_letter(browser, live_server, cast, officer, keys):
    cases = [cast.make_case() for _time in range(3)]
    with desk(browser, live_server, officer) as page:
        page.clock.install()
        open_triage(page)
        # No machine is slower than the finger.
        page.clock.pause_at(worlds.now() + timedelta(hours=1))
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_selector(".messagelist .success")
        for key in keys:  # it still comes down when the next letter is there
            page.keyboard.press(key)
        page.clock.resume()
        ready(page)
    assert [bool(decided(case)) for case in cases].count(True) == 1


def test_modified_keys_are_the_browsers(browser, live_server, cast, officer):
    case = cast.make_case()
    with desk(browser, live_server, officer) as page:
        open_triage(page)
        for key in ("Control+a", "Alt+x", "Control+Enter"):
            page.keyboard.press(key)
        assert page.locator("details[open]").count() == 0
    assert decided(case) == []


def test_two_officers_see_each_other_and_the_second_is_told(browser, live_server, cast, officer):
    case = cast.make_case()
    other = build_officer(*TEAM, unit="440300", username="other")
    with ExitStack() as stack:
        mine = stack.enter_context(desk(browser, live_server, officer))
        theirs = stack.enter_context(desk(browser, live_server, other))
        with mine.expect_response("**/presence/"):
            open_triage(mine, case.letter.receipt)
        open_triage(theirs, case.letter.receipt)
        theirs.wait_for_selector(f"#presence:has-text('{officer}正在看这封信')")
        mine.keyboard.press("q")
        mine.keyboard.insert_text("请补充具体的路口。")
        theirs.keyboard.press("a")
        theirs.wait_for_selector(".messagelist .success")
        mine.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        mine.wait_for_selector("#presence:has-text('有了新的办理')")
        mine.click("#step-ask_citizen form > button")
        mine.wait_for_selector("#refusal")
        assert "“受理”" in mine.inner_text("#refusal")
        assert mine.input_value("#ask_citizen-text") == "请补充具体的路口。"
        assert mine.url.endswith(f"/desk/triage/{case.letter.receipt}/")  # asked for, not posted to
        mine.reload()
        ready(mine, case.letter.receipt)
        assert mine.input_value("#ask_citizen-text") == "请补充具体的路口。"
        mine.click("#step-ask_citizen form > button")
        mine.wait_for_selector(".messagelist .success")
    assert decided(case) == ["accept", "ask_citizen"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_decision_stands_beside_the_letter_and_fits(browser, live_server, cast, officer, viewport):
    long = "夜间烧烤店噪音扰民" * 5
    cast.make_case(title=long, body=("我不想活了，" + "长" * 1900))
    with desk(browser, live_server, officer, viewport) as page:
        open_triage(page)
        assert fits(page)
        assert violations(page) == []
        alarm = page.locator(".alarm").bounding_box()
        assert alarm["y"] + alarm["height"] <= viewport["height"]
        if viewport == WIDE:
            button = page.locator("#sending > button").bounding_box()
            assert button["y"] + button["height"] <= viewport["height"]


def test_page_works_without_scripts(browser, live_server, cast, officer):
    case = cast.make_case()
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/desk/triage/")
    page.fill("#id_username", officer.username)
    page.fill("#id_password", "a long password for tests")
    page.press("#id_password", "Enter")
    page.click("#sending > button")
    page.wait_for_selector(".messagelist .success")
    context.close()
    assert decided(case) == ["accept", "dispatch"]

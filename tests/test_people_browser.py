"""The auditor's day, a leader's roster, a letter heard while on duty, and a hand-over, in a real browser."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cases import duty_notices, worlds
from cases.models import Case, Duty, Export
from cases.transitions import State
from tests.browser import violations
from tests.people import build_officer
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
FIRST_HEARD = """() => new Promise((heard) => {
  const look = () => localStorage.getItem("desk:duty-newest") ? heard() : requestAnimationFrame(look);
  look();
})"""
COUNT_SOUNDS = """() => {
  const Real = AudioContext;
  window.heard = 0;
  window.AudioContext = function () { window.heard += 1; return new Real(); };
}"""


def put_on_duty(officer):
    now = worlds.now()
    Duty.objects.create(
        unit=officer.unit, officer=officer, starts_at=now - HOUR, ends_at=now + HOUR
    )


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_auditor_finds_who_looked_and_takes_the_log_away(browser, live_server, cast, viewport):
    case = cast.make_case(at=worlds.now())
    auditor = build_officer("view_audit", unit="440300")
    with desk(browser, live_server, cast.writer) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/")
        page.fill("#reason", "核对联系电话")
        page.click(".reveal button")
        page.wait_for_selector(".revealed")
    with desk(browser, live_server, auditor, viewport) as page:
        page.goto(f"{live_server.url}/desk/audit/")
        page.fill("#who", "nobody-like-this")
        page.press("#who", "Enter")
        page.wait_for_selector(".empty")
        page.click(".clear")
        page.fill("#receipt", case.letter.receipt)
        page.press("#receipt", "Enter")
        page.wait_for_selector("table.audit")
        assert "核对联系电话" in page.inner_text("table.audit") and fits(page)
        assert violations(page) == []
        with page.expect_download() as download:
            page.click("[data-download] button")
        text = download.value.path().read_text(encoding="utf-8-sig")
        assert case.letter.receipt in text and "核对联系电话" in text
        page.click("table.audit a")
        page.wait_for_selector("#history")
        assert page.locator(".decide .step").count() == 0
    assert Export.objects.get().user == auditor


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_leader_fills_the_gap_that_the_desk_warns_of(browser, live_server, cast, viewport):
    cast.make_case(at=worlds.now())
    leader = build_officer("lead_case", unit="440300")
    officer = build_officer("triage_case", unit="440300")
    with desk(browser, live_server, leader, viewport) as page:
        page.click(".duty-line a")
        page.wait_for_selector("table.duty")
        assert page.locator("tr.today .nobody").count() == 1
        page.select_option("#id_officer", str(officer.pk))
        page.fill("#id_start", "0:00")
        page.fill("#id_end", "25:00")
        for box in page.locator("[name=days]").all():
            box.check()
        page.click("text=加入 >> visible=true")
        page.wait_for_selector(".field.wrong")
        assert (
            page.input_value("#id_start") == "0:00"
            and page.locator("[name=days]:checked").count() == 7
        )
        page.fill("#id_end", "24：00")
        page.click("form:has([name=days]) button")
        page.wait_for_selector(".messagelist .success")
        assert page.locator("table.duty .nobody").count() == 0 and fits(page)
        assert violations(page) == []
        page.goto(f"{live_server.url}/desk/")
        assert page.locator(".duty-line").count() == 0
    assert Duty.objects.count() == 7


def test_letter_that_comes_on_duty_is_said_in_the_title_until_it_is_noticed(
    browser, live_server, cast
):
    officer = build_officer("triage_case", unit="440300", duty_sound=True)
    put_on_duty(officer)
    cast.make_case(at=worlds.now())
    duty_notices.tell()
    with desk(browser, live_server, officer) as page:
        page.evaluate(COUNT_SOUNDS)
        page.evaluate(FIRST_HEARD)
        assert "您正在值班" in page.inner_text(".duty-line")
        cast.make_case(at=worlds.now())
        duty_notices.tell()
        page.evaluate("document.dispatchEvent(new Event('desk:poll'))")
        expect(page).to_have_title(re.compile("^● 新来信"))
        assert page.evaluate("window.heard") == 1
        page.keyboard.press("Shift")
        expect(page).to_have_title(re.compile("^[^●]*$"))
        with page.expect_response("**/desk/counts/**") as answer:
            page.evaluate("document.dispatchEvent(new Event('desk:poll'))")
        assert answer.value.json()["duty"]["on"]
        assert page.evaluate("window.heard") == 1 and "●" not in page.title()


def test_all_of_an_officer_is_handed_over(browser, live_server, cast):
    giver, taker = (build_officer("handle_case", unit="440304") for _each in range(2))
    liaison = build_officer("handle_case", "hand_over_case", unit="440304")
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    cast.step(case.pk, "assign", at=worlds.now(), officer=giver)
    with desk(browser, live_server, liaison, NARROW) as page:
        page.goto(f"{live_server.url}/desk/hand-over/")
        page.select_option("#id_giver", str(giver.pk))
        page.select_option("#id_taker", str(taker.pk))
        page.click("form[method=get].people-form button")
        page.wait_for_selector("table.letters")
        assert violations(page) == [] and fits(page)
        page.fill("#id_text", "病假两周")
        page.dblclick("button.default")
        page.wait_for_selector(".result")
        assert "已移交1件" in page.inner_text(".result") and violations(page) == []
    moved = Case.objects.get(pk=case.pk)
    assert moved.officer == taker and moved.seq == case.seq + 2


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_units_of_a_file_are_shown_before_they_are_taken(browser, live_server, viewport):
    manages = ("view_unit", "add_unit", "change_unit")
    administrator = build_officer(*manages, unit="440000")
    with desk(browser, live_server, administrator, viewport) as page:
        page.goto(f"{live_server.url}/admin/cases/unit/import/")
        file = {
            "name": "u.csv",
            "mimeType": "text/csv",
            "buffer": "编码,名称\n440304-77,甲所\n".encode(),
        }
        page.set_input_files("#file", file)
        page.click("form:has(#file) [type=submit]")
        page.wait_for_selector("textarea[name=text]", state="attached")
        assert "将新增1个单位" in page.inner_text("#content") and fits(page)
        assert violations(page) == []


@pytest.mark.parametrize("place", ["password_reset/", "password_reset/done/", "reset/x/y/"])
def test_axe_finds_nothing_where_a_password_is_set_anew(browser, live_server, place):
    page = browser.new_page(viewport=NARROW)
    page.goto(f"{live_server.url}/admin/{place}")
    assert fits(page) and violations(page) == []
    page.close()

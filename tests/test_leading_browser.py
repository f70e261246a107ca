"""A leader's and a supervisor's day in a real browser: read, instruct, take charge, meet, press."""

from datetime import timedelta

import pytest

from cases import worlds
from cases.models import Case, Event
from cases.transitions import State
from tests.browser import violations
from tests.desk_page import HANDLER
from tests.people import build_officer
from tests.test_desk_browser import NARROW, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_leader_reads_a_direct_report_instructs_takes_charge_and_meets(browser, live_server, cast):
    now = worlds.now()
    case = cast.make_case(State.IN_HAND, at=now - timedelta(hours=3))
    cast.step(case.pk, "escalate", at=now - timedelta(hours=1), text="涉及校园安全，请阅示。")
    leader = build_officer("lead_case", "supervise_case", unit="440300", username="leader")
    slot = (now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    with desk(browser, live_server, leader) as page:
        page.click(".desk-nav >> text=领导")
        assert "涉及校园安全，请阅示。" in page.inner_text(".items")
        assert violations(page) == []
        page.click(".items a.button")
        page.fill("#instruct-text", "请抓紧核查。")  # opened by the link
        page.click("#step-instruct button")
        page.wait_for_selector(".messagelist .success")
        page.goto(f"{page.url}#step-take_charge")
        page.click("#step-take_charge button")
        page.wait_for_selector(".standing")
        page.goto(f"{page.url}#step-arrange_meeting")
        page.select_option("#arrange_meeting-how", "online")
        page.fill("#arrange_meeting-slot", slot)
        page.fill("#arrange_meeting-link", "https://meet.example.com/1")
        page.click("#step-arrange_meeting button")
        page.wait_for_selector(".standing a")
        assert violations(page) == []
        page.click(".desk-nav >> text=领导")
        assert page.inner_text("#reports-h .count") == "0"
        assert page.inner_text("#meetings-h .count") == "1"
        assert page.inner_text("#charges-h .count") == "1"
    taken = Event.objects.filter(case=case.pk, user=leader).order_by("seq")
    assert [e.action for e in taken] == ["instruct", "take_charge", "arrange_meeting"]


def test_supervisor_gives_a_card_and_sees_it_answered(browser, live_server, cast):
    now = worlds.now()
    case = cast.make_case(State.IN_HAND, at=now - timedelta(days=9))
    supervisor = build_officer("supervise_case", "view_statistics", unit="440300", username="sup")
    handler = build_officer("handle_case", unit=HANDLER, username="handler")
    with desk(browser, live_server, supervisor) as page:
        page.click("table.letters a")
        page.goto(f"{page.url}#step-supervise")
        page.select_option("#supervise-level", "yellow")
        page.fill("#supervise-text", "请说明原因。")
        page.click("#step-supervise button")
        page.wait_for_selector(".messagelist .success")
        page.click(".desk-nav >> text=督办")
        assert page.inner_text("table.by-unit tbody tr") == "福田分局\t1\t0\t1"
        assert "未答复" in page.inner_text("table.register")
        assert violations(page) == []
    with desk(browser, live_server, handler) as page:
        page.goto(f"{live_server.url}/desk/{case.letter.receipt}/#step-answer_supervision")
        page.fill("#answer_supervision-text", "人手不足，今天办。")
        page.click("#step-answer_supervision button")
        page.wait_for_selector(".messagelist .success")
        assert page.query_selector("#step-answer_supervision") is None
    with desk(browser, live_server, supervisor, NARROW) as page:
        page.goto(f"{live_server.url}/desk/supervision/")
        assert "人手不足，今天办。" in page.inner_text("table.register")
        assert fits(page) and violations(page) == []
        with page.expect_download() as saved:
            page.click("text=导出全部")
        assert saved.value.suggested_filename == "supervision.csv"
    assert Case.objects.get(pk=case.pk).supervision == ""

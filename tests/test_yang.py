"""The founding text's case, from letter to banner: a help letter that a leader took up.

Mr Yang of Huidong wrote to the head of the department about a case seven years old. The
head read it, met him on line, the case was solved, and he sent a silk banner.
"""

import re
from datetime import timedelta

import pytest
from django.core import mail

from cases import access, actors, worlds
from cases.models import Case, Incident
from cases.statistics import measure
from cases.transitions import State
from cases.workflow import perform
from mailbox.notices import send_notices
from tests.citizens import open_letter, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


@pytest.fixture
def office(make_officer):
    """Those who have a part in it, each with the rights of their own post only."""
    return {
        "desk": make_officer("triage_case", "dispatch_case", unit="440000"),
        "leader": make_officer("lead_case", unit="440000"),
        "city": make_officer("handle_case", unit="441300"),
        "county": make_officer("handle_case", unit="441323"),
        "reviewer": make_officer("review_reply", unit="441323"),
    }


# Day, who, what. The head met the writer on the 60th day after the mailbox opened.
HANDLING = [
    (0, "desk", "accept", {}),
    (1, "leader", "instruct", {"text": "请惠州市局认真核查，七年的积案要给群众一个交代。"}),
    (1, "desk", "dispatch", {"unit": "441300"}),
    (1, "city", "forward_down", {"unit": "441323"}),
    (1, "county", "sign", {}),
    (1, "county", "contact", {"how": "phone", "reached": True}),
    (2, "county", "feedback", {"text": "已成立专班，重新核查全部案卷。"}),
    (6, "leader", "meet", {"how": "online"}),
    (12, "county", "record_incident", {"number": "惠东刑侦〔2021〕60号"}),
    (13, "county", "record_result", {"result": "done"}),
    (13, "county", "propose_reply", {"text": "杨先生：七年前的案件已告破，嫌疑人已到案。"}),
    (13, "reviewer", "approve_reply", {}),
]


def handle(case_id, office, start):
    """Take the office's steps, each on its day."""
    for day, who, action, fields in HANDLING:
        at = start + timedelta(days=day, minutes=5)
        perform(case_id, action, actor=actors.officer(office[who]), at=at, **fields)


def test_from_letter_to_banner(client, office, monkeypatch):
    receipt, code = send(
        client,
        mailbox="440000",
        kind="help",
        category="criminal",
        title="七年前的案件至今没有结果",
        body="2014年我家在惠东县发生的案件，至今没有破案，恳请厅长过问。",
        place="惠东县",
    )
    case = Case.objects.get(letter__receipt=receipt)
    handle(case.pk, office, case.received_at)
    two_weeks_on = case.received_at + timedelta(days=14)
    monkeypatch.setattr(worlds, "now", lambda: two_weeks_on)

    page = open_letter(client, receipt, code).text
    told = re.findall(r"<p>([^<]+)</p>", page[page.index('class="steps"') :])
    assert told[:9] == [
        "您的来信已收到。",
        "信箱已受理您的来信。",
        "来信已交惠州市公安局办理。",
        "来信已转惠东县公安局办理。",
        "惠东县公安局已签收，开始办理。",
        "惠东县公安局已与您联系。",
        "惠东县公安局向您反馈了进展。",
        "公安机关负责人会见了您，听取您的诉求。",
        "惠东县公安局已答复您。",
    ]
    assert "七年前的案件已告破" in page and "给群众一个交代" not in page

    def post(action, **fields):
        seen = Case.objects.get(pk=case.pk).seq
        return client.post(f"/follow/case/{action}/", {"seen": seen, **fields}, follow=True).text

    assert "您已评价" in post("rate", satisfied="yes", solved="yes", text="等了七年，谢谢！")
    assert "执法为民" in post("thank", form="banner", text="执法为民 破案神速")
    assert "已办结" in post("close")

    case.refresh_from_db()
    assert (case.state, case.satisfied, case.solved_said) == (State.CLOSED, True, True)
    assert Incident.objects.get().case_id == case.pk
    hits = {hit.measure for hit in measure(case.kind, list(case.events.order_by("seq")))}
    assert {"received", "replied", "solved", "banners", "closed"} <= hits

    assert send_notices() == 5  # received, accepted, feedback, replied, closed
    assert "惠东县公安局已答复您" in mail.outbox[3].body
    assert all("交代" not in message.body for message in mail.outbox)


def test_station_that_has_no_part_in_it_sees_nothing(client, office, make_officer):
    receipt, _code = send(client, mailbox="440000", title="七年前的案件至今没有结果")
    case = Case.objects.get(letter__receipt=receipt)
    handle(case.pk, office, case.received_at)
    stranger = make_officer("handle_case", unit="440304")
    assert not access.visible_cases(stranger).exists()

"""The page of one letter: what it shows to whom."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import attachments, worlds
from cases.desk.forms import StepForm
from cases.fields import FIELDS
from cases.models import Case, Disclosure
from cases.transitions import TRANSITIONS, State
from cases.workflow import WITH_FILES
from tests.desk_page import CITY, HANDLER, OFFICERS_ROWS, address, offered, page, take
from tests.people import MORNING, PERSON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

# Not offered while there is nothing that they would answer, end or follow.
NOTHING_TO_END = set(
    "answer_supervision refuse_extension release_charge cancel_meeting decide_filing record_finding"
    " record_rectification end_rectification clear_accused end_recusal".split()
)

# -- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_page_offers_what_table_and_rights_allow(client, cast, state):
    case = cast.make_case(state, at=worlds.now())
    expected = {r.action for r in OFFICERS_ROWS if state in r.sources} - NOTHING_TO_END
    assert set(offered(page(client, cast.writer, case))) == expected


@pytest.mark.parametrize(
    ("permission", "state", "expected"),
    [
        ("review_reply", State.IN_REVIEW, ["approve_reply", "send_back_reply"]),
        ("dispatch_case", State.ACCEPTED, ["dispatch", "transfer_out"]),
        ("note_case", State.CLOSED, ["note", "recuse"]),
        ("view_audit", State.RECEIVED, []),
    ],
)
def test_page_offers_nothing_that_rights_do_not_allow(
    client, make_case, make_officer, permission, state, expected
):
    officer = make_officer(permission, "view_audit", unit=CITY)
    answer = page(client, officer, make_case(state))
    assert offered(answer) == expected
    assert ("没有可做的操作" in answer.content.decode()) == (not expected)


@pytest.mark.parametrize("row", OFFICERS_ROWS, ids=lambda row: row.action)
def test_every_field_of_the_table_has_a_form_field(cast, row):
    case = cast.make_case(State.IN_HAND)
    form = StepForm(row, cast.writer, case)
    files = ["files"] if row.action in WITH_FILES else []
    shown = [name for name in (*row.requires, *row.allows) if name != "to_merged"]
    assert list(form.fields) == shown + files  # nothing is merged into it
    for name in shown:
        codes = {code for code, _label in FIELDS[name].choices}
        widget = form.fields[name].widget
        assert codes <= {code for code, _label in getattr(widget, "choices", ())} or not codes
        assert widget.attrs.get("required", False) == (name in row.requires)


def test_units_and_officers_to_choose_are_those_that_fit(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    here, _away = make_officer(unit=HANDLER), make_officer(unit=CITY)
    officers = StepForm(TRANSITIONS["assign"], cast.writer, case).fields["officer"].widget.choices
    assert [pk for pk, _name in officers] == ["", here.pk]
    units = StepForm(TRANSITIONS["forward_down"], cast.writer, case).fields["unit"].widget.choices
    codes = [code for _level, group in units[1:] for code, _name in group]
    assert codes and all(code.startswith(HANDLER) for code in codes)


def test_next_step_follows_the_clock(client, cast, make_officer):
    handler = make_officer("handle_case", unit=HANDLER)
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    for action, typed in (
        ("contact", {"how": "phone", "reached": "yes"}),
        ("feedback", {"text": "已派人查看。"}),
        ("record_result", {"result": "done"}),
        ("propose_reply", {"text": "已修好。"}),
    ):
        assert offered(page(client, handler, case))[0] == action
        assert take(client, case, action, **typed).status_code == 302
    assert Case.objects.get(pk=case.pk).state == State.IN_REVIEW


def test_history_tells_each_step_in_words(client, cast):
    case = cast.make_case(State.CLOSED, at=worlds.now() - timedelta(days=1))
    case.refresh_from_db()
    text = page(client, cast.writer, case).content.decode()
    for words in ("收到来信", "转到 福田分局", "方式：电话", "是否联系上：是", "办理结果：已办成"):
        assert words in text
    assert "已派人到现场查看。" in text and "→ 已办结" in text
    lines = client.get(address(case)).context["history"]
    assert [line.seq for line in lines] == list(range(case.seq, 0, -1))


def test_late_steps_are_marked(client, cast):
    case = cast.make_case()
    cast.step(case.pk, "accept", at=MORNING + timedelta(hours=2))
    lines = page(client, cast.writer, case).context["history"]
    assert [(line.label, line.late) for line in lines] == [
        ("受理", "1小时50分钟"),
        ("收到来信", ""),
    ]


def test_standard_texts_are_shown_as_sentences(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "feedback", template="feedback.help")
    assert "福田分局已收到您的求助" in page(client, cast.writer, case).content.decode()


def test_page_takes_as_many_queries_however_long_the_history(client, cast):
    case = cast.make_case(State.IN_HAND)
    page(client, cast.writer, case)
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(address(case))
        counts.append(len(captured))
        for _time in range(5):
            cast.step(case.pk, "note", text="备注")
    assert counts[0] == counts[1] <= 45


def test_every_due_time_is_shown_with_what_was_kept(client, cast):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    clocks = page(client, cast.writer, case).context["clocks"]
    words = [(one.clock, one.word) for one in clocks]
    assert words == [
        ("受理", "按期完成"),
        ("签收", "按期完成"),
        ("联系来信人", "正常"),
        ("首次反馈", "正常"),
        ("答复", "正常"),
        ("法定期限", "正常"),
    ]


def test_merged_letters_lead_to_each_other(client, cast):
    main, inside = cast.make_case(), cast.make_case()
    cast.merge_into(main, inside)
    assert address(inside) in page(client, cast.writer, main).content.decode()
    text = page(client, cast.writer, inside).content.decode()
    assert address(main) in text and "主件编号：" + main.letter.receipt in text


def test_attachment_is_downloaded_by_who_sees_the_letter(client, cast, make_officer):
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    stored = attachments.store(SimpleUploadedFile("现场.png", png))
    case = cast.make_case(attachments=(stored,))
    file = case.letter.attachments.get()
    client.force_login(cast.writer)
    answer = client.get(address(case, f"attachment/{file.pk}/"))
    assert answer.headers["Content-Type"] == "image/png" and answer.content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    client.force_login(make_officer("triage_case", unit="440100"))
    assert client.get(address(case, f"attachment/{file.pk}/")).status_code == 404
    client.force_login(cast.writer)
    (Path(settings.MEDIA_ROOT) / file.path).unlink()
    answer = client.get(address(case, f"attachment/{file.pk}/"))
    assert (
        answer.status_code == 404
        and "附件“现场.png”的文件已不在服务器上" in answer.content.decode()
    )


# -- absent and forbidden ----------------------------------------------------------------------


def test_absent_hidden_and_accused_get_the_same_bytes(client, cast, make_officer):
    case = cast.make_case(State.ACCEPTED, kind="complaint", accused_unit=HANDLER)
    accused = make_officer("handle_case", "view_audit", unit=HANDLER)
    client.force_login(accused)
    answers = [
        client.get(address(case)),
        client.get("/desk/PA-2222-2222-22/"),
        client.get("/desk/nonsense/"),
        client.post(address(case, "note/"), {"seen": 1, "text": "x"}),
        client.post(address(case, "nonsense/")),
        client.post(address(case, "identity/"), {"reason": "想知道"}),
        client.get("/desk/overview/"),
    ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert case.letter.receipt not in client.get("/desk/?scope=all").content.decode()


# -- who wrote ---------------------------------------------------------------------------------


def test_identity_is_masked_until_a_reason_is_given_and_then_shown_once(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    handler = make_officer("handle_case", "reveal_identity", unit=HANDLER)
    text = page(client, handler, case).content.decode()
    assert PERSON["phone"] not in text and PERSON["name"] not in text and "195****0000" in text
    refused = client.post(address(case, "identity/"), {"reason": " "})
    assert refused.status_code == 409 and PERSON["phone"] not in refused.content.decode()
    shown = client.post(address(case, "identity/"), {"reason": "电话联系来信人"})
    assert PERSON["phone"] in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    kept = Disclosure.objects.get()
    assert (kept.user, kept.letter_id, kept.reason) == (handler, case.pk, "电话联系来信人")
    assert PERSON["phone"] not in client.get(address(case)).content.decode()


def test_handlers_of_a_report_see_nothing_of_its_writer(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND, kind="report", confidential=True)
    handler = make_officer("handle_case", "reveal_identity", unit=HANDLER)
    text = page(client, handler, case).content.decode()
    for shown in (*PERSON.values(), "195****0000", "测**", "保密"):
        assert shown not in text
    assert "来信人信息不对您显示" in text
    answer = client.post(address(case, "identity/"), {"reason": "想联系来信人"})
    assert answer.status_code == 409 and PERSON["phone"] not in answer.content.decode()
    assert not Disclosure.objects.exists()


def test_auditors_see_who_looked(client, cast, make_officer):
    case = cast.make_case()
    client.force_login(cast.writer)
    client.post(address(case, "identity/"), {"reason": "核对电话"})
    auditor = make_officer("view_audit", unit=CITY)
    assert "核对电话" in page(client, auditor, case).content.decode()
    assert "核对电话" in client.get("/desk/audit/").content.decode()
    other = make_officer("view_audit", unit="440100")
    client.force_login(other)
    assert "核对电话" not in client.get("/desk/audit/").content.decode()
    handler = make_officer("triage_case", unit=CITY)
    assert "核对电话" not in page(client, handler, case).content.decode()
    assert client.get("/desk/audit/").status_code == 404


def test_hostile_text_is_shown_as_text(client, cast):
    case = cast.make_case(title="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    cast.step(case.pk, "note", text="<b onclick=alert(1)>备注</b>")
    text = page(client, cast.writer, case).content.decode()
    for hostile in ("<script>alert", "<img src=x", "<b onclick"):
        assert hostile not in text
    assert 'style="' not in text

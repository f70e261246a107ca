"""Taking a step from the page of one letter: done once, said, or refused with all that was typed."""

import pytest

from cases import actors
from cases.desk import steps
from cases.desk.forms import StepForm
from cases.models import Case
from cases.transitions import TRANSITIONS, State
from cases.workflow import perform
from tests.desk_page import HANDLER, OFFICERS_ROWS, address, offered, page, take
from tests.people import MORNING, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


def test_step_is_taken_and_said(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    answer = client.post(address(case, "accept/"), {"seen": case.seq}, follow=True)
    assert answer.redirect_chain == [(address(case), 302)]
    assert "“受理”已完成。" in answer.content.decode()
    assert Case.objects.get(pk=case.pk).state == State.ACCEPTED


def test_get_takes_no_step(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    assert client.get(address(case, "accept/")).status_code == 405
    assert client.get(address(case, "identity/")).status_code == 405
    assert Case.objects.get(pk=case.pk).seq == case.seq


@pytest.mark.parametrize("action", ["receive", "rate", "supply", "close", "nonsense"])
def test_steps_that_are_not_an_officers_are_absent(client, cast, action):
    case = cast.make_case(State.REPLIED)
    client.force_login(cast.writer)
    assert take(client, case, action, text="x").status_code == 404


def test_refusal_keeps_what_was_typed(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    answer = take(client, case, "decline", decline_reason="not_ours", text="请向城管反映")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "请填写：应向何处反映。" in text and text.count("autofocus") == 1
    assert "请向城管反映" in text and '<option value="not_ours" selected>' in text
    assert 'id="step-decline" open' in text
    assert Case.objects.get(pk=case.pk).seq == case.seq


def test_rule_that_refuses_is_said_at_its_form(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(cast.writer)
    answer = take(client, case, "propose_reply", text="已处理。")
    assert "请先登记办理结果" in answer.content.decode()
    assert "已处理。" in answer.content.decode()


def test_second_save_is_told_of_the_first_and_keeps_what_was_typed(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "note", text="我先记一笔")
    client.force_login(cast.reviewer)
    answer = take(client, case, "feedback", seen=case.seq, text="我写了很久的反馈")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert f"{cast.writer}已于" in text and "“内部备注”" in text
    assert "我写了很久的反馈" in text and "我先记一笔" in text
    assert take(client, case, "feedback", text="我写了很久的反馈").status_code == 302


def test_what_was_typed_is_kept_even_when_the_step_is_gone(client, cast):
    case = cast.make_case(State.ACCEPTED)
    cast.step(case.pk, "dispatch", unit=HANDLER)
    client.force_login(cast.reviewer)
    answer = take(client, case, "decline", seen=case.seq, text="我写了很久的理由")
    assert "您刚才填写的内容" in answer.content.decode()
    assert "我写了很久的理由" in answer.content.decode()


def test_double_click_is_one_step(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    first = take(client, case, "accept", seen=case.seq)
    second = take(client, case, "accept", seen=case.seq)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Case.objects.get(pk=case.pk).seq == case.seq + 1


def test_other_words_sent_from_an_old_page_are_not_taken_for_a_double_click(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    take(client, case, "note", seen=case.seq, text="第一条")
    answer = take(client, case, "note", seen=case.seq, text="第二条")
    assert answer.status_code == 409 and "第二条" in answer.content.decode()


@pytest.mark.parametrize("seen", ["", "x", "-1", "９", "9" * 20, "9" * 4301])
def test_step_without_the_pages_mark_is_refused(client, cast, seen):
    case = cast.make_case()
    client.force_login(cast.writer)
    assert take(client, case, "accept", seen=seen).status_code == 409
    assert Case.objects.get(pk=case.pk).seq == case.seq


def test_letter_that_leaves_my_sight_leads_back_to_the_list(client, cast, make_officer):
    case = cast.make_case(State.DISPATCHED)
    client.force_login(make_officer("handle_case", unit=HANDLER))
    typed = {"return_reason": "not_our_area", "text": "不属本辖区"}
    answer = take(client, case, "return_to_desk", **typed)
    assert answer.url == "/desk/"


@pytest.mark.parametrize("row", OFFICERS_ROWS, ids=lambda row: row.action)
def test_nonsense_is_refused_without_an_error(client, cast, row):
    case = cast.make_case(row.sources[0] if row.sources[0] != State.MERGED else State.IN_HAND)
    client.force_login(cast.writer)
    typed = dict.fromkeys((*row.requires, *row.allows), "\x00<b>％😀" * 30)
    assert take(client, case, row.action, **typed).status_code in (302, 409)


def test_double_click_is_told_from_the_officers_own_next_step(cast):
    case = cast.make_case()
    form = StepForm(TRANSITIONS["accept"], cast.writer, case, {})
    perform(case.pk, "accept", actor=actors.officer(cast.reviewer), at=MORNING)
    assert not steps._is_sent_twice(cast.writer, case, form, case.seq)
    assert steps._is_sent_twice(cast.reviewer, case, form, case.seq)


def test_after_three_returns_the_page_says_that_a_leader_decides_and_offers_it_to_no_other(
    client, cast
):
    case = cast.make_case(State.ACCEPTED)
    for _time in range(3):
        cast.step(case.pk, "dispatch", unit=HANDLER)
        cast.step(case.pk, "return_to_desk", return_reason="not_our_duty", text="不归我们管。")
    dispatcher = build_officer("dispatch_case", unit="440300")
    leader = build_officer("dispatch_case", "lead_case", unit="440300")
    for user, may in ((dispatcher, False), (leader, True)):
        answer = page(client, user, case)
        assert "已退回3次，由领导指定办理单位" in answer.content.decode()
        assert ("dispatch" in offered(answer)) is may
    assert take(client, case, "dispatch", unit=HANDLER).status_code == 302

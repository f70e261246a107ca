"""How a letter stands in its writer's words, and what the writer of a merged letter is led to."""

from datetime import datetime, timedelta

import pytest

from cases import worlds
from cases.calendars import SHANGHAI
from cases.refusals import GuardRefused
from cases.transitions import State
from mailbox import standing
from tests.citizens import Sent, open_letter, typed
from tests.desk_page import page
from tests.people import PERSON

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        ({"hours": 1}, "今天"),
        ({"hours": 13}, "明天"),
        ({"days": 2}, "后天"),
        ({"days": 9}, "还有9天"),
        ({"minutes": -1}, "刚过期限"),
        ({"hours": -13}, "已过期限1天"),
        ({"days": -4}, "已过期限4天"),
    ],
)
def test_days_are_counted_by_the_calendar_of_guangdong(length, words):
    assert standing.days_left(NOON + timedelta(**length), NOON) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RECEIVED, "信箱受理来信"),
        (State.DISPATCHED, "办理单位签收"),
        (State.IN_HAND, "办理单位打电话联系您"),
        (State.AWAITING_CITIZEN, "请在此前补充"),
        (State.REPLIED, "到期自动办结"),
    ],
)
def test_page_says_who_has_it_and_what_comes_by_when(letter, state, words):
    text = letter.walk(state).page()
    assert words in text
    if state in (State.IN_HAND, State.DISPATCHED):
        assert "现在由谁办理" in text and "福田分局" in text and "最迟答复" in text


@pytest.mark.django_db
def test_page_says_when_the_meeting_is_until_it_is_called_off(letter):
    letter.walk(State.IN_HAND)
    slot = f"{(worlds.now() + timedelta(days=1)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    letter.cast.step(letter.pk, "arrange_meeting", at=worlds.now(), how="online", slot=slot)
    text = letter.page()
    assert "与负责人会见" in text and "方式：网上视频。详情见下面的经过。" in text
    letter.cast.step(letter.pk, "cancel_meeting", at=worlds.now(), text="改期。")
    assert "与负责人会见" not in letter.page()


def answered(letter, text="测试来信人您好，红绿灯已修好。电话19500000000。", /, **choice):
    """Merge the letter into another person's and answer that one; return the main case."""
    cast, at = letter.cast, worlds.now()
    main = cast.make_case(State.IN_HAND, at=at, title="别人信的标题，不可见")
    cast.merge_into(main, letter.case, at=at)
    cast.step(main.pk, "record_result", at=worlds.now(), result="done")
    cast.step(main.pk, "propose_reply", at=worlds.now(), text=text, **choice)
    return main


@pytest.mark.django_db
def test_merged_letter_leads_to_the_answer_without_the_other_writer(letter):
    main = answered(letter, to_merged="yes")
    assert "红绿灯已修好" not in letter.page()  # not before it is approved
    letter.cast.step(main.pk, "approve_reply", at=worlds.now())
    text = letter.page()
    assert "***您好，红绿灯已修好。电话***。" in text and "请您评价" not in text
    for secret in (PERSON["name"], PERSON["phone"], main.letter.receipt, main.letter.title):
        assert secret not in text


@pytest.mark.django_db
@pytest.mark.parametrize("choice", [{}, {"to_merged": "no"}])
def test_answer_that_was_not_opened_to_others_stays_with_its_writer(letter, choice):
    main = answered(letter, **choice)
    letter.cast.step(main.pk, "approve_reply", at=worlds.now())
    text = letter.page()
    assert "红绿灯已修好" not in text and "不能在这里显示" in text


@pytest.mark.django_db
def test_only_the_approved_version_counts(letter):
    main = answered(letter, to_merged="yes")
    letter.cast.step(main.pk, "send_back_reply", at=worlds.now(), text="涉及个人情况。")
    letter.cast.step(main.pk, "propose_reply", at=worlds.now(), text="第二稿：灯已修好。")
    letter.cast.step(main.pk, "approve_reply", at=worlds.now())
    assert "灯已修好" not in letter.page()


@pytest.mark.django_db
def test_answer_to_a_confidential_letter_goes_to_nobody_else(cast):
    main = cast.make_case(State.IN_HAND, confidential=True)
    cast.step(main.pk, "record_result", result="done")
    with pytest.raises(GuardRefused, match="保密"):
        cast.step(main.pk, "propose_reply", text="红绿灯已修好。", to_merged="yes")


@pytest.mark.django_db
def test_writer_of_a_merged_letter_does_not_learn_what_the_other_did(letter):
    main = letter.cast.make_case(at=worlds.now())
    letter.cast.merge_into(main, letter.case, at=worlds.now())
    letter.cast.step(main.pk, "withdraw", at=worlds.now())
    text = letter.page()
    assert "您已撤回" not in text and "合并已撤销，来信单独办理" in text


@pytest.mark.django_db
def test_officer_is_asked_and_reviewer_told_only_where_letters_are_inside(client, letter):
    cast = letter.cast
    alone = cast.make_case(State.IN_HAND, at=worlds.now())
    assert 'name="to_merged"' not in page(client, cast.writer, alone).text
    main = answered(letter, to_merged="yes")
    assert "并入的1封来信的来信人也会看到" in page(client, cast.reviewer, main).text
    cast.step(main.pk, "send_back_reply", at=worlds.now(), text="请改。")
    asked = page(client, cast.writer, main).text
    assert '<option value="yes" selected>' in asked.split('name="to_merged"')[1][:400]


@pytest.mark.django_db
@pytest.mark.parametrize("secret", [{}, {"kind": "report"}, {"confidential": "on"}])
def test_nobody_whose_number_the_unit_cannot_see_is_promised_a_call(client, cast, secret):
    letter = Sent(client, cast, **secret).walk(State.IN_HAND)
    receipt = client.post("/write/", typed(**secret), follow=True).text
    for text, promised in ((letter.page(), "办理单位打电话联系您"), (receipt, "请留意来电")):
        assert (promised in text) is not bool(secret)


@pytest.mark.django_db
def test_time_does_not_run_while_the_writer_is_asked(letter):
    text = letter.walk(State.AWAITING_CITIZEN).page()
    assert "等您补充期间不计时" in text and "还有" in text


@pytest.mark.django_db
def test_extension_is_told_with_its_reason(letter):
    letter.walk(State.IN_HAND)
    letter.cast.step(letter.pk, "extend", at=worlds.now(), days=5, text="需要现场勘查。")
    text = letter.page()
    assert "已延期5天" in text and "需要现场勘查。" in text


@pytest.mark.django_db
def test_late_answer_is_told_kindly_with_a_way_to_press(letter, monkeypatch):
    letter.walk(State.IN_HAND)
    late = letter.case.reply_due_at + timedelta(days=3)
    monkeypatch.setattr(worlds, "now", lambda: late)
    open_letter(letter.client, letter.receipt, letter.code)
    text = letter.page()
    assert "已过期限3天" in text and "很抱歉" in text and "/follow/case/urge/" in text


@pytest.mark.django_db
def test_petition_shows_its_legal_limit_beside_the_promise(client, cast):
    letter = Sent(client, cast, kind="complaint").walk(State.IN_HAND)
    assert letter.case.legal_due_at
    text = letter.page()
    assert "法定期限" in text and "信访事项" in text
    assert "法定期限" not in Sent(client, cast, kind="consult").walk(State.IN_HAND).page()

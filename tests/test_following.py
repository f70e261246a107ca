"""Following a letter: what its writer sees, what they can do, and what nobody may."""

from datetime import timedelta

import pytest
from django.test import Client

from cases import actors, throttle, worlds
from cases.transitions import BY_CITIZEN, TRANSITIONS, State, actions_from
from cases.workflow import perform
from mailbox import wording
from mailbox.views.follow import PER_LETTER
from tests.citizens import open_letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
CITIZENS = {a for a, row in TRANSITIONS.items() if BY_CITIZEN in row.roles and a != "receive"}


def test_every_action_of_the_citizen_has_words():
    assert wording.DOINGS.keys() == CITIZENS


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("state", [s for s in State if s != State.MERGED])
def test_each_state_offers_just_what_the_table_allows(letter, state, language):
    letter.client.cookies["django_language"] = language
    page = letter.walk(state).page()
    table = {row.action for row in actions_from(state, BY_CITIZEN)} - {"urge"}
    offered = {action for action in CITIZENS if f'/follow/case/{action}/"' in page}
    assert offered == table  # nothing is late yet, so urging is refused by its guard


def test_post_needs_its_csrf_token(cast):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/follow/", {}).status_code == 403
    assert strict.post("/follow/case/close/", {}).status_code == 403
    assert strict.post("/follow/leave/", {}).status_code == 403


SECRET = "只给内部看的一句话"
INTERNAL = [
    (State.IN_HAND, "note", {"text": SECRET}),
    (State.IN_HAND, "instruct", {"text": SECRET}),
    (State.IN_HAND, "escalate", {"text": SECRET}),
    (State.IN_HAND, "urge", {"text": SECRET}),
    (State.IN_HAND, "supervise", {"level": "red", "text": SECRET}),
    (State.IN_HAND, "return_to_desk", {"return_reason": "not_our_duty", "text": SECRET}),
    (State.IN_HAND, "contact", {"how": "phone", "reached": True, "text": SECRET}),
    (State.IN_HAND, "meet", {"how": "online", "text": SECRET}),
    (State.IN_HAND, "forward_down", {"unit": "440304-01", "text": SECRET}),
    (State.ACCEPTED, "dispatch", {"unit": "440304", "text": SECRET}),
    (State.IN_REVIEW, "send_back_reply", {"text": SECRET}),
    (State.REPLIED, "call_back", {"reached": True, "text": SECRET}),
]


@pytest.mark.parametrize(("state", "action", "fields"), INTERNAL)
def test_internal_words_are_on_no_page(letter, state, action, fields):
    letter.walk(state)
    letter.cast.step(letter.pk, action, at=worlds.now(), **fields)
    assert SECRET not in letter.page()


def test_reply_is_hidden_until_it_is_approved(letter):
    letter.walk(State.IN_REVIEW)
    assert "红绿灯已修好" not in letter.page()
    letter.cast.step(letter.pk, "send_back_reply", at=worlds.now(), text="写清楚些")
    letter.cast.step(letter.pk, "propose_reply", at=worlds.now(), text="第二稿：灯已修好。")
    letter.cast.step(letter.pk, "approve_reply", at=worlds.now())
    page = letter.page()
    assert "第二稿：灯已修好。" in page and "感谢您的来信" not in page


def test_standard_reply_is_written_out(letter):
    letter.walk(State.IN_HAND)
    letter.cast.step(letter.pk, "record_result", at=worlds.now(), result="done")
    letter.cast.step(letter.pk, "propose_reply", at=worlds.now(), template="reply.done")
    letter.cast.step(letter.pk, "approve_reply", at=worlds.now())
    page = letter.page()
    assert "给您的答复" in page and "reply.done" not in page and "{" not in page


def test_question_is_answered(letter):
    letter.walk(State.AWAITING_CITIZEN)
    assert "请说明具体路口。" in letter.page()
    page = letter.post("supply", seen=letter.case.seq, text="中山路口。")
    assert letter.case.state == State.IN_HAND
    assert "中山路口。" in page.text and "已提交" in page.text


@pytest.mark.parametrize(
    ("action", "state", "missing"),
    [
        ("add", State.IN_HAND, ["请填写“新的情况”。"]),
        ("rate", State.REPLIED, ["您的问题解决了吗？", "您对这次办理满意吗？"]),
        ("thank", State.REPLIED, ["以什么形式致谢", "请填写“感谢的话”。"]),
    ],
)
def test_empty_answer_is_refused_with_a_link_to_each_field_by_its_name(
    letter, action, state, missing
):
    letter.walk(state)
    answer = letter.post(action, seen=letter.case.seq, text="\x00 ")
    listed = answer.text.split("请先更正")[1].split("</ul>")[0]
    assert listed.count('href="#id_') == len(missing)
    assert all(words in listed for words in missing)


def test_too_long_a_text_is_refused_and_kept(letter):
    answer = letter.post("add", seen=letter.case.seq, text="长" * 5001)
    assert "现有5001个字" in answer.text and "长" * 5001 in answer.text


@pytest.mark.parametrize("seen", ["", "-1", "x", "²", "9" * 30])
def test_damaged_page_number_harms_nothing(letter, seen):
    assert "已提交" in letter.post("add", seen=seen, text="新的情况").text


def test_officers_step_meanwhile_stops_no_citizen(letter):
    seen = letter.case.seq
    letter.walk(State.IN_HAND)
    assert "新的情况" in letter.post("add", seen=seen, text="新的情况").text


def test_one_letter_is_added_to_so_often_in_a_day_and_no_oftener(letter):
    for _time in range(PER_LETTER[0]):
        throttle.note("letter add", str(letter.pk))
    page = letter.post("add", seen=letter.case.seq, text="还有一句话").text
    assert "请明天再试" in page and "还有一句话" in page and letter.case.seq == 1
    assert "已提交" in letter.post("withdraw", seen=letter.case.seq).text


def test_step_that_came_too_late_is_refused_and_its_text_kept(letter):
    seen = letter.case.seq
    letter.walk(State.REPLIED)
    answer = letter.post("add", seen=seen, text="来不及说的话")
    assert "来不及说的话" in answer.text and "来信有了变化：已答复" in answer.text
    assert 'href="/follow/case/reopen/"' in answer.text
    assert letter.case.state == State.REPLIED


def test_urging_is_offered_only_when_late(letter, monkeypatch):
    assert "/follow/case/urge/" not in letter.page()
    late = worlds.now() + timedelta(hours=1)  # a letter is accepted within minutes
    monkeypatch.setattr(worlds, "now", lambda: late)
    open_letter(letter.client, letter.receipt, letter.code)
    assert "/follow/case/urge/" in letter.page()
    assert "已提交" in letter.post("urge", seen=letter.case.seq).text
    assert "您催办了一次。" in letter.page()


def test_rating_reopening_once_and_closing(letter):
    letter.walk(State.REPLIED)
    letter.post("rate", seen=letter.case.seq, satisfied="no", solved="no", text="没修好")
    case = letter.case
    assert (case.satisfied, case.solved_said) == (False, False)
    page = letter.page()
    assert (
        "/follow/case/rate/" not in page and "没修好" in page and "问题没有解决，可以申请" in page
    )
    letter.post("reopen", seen=letter.case.seq, text="灯还是坏的。")
    assert letter.case.state == State.IN_HAND
    letter.walk(State.REPLIED, start=3)
    assert "/follow/case/reopen/" not in letter.page()
    letter.post("close", seen=letter.case.seq)
    assert letter.case.state == State.CLOSED


def test_thanks_are_offered_in_the_forms_that_are_left(letter):
    letter.walk(State.CLOSED)
    letter.post("thank", seen=letter.case.seq, form="banner", text="人民卫士")
    form = letter.client.get("/follow/case/thank/").text
    assert 'value="letter"' in form and 'value="banner"' not in form
    letter.post("thank", seen=letter.case.seq, form="letter", text="谢谢你们")
    assert "/follow/case/thank/" not in letter.page()


def test_refusal_says_why_and_where_to_go_and_can_be_objected_to_once(letter):
    letter.walk(State.DECLINED)
    page = letter.page()
    assert "不属公安机关职权" in page and "12345 政务服务便民热线" in page
    letter.post("reconsider", seen=letter.case.seq, text="这是公安的事。")
    assert letter.case.state == State.RECEIVED
    letter.walk(State.DECLINED)
    assert "/follow/case/reconsider/" not in letter.page()


def test_withdrawing_asks_first(letter):
    asked = letter.client.get("/follow/case/withdraw/")
    assert "不能恢复" in asked.text and letter.case.state == State.RECEIVED
    letter.post("withdraw", seen=letter.case.seq)
    assert letter.case.state == State.WITHDRAWN


def test_merged_letter_shows_the_state_of_the_main_one(letter):
    main = letter.cast.make_case(State.IN_HAND, at=worlds.now(), title="别人信的标题，不可见")
    letter.cast.merge_into(main, letter.case, at=worlds.now())
    page = letter.page()
    assert "合并办理" in page and "办理单位正在办理" in page
    assert "别人信的标题" not in page and main.letter.receipt not in page


@pytest.mark.parametrize("action", ["note", "accept", "approve_reply", "nonsense", "receive"])
def test_officers_actions_have_no_page(letter, action):
    assert letter.client.get(f"/follow/case/{action}/").status_code == 404
    assert letter.client.post(f"/follow/case/{action}/").status_code == 404


def test_stranger_can_do_nothing(letter):
    stranger = Client()
    for action in CITIZENS:
        assert "还没有提交" in stranger.post(f"/follow/case/{action}/", {"text": "x"}).text
    assert letter.case.seq == 1


def test_name_of_no_officer_is_shown(letter):
    letter.walk(State.IN_HAND)
    officer = letter.cast.writer
    perform(letter.pk, "note", actor=actors.officer(officer), at=worlds.now(), text="x")
    assert officer.first_name not in letter.page() and officer.username not in letter.page()


def test_letter_in_review_can_still_be_withdrawn(letter):
    letter.walk(State.IN_REVIEW)
    letter.post("withdraw", seen=letter.case.seq)
    assert letter.case.state == State.WITHDRAWN


def test_redo_says_what_came_of_it(letter):
    letter.walk(State.REPLIED)
    letter.post("reopen", seen=letter.case.seq, text="灯还是坏的。")
    page = letter.page()
    assert "您申请的重办" in page and "灯还是坏的。" in page and "正在重新办理，最迟答复" in page
    letter.walk(State.REPLIED, start=3)
    page = letter.page()
    assert "重办后的答复" in page and "已重新办理并再次答复" in page and "信访部门" in page

"""A reply in review: what the reviewer sees of it, and the author when it comes back."""

import pytest

from cases.models import Case
from cases.transitions import State
from tests.desk_page import HANDLER, page
from tests.people import build_officer

pytestmark = pytest.mark.django_db
FIRST = "小区门口的红绿灯已报修，预计三天内修好。"
SECOND = "小区门口的红绿灯已于昨日修好，孩子可以安全过马路。"


@pytest.fixture
def handler(cast):
    return build_officer("handle_case", unit=HANDLER)


@pytest.fixture
def reviewer(cast):
    return build_officer("review_reply", unit=HANDLER)


@pytest.fixture
def case(cast):
    """A case whose first reply is in review."""
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text=FIRST)
    return Case.objects.get(pk=case.pk)


def reply_form(answer):
    forms = [form for group in answer.context["steps"].values() for form in group]
    return next(form for form in forms if form.row.action == "propose_reply")


def test_the_first_version_is_shown_whole(client, case, reviewer):
    answer = page(client, reviewer, case)
    review = answer.context["review"]
    assert (review.text, review.version, review.changes) == (FIRST, 1, ())
    assert "<del>" not in answer.content.decode()


def test_a_reply_sent_back_is_mended_with_the_comment_beside_it(client, cast, case, handler):
    cast.step(case.pk, "send_back_reply", text="请写明修好的日期。")
    answer = page(client, handler, case)
    assert answer.context["review"].comment == "请写明修好的日期。"
    assert reply_form(answer).initial["text"] == FIRST


def test_a_draft_goes_before_what_was_sent_back(client, cast, case, handler):
    cast.step(case.pk, "send_back_reply", text="请写明日期。")
    client.force_login(handler)
    client.post(f"/desk/{case.letter.receipt}/draft/propose_reply/", {"text": SECOND, "seen": 1})
    assert reply_form(page(client, handler, case)).initial["text"] == SECOND


def test_the_second_version_is_shown_with_what_changed_in_words_too(client, cast, case, reviewer):
    cast.step(case.pk, "send_back_reply", text="请写明修好的日期。")
    cast.step(case.pk, "propose_reply", text=SECOND)
    answer = page(client, reviewer, case)
    review = answer.context["review"]
    assert (review.version, review.comment) == (2, "请写明修好的日期。")
    assert {one.kind for one in review.changes} == {"same", "gone", "new"}
    text = answer.content.decode()
    assert "删去：</span>" in text and "新增：</span>" in text


def test_a_reopened_case_begins_anew(client, cast, case, reviewer):
    cast.step(case.pk, "approve_reply")
    assert page(client, reviewer, case).context["review"] is None
    cast.step(case.pk, "reopen", text="还没有修好。")
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text=SECOND)
    assert page(client, reviewer, case).context["review"].version == 1


def test_markup_in_a_reply_stays_text(client, cast, case, reviewer):
    cast.step(case.pk, "send_back_reply", text="<b>改</b>")
    cast.step(case.pk, "propose_reply", text=FIRST + "<script>alert(1)</script>")
    text = page(client, reviewer, case).content.decode()
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text and "<b>改" not in text


@pytest.mark.parametrize("state", [State.RECEIVED, State.IN_HAND, State.REPLIED, State.CLOSED])
def test_without_a_reply_in_review_there_is_no_panel(client, cast, state):
    assert page(client, cast.writer, cast.make_case(state)).context["review"] is None

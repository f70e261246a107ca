"""What was typed for a letter that closed meanwhile, or in another tab, is neither lost nor sent astray."""

from datetime import timedelta

import pytest

from cases import worlds
from cases.transitions import State
from mailbox import opened
from tests.citizens import open_letter, send

pytestmark = pytest.mark.django_db
TYPED = "昨晚又坏了一次。"


def again(letter, answer, **changes):
    """Send the page that asks for receipt and code once more, as a browser would."""
    kept = {"then": answer.context["kept"]["action"]}
    kept |= {field.name: field.value() for field in answer.context["kept"]["typed"]}
    known = {"receipt": letter.receipt, "code": letter.code}
    return letter.client.post("/follow/", {**kept, **known, **changes})


def test_addition_typed_for_an_hour_is_taken_over_the_closing_of_the_letter(letter, monkeypatch):
    monkeypatch.setattr(opened, "OPEN_FOR", timedelta(0))
    asked = letter.post("add", text=TYPED, letter=letter.receipt)
    assert TYPED in asked.text and f'value="{letter.receipt}"' in asked.text
    monkeypatch.undo()
    wrong = again(letter, asked, code="00000000")
    assert TYPED in wrong.text and "没有找到" in wrong.text
    page = again(letter, wrong)
    assert TYPED in page.text and letter.case.seq == 1
    assert f'name="seen" value="{letter.case.seq}"' in page.text
    letter.post("add", text=TYPED, seen=letter.case.seq)
    assert letter.case.events.get(action="add").message.body == TYPED


def test_answers_to_questions_are_kept_too(letter, monkeypatch):
    letter.walk(State.REPLIED)
    monkeypatch.setattr(opened, "OPEN_FOR", timedelta(0))
    asked = letter.post("rate", satisfied="yes", solved="no", text=TYPED)
    monkeypatch.undo()
    page = again(letter, asked)
    assert {name: page.context["form"][name].value() for name in ("satisfied", "solved")} == {
        "satisfied": "yes",
        "solved": "no",
    }
    assert not letter.case.rated_at


def test_form_left_in_another_tab_does_not_reach_the_letter_opened_since(letter):
    other, code = send(letter.client)
    open_letter(letter.client, other, code)
    asked = letter.post("add", text=TYPED, letter=letter.receipt)
    assert "另开了一封信" in asked.text and TYPED in asked.text
    assert letter.case.seq == 1 and other in letter.page()
    letter.client.post("/follow/case/notices/", {"letter": letter.receipt})
    assert not hasattr(letter.case.letter, "notice_choice")
    assert TYPED in again(letter, asked).text


def test_what_cannot_be_sent_after_opening_anew_says_so_and_can_be_copied(letter, monkeypatch):
    monkeypatch.setattr(opened, "OPEN_FOR", timedelta(0))
    asked = letter.post("withdraw", text=TYPED)
    monkeypatch.undo()
    letter.walk(State.REPLIED)
    page = again(letter, asked)
    assert "来信有了变化" in page.text and TYPED in page.text
    assert "/follow/case/rate/" in page.text and "确认撤回" not in page.text


def test_answer_that_came_after_its_question_ended_can_be_sent_as_an_addition(letter):
    letter.walk(State.AWAITING_CITIZEN)
    seen = letter.case.seq
    letter.cast.step(letter.pk, "retract_question", at=worlds.now())
    page = letter.post("supply", text=TYPED, seen=seen, letter=letter.receipt)
    assert "可以作为追加的情况提交" in page.text and page.context["form"]["text"].value() == TYPED
    assert 'action="/follow/case/add/"' in page.text
    letter.post("add", text=TYPED, seen=letter.case.seq, letter=letter.receipt)
    assert letter.case.events.get(action="add").message.body == TYPED


@pytest.mark.parametrize("then", ["assign", "nonsense", "", "\x00"])
def test_damaged_names_of_what_was_being_done_lead_to_the_letter(letter, then):
    kept = {"receipt": letter.receipt, "code": letter.code, "then": then, "text": TYPED}
    assert letter.client.post("/follow/", kept).url == "/follow/case/"

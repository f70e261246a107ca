"""Each thing a citizen does has one effect: a second click, the same page sent again, another tab, a link opened."""

from datetime import timedelta

import pytest
from django.test import Client

from cases import worlds
from cases.transitions import State
from mailbox.wording import DOINGS
from tests.citizens import open_letter

pytestmark = pytest.mark.django_db
TEXT = {"text": "路口还是没有修好。"}
DONE = {
    "supply": (State.AWAITING_CITIZEN, TEXT),
    "rate": (State.REPLIED, {"satisfied": "no", "solved": "no"}),
    "add": (State.IN_HAND, TEXT),
    "urge": (State.IN_HAND, {}),
    "reopen": (State.REPLIED, TEXT),
    "reconsider": (State.DECLINED, TEXT),
    "close": (State.REPLIED, {}),
    "thank": (State.CLOSED, {"form": "letter", **TEXT}),
    "withdraw": (State.RECEIVED, {}),
}
# What may be done again, if the writer means it.
AGAIN = ("add", "urge")


def test_table_has_all_that_citizens_do():
    assert DONE.keys() == DOINGS.keys()


@pytest.mark.parametrize("action", DONE)
def test_second_click_and_second_tab_change_nothing(letter, action, monkeypatch):
    state, fields = DONE[action]
    letter.walk(state)
    if action == "urge":  # may be done once it is late
        late = letter.case.next_due_at + timedelta(minutes=1)
        monkeypatch.setattr(worlds, "now", lambda: late)
    tab = Client()
    for client in (letter.client, tab):
        open_letter(client, letter.receipt, letter.code)
    before = letter.case
    for client in (letter.client, tab):
        client.get(f"/follow/case/{action}/", fields)
        client.head(f"/follow/case/{action}/", fields)
    assert letter.case.seq == before.seq
    page = {"seen": before.seq, "letter": letter.receipt, **fields}
    for client in (letter.client, letter.client, tab):  # twice, and from another tab
        answer = client.post(f"/follow/case/{action}/", page, follow=True)
        assert "已提交" in answer.text
    assert letter.case.events.filter(action=action, role="citizen").count() == 1
    fresh = {**page, "seen": letter.case.seq}
    answer = letter.client.post(f"/follow/case/{action}/", fresh, follow=True)
    done = letter.case.events.filter(action=action, role="citizen").count()
    assert done == (2 if action in AGAIN else 1)
    if action not in AGAIN:
        assert 'id="errors"' in answer.text and fields.get("text", "") in answer.text


def test_another_text_from_another_tab_is_another_addition_and_not_lost(letter):
    page = {"seen": letter.case.seq, "letter": letter.receipt}
    for text in ("第一个标签页写的。", "第二个标签页写的。", "第一个标签页写的。"):
        assert "已提交" in letter.post("add", text=text, **page).text
    texts = letter.case.events.filter(action="add").values_list("message__body", flat=True)
    assert sorted(texts) == ["第一个标签页写的。", "第二个标签页写的。"]


def test_second_rating_from_another_tab_is_refused_and_its_words_kept(letter):
    letter.walk(State.REPLIED)
    page = {"seen": letter.case.seq, "letter": letter.receipt, "solved": "yes"}
    letter.post("rate", satisfied="yes", **page)
    answer = letter.post("rate", satisfied="no", text="其实不满意。", **page)
    assert "您已评价过这次答复" in answer.text and "其实不满意。" in answer.text
    assert letter.case.satisfied is True

"""The page of cards: given, answered, still to be answered, and counted all the same."""

from datetime import timedelta

import pytest

from cases.desk import waiting
from cases.models import Case
from cases.transitions import State
from tests.counted import counted
from tests.desk_page import HANDLER, offered, page, take
from tests.people import MORNING, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
HOUR = timedelta(hours=1)


@pytest.fixture
def supervisor(db):
    return build_officer("supervise_case", unit="440300")


@pytest.fixture
def handler(db):
    return build_officer("handle_case", unit=HANDLER)


def cards(client, supervisor, query=""):
    client.force_login(supervisor)
    return client.get(f"/desk/supervision/{query}").context


def test_answer_clears_what_waits_and_the_card_stays_counted(client, cast, supervisor, handler):
    case = cast.make_case(State.IN_REVIEW)
    cast.step(case.pk, "supervise", level="yellow", text="请说明原因。")
    assert waiting.waiting_for(handler, MORNING).filter(pk=case.pk).exists()
    assert cards(client, supervisor, "?choice=open")["by_unit"] == [("福田分局", [1, 0, 1])]
    cast.step(case.pk, "answer_supervision", at=MORNING + HOUR, text="人手不足，今天办。")
    assert not waiting.waiting_for(handler, MORNING).filter(pk=case.pk).exists()
    found = cards(client, supervisor)
    assert found["by_unit"] == [("福田分局", [1, 0, 0])]
    (row,) = found["rows"]
    given, answer = [cell for _head, cell in row][3:]
    assert (given.words, answer.sub, answer.words) == (
        "请说明原因。",
        "1小时后答复",
        "人手不足，今天办。",
    )
    assert cards(client, supervisor, "?choice=open")["rows"] == []
    assert counted()["supervised"] == 1


def test_answer_to_supervision_is_offered_with_a_card_only(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    assert "answer_supervision" not in offered(page(client, handler, case))
    cast.step(case.pk, "supervise", level="red")
    assert "answer_supervision" in offered(page(client, handler, case))
    take(client, case, "answer_supervision", text="今天办。")
    assert "answer_supervision" not in offered(page(client, handler, case))


def test_card_stays_with_the_unit_that_got_it(client, cast, supervisor):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "supervise", level="red")
    cast.step(case.pk, "return_to_desk", return_reason="unclear", text="见附件。")
    cast.step(case.pk, "dispatch", unit="440305")
    assert cards(client, supervisor)["by_unit"][0][0] == "福田分局"


def test_ended_case_owes_no_answer(client, cast, supervisor):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "supervise", level="yellow")
    cast.step(case.pk, "withdraw")
    assert Case.objects.get(pk=case.pk).state == State.WITHDRAWN
    assert cards(client, supervisor, "?choice=open")["rows"] == []
    assert len(cards(client, supervisor, "?choice=yellow")["rows"]) == 1


def test_page_is_for_supervisors(client, handler):
    client.force_login(handler)
    assert client.get("/desk/supervision/").status_code == 404

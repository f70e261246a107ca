"""The sheet of one letter (呈批表): whole, masked, without notes, and only for who sees the letter."""

import pytest

from cases import worlds
from cases.transitions import State
from tests.desk_page import HANDLER, address, page
from tests.people import build_officer
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db


def sheet(client, user, case):
    client.force_login(user)
    answer = client.get(address(case, "print/"))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("state", list(State))
def test_each_state_has_a_sheet(client, cast, state):
    case = cast.make_case(state)
    text = sheet(client, cast.writer, case)
    for there in (case.letter.receipt, case.letter.title, case.letter.body, "群众来信呈批表"):
        assert there in text


def test_it_holds_the_reply_the_instructions_and_the_steps(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "instruct", text="请尽快修复。")
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text="红绿灯已修好。")
    text = sheet(client, cast.writer, case)
    assert text.count("请尽快修复。") == 2  # as an opinion and among the steps
    assert "红绿灯已修好。" in text and "已办成" in text and "福田分局" in text


def test_notes_stay_out_and_the_writer_stays_masked(client, cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "note", text="来信人情绪激动。")
    text = sheet(client, cast.writer, case)
    assert "情绪激动" not in text and "19500000000" not in text and "测试来信人" not in text
    assert "****" in text


def test_the_writer_of_a_report_is_hidden_on_paper_too(client, cast):
    case = cast.make_case(State.IN_HAND, kind="report")
    handler = build_officer("handle_case", "reveal_identity", unit=HANDLER)
    text = sheet(client, handler, case)
    assert "不显示" in text and "****" not in text


def test_out_of_sight_looks_absent(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(build_officer("handle_case", unit="440100"))
    hidden = client.get(address(case, "print/"))
    absent = client.get("/desk/PA-0000-0000-00/print/")
    assert hidden.status_code == absent.status_code == 404 and hidden.content == absent.content


def test_hostile_text_stays_text(client, cast):
    case = cast.make_case(title="<script>alert(1)</script>", body="<b>粗</b>" * 20)
    text = sheet(client, cast.writer, case)
    assert "<script>alert" not in text and "<b>粗" not in text


def test_a_made_up_letter_says_so(client, planner):
    world = make_run(1, letters=1)
    client.post("/desk/world/enter/", {"schema": world.schema})
    with worlds.enter(world):
        from cases.models import Case

        receipt = Case.objects.values_list("letter__receipt", flat=True).first()
    assert "不是真实案件" in client.get(f"/desk/{receipt}/print/").content.decode()


def test_the_letter_leads_to_its_sheet_and_lists_its_calls(client, cast):
    case = cast.make_case(State.IN_HAND)
    for reached in (False, False, True):
        cast.step(case.pk, "contact", how="phone", reached=reached, text="打过电话。")
    answer = page(client, cast.writer, case)
    assert address(case, "print/") in answer.content.decode()
    assert [line.reached for line in answer.context["calls"]] == [True, False, False]
    assert "3次，联系上1次" in answer.content.decode()

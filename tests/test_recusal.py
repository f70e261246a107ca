"""Recusal after a letter has come: who is accused or has an interest neither reads nor handles it."""

import pytest

from cases import access, actors, worlds
from cases.desk import waiting
from cases.models import Case, Recusal
from cases.refusals import GuardRefused, NotFound, NotPermitted
from cases.transitions import State
from cases.workflow import perform
from tests.desk_page import CITY, HANDLER, address, look_for, offered, page, take
from tests.people import MORNING

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

READING = ("handle_case", "note_case", "view_audit", "reveal_identity", "view_statistics")


def sees(user, case):
    return access.visible_cases(user).filter(pk=case.pk).exists()


def recuse(cast, case, officer):
    return cast.step(case.pk, "recuse", officer=officer, recusal_reason="interest")


# -- the accused unit --------------------------------------------------------------------------


def test_unit_that_is_named_loses_sight_at_once_and_gets_it_back(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    handler, station = (make_officer(*READING, unit=u) for u in (HANDLER, "440304-01"))
    assert sees(handler, case)
    cast.step(case.pk, "name_accused", accused_unit=HANDLER)
    case.refresh_from_db()
    assert case.accused_unit.code == HANDLER and case.unit.code == HANDLER
    assert not sees(handler, case) and not sees(station, case)
    cast.step(case.pk, "clear_accused", text="来信说的是另一个分局。")
    assert sees(handler, case)


def test_letter_that_lies_with_the_accused_waits_for_its_desk_to_take_it_back(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "assign", officer=make_officer("handle_case", unit=HANDLER))
    desk = make_officer("dispatch_case", "triage_case", unit=CITY)
    assert case not in waiting.waiting_for(desk, MORNING)
    cast.step(case.pk, "name_accused", accused_unit=HANDLER)
    case.refresh_from_db()
    assert case in waiting.waiting_for(desk, MORNING)
    assert waiting.next_step(case) == "recall"
    perform(case.pk, "recall", actor=actors.officer(desk), at=MORNING, text="该分局应当回避。")
    case.refresh_from_db()
    assert (case.state, case.unit.code, case.officer) == (State.ACCEPTED, CITY, None)
    with pytest.raises(GuardRefused):
        perform(case.pk, "dispatch", actor=actors.officer(desk), at=MORNING, unit="440304-02")
    perform(case.pk, "dispatch", actor=actors.officer(desk), at=MORNING, unit="440305")


def test_wrong_dispatch_is_taken_back_and_is_no_return(cast):
    case = cast.make_case(State.DISPATCHED)
    cast.step(case.pk, "recall", text="交办有误。")
    case.refresh_from_db()
    assert (case.state, case.returns, case.hops) == (State.ACCEPTED, 0, 1)


def test_page_names_the_accused_and_history_says_who_named_it(client, cast):
    case = cast.make_case(State.ACCEPTED)
    assert (
        take(client_of(client, cast), case, "name_accused", accused_unit=HANDLER).status_code == 302
    )
    text = page(client, cast.writer, case).content.decode()
    assert "福田分局" in text and "指明被反映单位" in text
    assert text.count("被反映单位：福田分局") == 1


def client_of(client, cast):
    client.force_login(cast.writer)
    return client


def test_wrong_unit_is_refused_at_its_field_and_what_was_typed_is_kept(client, cast):
    case = cast.make_case(State.ACCEPTED)
    answer = take(client_of(client, cast), case, "name_accused", accused_unit="\x00", text="看来信")
    text = answer.content.decode()
    assert answer.status_code == 409 and "没有这个单位" in text and "看来信</textarea>" in text


# -- an officer --------------------------------------------------------------------------------


def test_officer_who_is_recused_has_no_way_to_the_letter(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer(*READING, unit=HANDLER)
    client.force_login(officer)
    client.post(address(case, "identity/"), {"reason": "核对电话"})
    recuse(cast, case, officer)
    absent = client.get("/desk/PA-0000-0000-00/").content
    gets = ("", "attachment/1/", "print/", "note/")
    answers = [client.get(address(case, place)) for place in gets]
    answers += [
        client.post(address(case, "identity/"), {"reason": "核对电话"}),
        take(client, case, "note", text="看一看"),
        take(client, case, "assign", officer=officer.pk),
    ]
    codes = {(a.status_code, a.content) for a in answers if a.status_code != 405}
    assert codes == {(404, absent)}
    for place in ("/desk/?scope=all", "/desk/?scope=waiting", "/desk/audit/", "/desk/overview/"):
        assert case.letter.receipt not in client.get(place).content.decode(), place
    assert look_for(client, case.letter.receipt).context["rows"] == []
    with pytest.raises(NotFound):
        perform(case.pk, "note", actor=actors.officer(officer), at=MORNING, text="看一看")
    with pytest.raises(NotFound):
        access.reveal(officer, case, "核对电话")


def test_others_of_the_unit_go_on_and_the_case_has_no_officer(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer, colleague = (make_officer(*READING, unit=HANDLER) for _each in range(2))
    cast.step(case.pk, "assign", officer=officer)
    recuse(cast, case, officer)
    case.refresh_from_db()
    assert case.officer is None and sees(colleague, case)
    cast.step(case.pk, "end_recusal", officer=officer, text="经核实没有利害关系。")
    assert sees(officer, case) and not Recusal.objects.exists()


def test_recusal_of_another_leaves_the_officer_in_place(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer, other = (make_officer(*READING, unit=HANDLER) for _each in range(2))
    cast.step(case.pk, "assign", officer=officer)
    recuse(cast, case, other)
    case.refresh_from_db()
    assert case.officer == officer


def test_officer_recuses_themself_on_the_page_and_is_led_to_the_list(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer(*READING, unit=HANDLER)
    answer = page(client, officer, case)
    form = next(f for group in answer.context["steps"].values() for f in group
                if f.row.action == "recuse")  # fmt: skip
    assert [value for value, _label in form.fields["officer"].widget.choices] == ["", officer.pk]
    typed = {"officer": officer.pk, "recusal_reason": "relative"}
    assert take(client, case, "recuse", **typed).url == "/desk/"
    assert client.get(address(case)).status_code == 404


def test_page_says_who_is_recused_and_a_leader_may_end_it(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer(*READING, unit=HANDLER)
    recuse(cast, case, officer)
    leader = make_officer("lead_case", unit=CITY)
    answer = page(client, leader, case)
    assert "回避民警" in answer.content.decode() and str(officer) in answer.content.decode()
    assert "end_recusal" in offered(answer)
    with pytest.raises(NotPermitted):
        perform(case.pk, "end_recusal", actor=actors.officer(make_officer("note_case", "handle_case", unit=HANDLER)),
                at=MORNING, officer=officer, text="没有关系。")  # fmt: skip


def test_recused_officer_is_offered_for_no_step(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer(*READING, unit=HANDLER)
    recuse(cast, case, officer)
    refused = take(client_of(client, cast), case, "assign", officer=officer.pk)
    assert refused.status_code == 409 and "已对本件回避" in refused.content.decode()


def test_statistics_of_the_unit_count_the_letter_as_before(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer(*READING, unit=HANDLER)
    recuse(cast, case, officer)
    assert access.cases_of(officer.unit).filter(pk=case.pk).exists()


@pytest.mark.parametrize("state", [State.CLOSED, State.MERGED, State.DECLINED])
def test_recusal_also_closes_a_letter_that_has_ended(cast, make_officer, state):
    case = cast.make_case(state)
    officer = make_officer(*READING, unit=CITY)
    assert sees(officer, case)
    perform(case.pk, "recuse", actor=actors.officer(cast.writer), at=worlds.now(),
            officer=officer, recusal_reason="accused")  # fmt: skip
    assert not sees(officer, Case.objects.get(pk=case.pk))


# -- handing one case over ---------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.AWAITING_CITIZEN, State.IN_REVIEW, State.REPLIED])
def test_case_that_is_not_in_hand_is_handed_over_too(cast, make_officer, state):
    case = cast.make_case(state)
    colleague = make_officer("handle_case", unit=HANDLER)
    cast.step(case.pk, "hand_over", officer=colleague)
    case.refresh_from_db()
    assert (case.state, case.officer) == (state, colleague)
    with pytest.raises(GuardRefused):
        cast.step(case.pk, "hand_over", officer=make_officer("handle_case", unit="440305"))

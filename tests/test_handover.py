"""Handing over: all open cases of an officer go to another of the unit, one event each."""

import pytest
from django.contrib.admin.models import LogEntry

from cases import worlds
from cases.models import Case, Event, Message, Officer
from cases.transitions import State
from tests.desk_page import CITY, HANDLER, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

PAGE = "/desk/hand-over/"


@pytest.fixture
def giver(make_officer):
    return make_officer("handle_case", unit=HANDLER)


@pytest.fixture
def taker(make_officer):
    return make_officer("handle_case", unit=HANDLER)


@pytest.fixture
def liaison(client, make_officer):
    """A browser in which the liaison of the unit has signed in."""
    client.force_login(make_officer("handle_case", "hand_over_case", unit=HANDLER))
    return client


def give(cast, state, officer):
    """Return a case in this state that the officer has."""
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    cast.step(case.pk, "assign", at=worlds.now(), officer=officer)
    if state == State.AWAITING_CITIZEN:
        cast.step(case.pk, "ask_citizen", at=worlds.now(), text="请说明具体路口。")
    return Case.objects.get(pk=case.pk)


def post(client, giver, taker, **more):
    return client.post(PAGE, {"giver": giver.pk, "taker": taker.pk, **more})


def test_all_open_cases_go_in_one_step_with_one_event_each(liaison, cast, giver, taker):
    cases = [give(cast, state, giver) for state in (State.IN_HAND, State.AWAITING_CITIZEN)]
    preview = liaison.get(PAGE, {"giver": giver.pk, "taker": taker.pk})
    assert f"{giver}（福田分局）：2件" in preview.content.decode()
    assert preview.context["possible"] == 2 and not Event.objects.filter(action="hand_over")
    refused = post(liaison, giver, taker, text="长" * 501)
    assert refused.status_code == 400 and "长" * 501 in refused.text
    answer = post(liaison, giver, taker, text="病假")
    assert "已移交2件" in answer.content.decode()
    for case in cases:
        moved = Case.objects.get(pk=case.pk)
        assert (moved.officer, moved.state, moved.seq) == (taker, case.state, case.seq + 1)
    assert {m.body for m in Message.objects.filter(event__action="hand_over")} == {"病假"}


def test_pressing_twice_does_nothing_twice(liaison, cast, giver, taker):
    case = give(cast, State.IN_HAND, giver)
    post(liaison, giver, taker)
    again = post(liaison, giver, taker)
    assert again.status_code == 400  # nothing is left with the giver, who is no choice any more
    assert Case.objects.get(pk=case.pk).seq == case.seq + 1


def test_what_cannot_go_is_listed_with_the_reason_before_and_after(liaison, cast, giver, taker):
    good, bad = (give(cast, State.IN_HAND, giver) for _each in range(2))
    cast.step(bad.pk, "recuse", officer=taker, recusal_reason="interest", at=worlds.now())
    preview = liaison.get(PAGE, {"giver": giver.pk, "taker": taker.pk})
    assert preview.context["possible"] == 1 and "已对本件回避" in preview.content.decode()
    answer = post(liaison, giver, taker)
    assert [line.case for line in answer.context["refused"]] == [bad]
    assert Case.objects.get(pk=good.pk).officer == taker
    assert Case.objects.get(pk=bad.pk).officer == giver


def test_officer_of_another_unit_takes_nothing(liaison, cast, giver, make_officer):
    give(cast, State.IN_HAND, giver)
    elsewhere = make_officer("handle_case", unit="440305")
    answer = post(liaison, giver, elsewhere)
    assert answer.status_code == 400 and not Event.objects.filter(action="hand_over")


@pytest.mark.parametrize(
    "typed",
    [{"giver": "\x00"}, {"giver": "x", "taker": "9" * 400}, {"giver": "-1", "taker": "１"}],
)
def test_nonsense_is_answered_with_the_form(liaison, typed):
    for answer in (liaison.get(PAGE, typed), liaison.post(PAGE, typed)):
        assert answer.status_code in (200, 400) and "接收人" in answer.content.decode()


def test_giver_and_taker_are_two(liaison, cast, giver):
    give(cast, State.IN_HAND, giver)
    answer = post(liaison, giver, giver)
    assert answer.status_code == 400 and "不能是同一人" in answer.content.decode()


def test_cases_of_other_units_are_neither_shown_nor_moved(client, cast, giver, make_officer):
    case = give(cast, State.IN_HAND, giver)
    client.force_login(make_officer("handle_case", "hand_over_case", unit="440305"))
    answer = client.get(PAGE)
    assert str(giver) not in answer.content.decode()
    assert post(client, giver, giver).status_code == 400
    assert Case.objects.get(pk=case.pk).officer == giver


def test_page_is_absent_without_the_right(client, make_officer):
    client.force_login(make_officer("note_case", unit=CITY))
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/desk/").content.decode()


def test_account_is_closed_when_all_is_handed_over(client, cast, giver, taker, make_officer):
    case = give(cast, State.IN_HAND, giver)
    client.force_login(make_officer("handle_case", "hand_over_case", "change_officer", unit=CITY))
    assert (
        "停用移交人的账号"
        in client.get(PAGE, {"giver": giver.pk, "taker": taker.pk}).content.decode()
    )
    assert "账号已停用" in post(client, giver, taker, deactivate="yes").content.decode()
    closed = Officer.objects.get(pk=giver.pk)
    assert not closed.is_active and closed.sessions_ended == giver.sessions_ended + 1
    assert LogEntry.objects.get().object_id == str(giver.pk)
    assert Case.objects.get(pk=case.pk).officer == taker


def test_account_stays_open_while_something_is_left_or_without_the_right(
    client, liaison, cast, giver, taker, make_officer
):
    case = give(cast, State.IN_HAND, giver)
    post(liaison, giver, taker, deactivate="yes")
    assert Officer.objects.get(pk=giver.pk).is_active
    cast.step(case.pk, "assign", at=worlds.now(), officer=giver)
    cast.step(case.pk, "recuse", at=worlds.now(), officer=taker, recusal_reason="interest")
    client.force_login(make_officer("handle_case", "hand_over_case", "change_officer", unit=CITY))
    post(client, giver, taker, deactivate="yes")
    assert Officer.objects.get(pk=giver.pk).is_active


def test_cases_of_who_has_left_already_can_still_be_handed_over(liaison, cast, giver, taker):
    case = give(cast, State.IN_HAND, giver)
    Officer.objects.filter(pk=giver.pk).update(is_active=False)
    assert "已停用" in liaison.get(PAGE).content.decode()
    post(liaison, giver, taker)
    assert Case.objects.get(pk=case.pk).officer == taker
    assert "移交承办" in liaison.get(address(case)).content.decode()

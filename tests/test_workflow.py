"""What perform does, and what it refuses."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from cases import actors, policy, replay
from cases.models import Case, Event, Incident, Message, Rule
from cases.refusals import Incomplete, NotFound, NotPermitted, Stale, WrongState
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING, PERSON, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

HOUR = timedelta(hours=1)


def _tables():
    models = (Case, Event, Message, Incident, Rule)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_reached(make_case, state):
    assert make_case(state).state == state


@pytest.mark.parametrize("state", list(State))
def test_each_step_leaves_one_event(make_case, state):
    case = make_case(state)
    events = list(case.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, case.seq + 1))
    assert events[0].old_state == "" and events[-1].new_state == state
    assert [e.old_state for e in events[1:]] == [e.new_state for e in events[:-1]]


@pytest.mark.parametrize("state", list(State))
def test_replay_of_the_events_gives_the_case(make_case, state):
    case = make_case(state)
    facts = replay.replay(
        replay.start_of(case.letter), case.events.order_by("seq"), policy.load(), "city"
    )
    for name in replay.FACTS:
        assert getattr(facts, name) == getattr(case, name), name


def test_an_event_says_who_when_where(cast):
    case = cast.make_case(State.DISPATCHED)
    event = cast.step(case.pk, "sign", at=MORNING + HOUR)
    event.refresh_from_db()
    assert (event.action, event.old_state, event.new_state) == ("sign", "dispatched", "in_hand")
    assert (event.role, event.user, event.at) == ("officer", cast.writer, MORNING + HOUR)
    assert event.unit.code == "440304"
    assert event.due_at == MORNING + timedelta(minutes=20)


def test_events_of_citizen_and_program_name_no_officer(cast):
    case = cast.make_case(State.REPLIED)
    cast.step(case.pk, "close")
    perform(cast.make_case(State.IN_HAND).pk, "urge", actor=actors.system(), at=MORNING + HOUR)
    for event in Event.objects.filter(action__in=("close", "urge")):
        assert event.user is None


def test_a_page_that_is_old_is_refused(cast, make_officer):
    case = cast.make_case()
    cast.step(case.pk, "accept", seen=1)
    for seen in (1, 0, 7, "1", "x", [], "9" * 5000):
        with pytest.raises(Stale) as refused:
            cast.step(case.pk, "dispatch", unit="440304", seen=seen)
        assert str(cast.writer) in str(refused.value) and "09:00" in str(refused.value)
    assert Event.objects.count() == 2
    cast.step(case.pk, "dispatch", unit="440304", seen="2")


def test_a_citizen_is_not_told_the_officers_name(cast):
    case = cast.make_case(State.REPLIED)
    with pytest.raises(Stale) as refused:
        perform(case.pk, "close", actor=actors.citizen(case.pk), at=MORNING, seen=1)
    assert cast.reviewer.first_name not in str(refused.value)
    assert "办理单位" in str(refused.value)


def test_a_stranger_learns_nothing_of_state_or_steps(cast, make_officer):
    case = cast.make_case(State.REPLIED)
    stranger = actors.officer(make_officer("triage_case", "handle_case", unit="440100"))
    other = actors.citizen(cast.make_case().pk)
    for actor in (stranger, other):
        for fields in ({}, {"seen": 1}, {"text": ""}, {"into": "x"}):
            with pytest.raises(NotFound):
                perform(case.pk, "accept", actor=actor, at=MORNING, **fields)
    with pytest.raises(NotFound):
        perform(10**9, "accept", actor=stranger, at=MORNING)


def test_a_made_up_actor_is_refused_among_live_letters(make_case):
    case = make_case(State.IN_HAND)
    for role in ("officer", "citizen", "system"):
        with pytest.raises(NotPermitted):
            perform(case.pk, "urge", actor=actors.simulated(role), at=MORNING + 99 * HOUR)
    perform(case.pk, "urge", actor=actors.system(), at=MORNING + 99 * HOUR)


@pytest.mark.parametrize("table", ["cases_event", "cases_case", "cases_message", "cases_incident"])
def test_nothing_is_half_done_when_a_write_fails(cast, table):
    case = cast.make_case(State.IN_HAND)
    action, fields = "feedback", {"text": "已到现场。"}
    if table == "cases_incident":
        action, fields = "record_incident", {"number": "A1"}
    before = _tables()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        with pytest.raises(DatabaseError, match="disk full"):
            cast.step(case.pk, action, **fields)
        assert _tables() == before
        transaction.set_rollback(True)  # the trigger goes with it


def test_a_refused_step_changes_nothing(cast):
    case = cast.make_case(State.IN_HAND)
    before = _tables()
    for action, fields, error in (
        ("accept", {}, WrongState),
        ("feedback", {"text": "  "}, Incomplete),
        ("record_incident", {"number": ""}, Incomplete),
        ("receive", {}, WrongState),
    ):
        with pytest.raises(error):
            cast.step(case.pk, action, **fields)
    assert _tables() == before


def test_an_unknown_action_is_an_error_of_the_program(make_case, cast):
    with pytest.raises(KeyError):
        cast.step(make_case().pk, "solve")


def test_time_never_runs_backwards_in_a_case(cast):
    case = cast.make_case(at=MORNING)
    assert cast.step(case.pk, "accept", at=MORNING - HOUR).at == MORNING


def test_text_goes_into_the_message_only(cast):
    case = cast.make_case(State.IN_HAND)
    event = cast.step(case.pk, "feedback", text="请到窗口补办，携带 居住证 原件。")
    assert event.data == {}
    assert Message.objects.get(event=event).body == "请到窗口补办，携带 居住证 原件。"
    silent = cast.step(case.pk, "contact", how="phone", reached=False)
    assert not Message.objects.filter(event=silent).exists()


def test_a_standard_text_is_taken_in_place_of_a_text(cast):
    case = cast.make_case(State.IN_HAND)
    event = cast.step(case.pk, "feedback", template="feedback.help")
    assert event.data == {"template": "feedback.help"}
    assert not Message.objects.filter(event=event).exists()


# Every action in which something is typed, with the person's own data planted in it.
_SECRETS = [PERSON["name"], PERSON["phone"], PERSON["id_number"], PERSON["email"]]
_PLANTED = "，".join(_SECRETS)


def test_nothing_personal_ever_stands_in_an_event(cast):
    text = {"text": _PLANTED}
    for state, action, fields in (
        (State.DECLINED, "reconsider", text),
        (State.RECEIVED, "ask_citizen", text),
        (State.AWAITING_CITIZEN, "supply", text),
        (State.IN_HAND, "add", text),
        (State.ACCEPTED, "dispatch", {**text, "unit": "440304"}),
        (State.IN_HAND, "contact", {**text, "how": "phone", "reached": True}),
        (State.IN_HAND, "feedback", text),
        (State.IN_HAND, "note", text),
        (State.IN_HAND, "return_to_desk", {**text, "return_reason": "unclear"}),
        (State.REPLIED, "rate", {**text, "satisfied": False, "solved": False}),
        (State.CLOSED, "reopen", text),
        (State.REPLIED, "thank", {**text, "form": "letter"}),
        (State.RECEIVED, "withdraw", text),
    ):
        case = cast.make_case(state, body=f"我是{_PLANTED}，请尽快办理。")
        if action in ("reconsider", "supply", "add", "rate", "thank", "withdraw"):
            perform(case.pk, action, actor=actors.citizen(case.pk), at=MORNING, **fields)
        else:
            cast.step(case.pk, action, **fields)
    assert Message.objects.filter(body__contains=PERSON["phone"]).count() == 13
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text, c::text FROM cases_event e, cases_case c")
        rows = json.dumps(cursor.fetchall(), ensure_ascii=False)
    for secret in _SECRETS:
        assert secret not in rows


def test_returning_brings_the_case_back_to_its_mailbox(cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "assign", officer=build_officer("handle_case", unit="440304"))
    cast.step(case.pk, "return_to_desk", return_reason="not_our_duty", text="不归我局。")
    case.refresh_from_db()
    assert (case.state, case.unit.code, case.officer, case.returns) == (
        State.ACCEPTED, "440300", None, 1,
    )  # fmt: skip


@pytest.mark.parametrize("state", [State.RECEIVED, State.ACCEPTED, State.IN_HAND])
def test_an_answer_brings_the_case_back_to_whoever_asked(cast, state):
    case = cast.make_case(state)
    cast.step(case.pk, "ask_citizen", text="请说明路口。")
    perform(case.pk, "supply", actor=actors.citizen(case.pk), at=MORNING + HOUR, text="福华路口。")
    case.refresh_from_db()
    assert case.state == state


def test_asked_twice_it_comes_back_to_the_second_asker(cast):
    case = cast.make_case(State.RECEIVED)
    cast.step(case.pk, "ask_citizen", text="请说明路口。")
    perform(case.pk, "supply", actor=actors.citizen(case.pk), at=MORNING, text="福华路口。")
    cast.step(case.pk, "accept")
    cast.step(case.pk, "ask_citizen", text="请补照片。")
    perform(case.pk, "supply", actor=actors.citizen(case.pk), at=MORNING, text="已补。")
    case.refresh_from_db()
    assert case.state == State.ACCEPTED


@pytest.mark.parametrize("state", [State.RECEIVED, State.ACCEPTED, State.DISPATCHED, State.IN_HAND])
def test_an_undone_merge_brings_the_case_back(cast, state):
    main = cast.make_case()
    case = cast.make_case(state)
    cast.step(case.pk, "merge", into=main.letter.receipt)
    case.refresh_from_db()
    assert (case.state, case.merged_into) == (State.MERGED, main)
    cast.step(case.pk, "unmerge")
    case.refresh_from_db()
    assert (case.state, case.merged_into, case.next_due_at is None) == (state, None, False)


def test_a_second_answer_can_be_rated_too(cast):
    case = cast.make_case(State.REPLIED)
    citizen = actors.citizen(case.pk)
    perform(case.pk, "rate", actor=citizen, at=MORNING, satisfied=False, solved=False)
    perform(case.pk, "reopen", actor=citizen, at=MORNING, text="没有修好。")
    case.refresh_from_db()
    assert (case.rated_at, case.satisfied, case.solved_said, case.result) == (None, None, None, "")
    cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "propose_reply", text="已修好。")
    cast.step(case.pk, "approve_reply")
    perform(case.pk, "rate", actor=citizen, at=MORNING, satisfied=True, solved=True)
    case.refresh_from_db()
    assert (case.satisfied, case.solved_said, case.reopened) == (True, True, 1)


def test_a_number_becomes_one_incident_however_it_is_typed(cast):
    for number in ("A4403-1", " a4403-1", "Ａ４４０３－１"):
        cast.step(cast.make_case(State.IN_HAND).pk, "record_incident", number=number)
    assert list(Incident.objects.values_list("number", flat=True)) == ["A4403-1"]
    cast.step(cast.make_case(State.IN_HAND).pk, "record_rule", number="粤公通1", title="某规定")
    assert Rule.objects.get().title == "某规定"


def test_a_long_case_stays_whole(cast):
    case = cast.make_case(State.CLOSED, kind="complaint")
    citizen = actors.citizen(case.pk)
    perform(case.pk, "reopen", actor=citizen, at=MORNING + 30 * HOUR, text="没有办好。")
    cast.step(case.pk, "ask_citizen", at=MORNING + 31 * HOUR, text="请补照片。")
    perform(case.pk, "supply", actor=citizen, at=MORNING + 60 * HOUR, text="已补。")
    cast.step(case.pk, "extend", at=MORNING + 61 * HOUR, days=2, text="需要鉴定。")
    cast.step(case.pk, "reclassify", at=MORNING + 61 * HOUR, kind="other", category="noise")
    cast.step(case.pk, "record_result", at=MORNING + 62 * HOUR, result="explained")
    cast.step(case.pk, "propose_reply", at=MORNING + 63 * HOUR, text="已说明。")
    cast.step(case.pk, "approve_reply", at=MORNING + 64 * HOUR)
    perform(case.pk, "thank", actor=citizen, at=MORNING + 65 * HOUR, form="banner", text="谢谢！")
    case.refresh_from_db()
    assert (case.state, case.reopened, len(case.pauses)) == (State.REPLIED, 1, 1)

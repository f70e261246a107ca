"""The table itself, and that perform allows exactly what it and the roles say."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from cases import actors, units
from cases.access import actions_for
from cases.fields import FIELDS
from cases.models import Case, Event, Message, Officer, Recusal
from cases.refusals import NotFound, NotPermitted, Refusal, WrongState
from cases.transitions import (
    ANY,
    BY_CITIZEN,
    BY_OFFICER,
    BY_SYSTEM,
    CITIZEN,
    NOBODY,
    OFFICE,
    PERMISSIONS,
    RESUME,
    SAME,
    START,
    STATES,
    TRANSITIONS,
    State,
    actions_from,
)
from cases.workflow import perform
from tests.people import MORNING, WALKS, build_officer
from tests.versions import HOUR

ROWS = list(TRANSITIONS.values())
LATE = MORNING + timedelta(days=40)
# Roles that may read letters, as roles.json describes them; the others see figures at most.
BLIND = {"statistician", "planner", "administrator"}
# Nobody can leave these: what ends there stays, apart from notes and what is written here.
LEAVES = {
    State.CLOSED: {"reopen"},
    State.DECLINED: {"reconsider", "retract_decline"},
    State.MERGED: {"unmerge", "withdraw"},
    State.TRANSFERRED_OUT: set(),
    State.WITHDRAWN: set(),
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_each_row_is_whole(row):
    assert row.label and row.why.endswith(".")
    assert row.sources and set(row.sources) <= {*State, START}
    assert row.target in {*State, SAME, RESUME}
    assert row.roles and set(row.roles) <= {BY_CITIZEN, BY_OFFICER, BY_SYSTEM}
    assert set(row.requires) | set(row.allows) <= set(FIELDS)
    assert not set(row.requires) & set(row.allows)
    if BY_OFFICER in row.roles:
        assert row.permission in dict(PERMISSIONS)
    else:
        assert row.permission == ""


def test_each_state_has_its_words_and_someone_to_wait_for():
    assert list(STATES) == list(State)
    for info in STATES.values():
        assert str(info.label) and str(info.citizen_label)
        assert info.waits_for in (OFFICE, CITIZEN, NOBODY)


def test_opening_is_a_row():
    row = TRANSITIONS["receive"]
    assert row.sources == (START,) and row.target == State.RECEIVED
    assert [r.action for r in ROWS if START in r.sources] == ["receive"]


def test_resume_is_for_what_was_asked_merged_or_declined_only():
    resuming = {row.action: row.sources for row in ROWS if row.target == RESUME}
    assert resuming == {
        "supply": (State.AWAITING_CITIZEN,),
        "lapse": (State.AWAITING_CITIZEN,),
        "unmerge": (State.MERGED,),
        "retract_question": (State.AWAITING_CITIZEN,),
        "retract_decline": (State.DECLINED,),
    }


def test_each_state_can_be_reached_from_the_start():
    reached, edge = {START}, {START}
    while edge:
        edge = {row.target for row in ROWS if reached & set(row.sources)} - {SAME, RESUME} - reached
        reached |= edge
    assert reached == {START, *State}


@pytest.mark.parametrize("state", LEAVES)
def test_an_end_is_left_only_by_its_own_door(state):
    leaving = {row.action for row in ROWS if state in row.sources and row.to(state) != state}
    assert leaving == LEAVES[state]


def test_each_waiting_state_lets_the_one_it_waits_for_act():
    for state, info in STATES.items():
        who = {OFFICE: BY_OFFICER, CITIZEN: BY_CITIZEN}.get(info.waits_for)
        if who:
            assert any(row.to(state) != state for row in actions_from(state, who)), state


def test_each_permission_of_a_row_belongs_to_some_role():
    held = {name for role in units.roles() for name in role["permissions"]}
    assert {row.permission for row in ROWS if row.permission} <= held


def test_a_citizen_reads_no_note():
    assert not TRANSITIONS["note"].public
    assert TRANSITIONS["note"].sources == ANY


# -- every state × action × role -------------------------------------------------------------


def _fields(action, case, handler, main):
    given = {
        "text": "情况属实，请办理。",
        "kind": "complaint",
        "category": "noise",
        "decline_reason": "not_ours",
        "elsewhere": "12345",
        "return_reason": "not_our_duty",
        "unit": "440304-01" if action == "forward_down" else "440304",
        "officer": case.recusals.get().officer if action == "end_recusal" else handler,
        "how": "phone",
        "reached": True,
        "result": "done",
        "days": 3,
        "satisfied": True,
        "solved": True,
        "into": main.letter.receipt,
        "level": "red",
        "number": "A440300-1",
        "title": "关于路口信号灯管理的规定",
        "form": "banner",
        "accused_unit": "440304-02",
        "recusal_reason": "interest",
        "slot": "2026-05-06T15:00",
        "review": "check",
        "filing": "not_filed",
        "finding": "partly",
        "by_date": "2026-05-20",
        "cause": "policy",
    }
    return {name: given[name] for name in TRANSITIONS[action].requires}


def _prepare(cast, state):
    """Return a case in this state in which no guard has anything to say."""
    complaint = {"kind": "complaint", "category": "conduct"}
    case = cast.make_case(**complaint)
    cast.step(case.pk, "take_charge")
    cast.step(case.pk, "arrange_meeting", how="online", slot="2026-03-04T15:00")
    if state == State.MERGED:
        cast.merge_into(cast.make_case(**complaint), case)
    for action, fields in WALKS.get(state, ()):
        cast.step(case.pk, action, **fields)
    if state in TRANSITIONS["record_finding"].sources:
        cast.step(case.pk, "pass_clue", review="plain")
        cast.step(case.pk, "record_finding", finding="true", text="经查属实。")
        cast.step(case.pk, "record_rectification", by_date="2026-05-20", text="限期整改。")
    if state in TRANSITIONS["request_extension"].sources:
        cast.step(case.pk, "request_extension", days=3, text="需要鉴定。")
    if state in TRANSITIONS["supervise"].sources:
        cast.step(case.pk, "supervise", level="yellow")
    if state == State.IN_HAND:
        cast.step(case.pk, "record_result", result="done")
    cast.step(case.pk, "name_accused", accused_unit="440305")
    accused = Officer.objects.filter(username="accused").first() or build_officer(
        username="accused"
    )
    cast.step(case.pk, "recuse", officer=accused, recusal_reason="accused")
    return Case.objects.get(pk=case.pk)


def _people(case):
    """Return {role: (actor, rights or None, whether letters are seen)}."""
    people = {
        "citizen": (actors.citizen(case.pk), None, True),
        "system": (actors.system(), None, True),
    }
    for role in units.roles():
        user = build_officer(unit="440300", username="as-" + role["code"])
        user.groups.set([Group.objects.get(name=role["name"])])
        seen = role["code"] not in BLIND
        people[role["code"]] = (actors.officer(user), set(role["permissions"]), seen)
    return people


def _expected(row, state, actor, rights, sees):
    if not sees:
        return NotFound
    if actor.role not in row.roles or (rights is not None and row.permission not in rights):
        return NotPermitted
    return None if state in row.sources else WrongState


def _outcome(case, action, actor, at, fields, *, expected):
    """Take the step, say how it went, and take it back; what is refused has changed nothing."""
    with nullcontext() if expected else transaction.atomic():
        try:
            event = perform(case.pk, action, actor=actor, at=at, **fields)
        except Refusal as refusal:
            return type(refusal)
        assert event.seq == case.seq + 1 and event.old_state == case.state
        if not expected:
            transaction.set_rollback(True)
    return None


def _everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Case, Event, Message, Recusal)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("state", State)
def test_table_and_rights_decide_every_step(cast, put_version, state):
    case, main = _prepare(cast, state), _prepare(cast, State.RECEIVED)
    handler = build_officer("handle_case", unit="440304")
    put_version(MORNING + HOUR, **{"city.default.reply": "10d"})  # so that limits can move
    people, before = _people(case), _everything()
    wrong = []
    for row in ROWS:
        at = MORNING if row.action in ("extend", "request_extension") else LATE
        fields = _fields(row.action, case, handler, main)
        for name, (actor, rights, sees) in people.items():
            if row.action == "recuse":  # most may recuse nobody but themselves
                fields["officer"] = actor.user or handler
            expected = _expected(row, state, actor, rights, sees)
            outcome = _outcome(case, row.action, actor, at, fields, expected=expected)
            if outcome is not expected:
                wrong.append((row.action, name, expected, outcome))
    assert wrong == []
    assert _everything() == before


@pytest.mark.django_db
def test_buttons_are_what_perform_would_allow(make_case, make_officer):
    case = make_case(State.RECEIVED)
    clerk = make_officer("enter_letter", "triage_case", "ask_citizen", "note_case")
    assert [row.action for row in actions_for(clerk, case)] == [
        "accept", "decline", "reclassify", "ask_citizen", "note", "merge", "escalate", "name_accused",
        "clear_accused", "recuse",
    ]  # fmt: skip

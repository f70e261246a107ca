"""The log checks itself: whatever is changed behind the program's back is found."""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases import crypto, log, worlds
from cases.models import Case, Event, Letter, Unit, Writer
from cases.transitions import State
from tests.people import MORNING

pytestmark = pytest.mark.django_db


def as_superuser(sql, *values):
    """Run SQL past all triggers, as only a database superuser can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        assert cursor.rowcount == 1, sql
        cursor.execute("RESET session_replication_role")


@pytest.fixture
def case(cast):
    """A closed case among others, whose log is whole."""
    cast.make_case(State.AWAITING_CITIZEN)
    case = cast.make_case(State.CLOSED)
    cast.make_case(State.MERGED)
    assert list(log.check()) == []
    return case


def faults_of(case):
    """Return the faults; each must be about this case alone."""
    faults = list(log.check())
    assert all(fault.startswith(f"case {case.pk}:") for fault in faults), faults
    return faults


@pytest.mark.parametrize(
    ("table", "sql"),
    [
        ("recusal", "DELETE FROM cases_recusal WHERE case_id = %s"),
        ("recusal", "UPDATE cases_recusal SET officer_id = (SELECT max(id) FROM cases_officer) WHERE case_id = %s"),
        ("incident", "DELETE FROM cases_incident WHERE case_id = %s"),
        ("incident", "UPDATE cases_incident SET number = 'A440304202699999' WHERE case_id = %s"),
    ],
)  # fmt: skip
def test_what_steps_leave_beside_the_log_is_compared_with_it(cast, make_officer, table, sql):
    """A recused officer reads again, or nobody can any more, without one event changed."""
    case = cast.make_case(State.IN_HAND, kind="complaint")
    other = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "recuse", officer=make_officer("handle_case"), recusal_reason="interest")
    for one in (case, other):  # of a number that two have, one row
        cast.step(one.pk, "record_incident", number="A440304202600001")
    make_officer()
    assert list(log.check()) == []
    as_superuser(sql, case.pk)
    assert any(f"case {case.pk}: {table} " in fault for fault in log.check())


def test_writers_that_were_exchanged_are_found(cast):
    first, second = (cast.make_case(State.ACCEPTED).letter.writer for _one in range(2))
    assert list(log.check()) == []
    Writer.objects.filter(pk=first.pk).update(sealed=crypto.seal({"phone": "19500000009"})[1])
    Writer.objects.filter(pk=second.pk).update(key_id="gone")
    assert len([fault for fault in log.check() if "does not open, or is of somebody" in fault]) == 2


# -- what the database refuses -----------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_event SET action = 'note'",
        "UPDATE cases_event SET hash = NULL",
        "DELETE FROM cases_event",
        "TRUNCATE cases_event CASCADE",
        "TRUNCATE cases_case CASCADE",
    ],
)
def test_the_database_refuses_to_change_the_log(case, sql):
    before = list(Event.objects.order_by("pk").values())
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)
    assert list(Event.objects.order_by("pk").values()) == before


def test_django_cannot_change_it_either(case):
    event = case.events.first()
    for change in (
        lambda: case.events.update(action="note"),
        lambda: event.save(),
        lambda: event.delete(),
    ):
        with pytest.raises(Exception, match="append-only|referenced"), transaction.atomic():
            change()
    assert list(log.check()) == []


def test_an_event_without_its_predecessor_is_refused(case):
    with pytest.raises(DatabaseError, match="no predecessor"), transaction.atomic():
        Event.objects.create(case=case, seq=case.seq + 2, at=MORNING, action="note",
                             old_state="closed", new_state="closed", role="officer",
                             unit=case.unit)  # fmt: skip


# -- what check finds --------------------------------------------------------------------------

CHANGES = [
    "at = at + interval '1 second'",
    "action = 'note'",
    "old_state = 'replied'",
    "new_state = 'closed'",
    "role = 'system'",
    "user_id = NULL",
    "unit_id = (SELECT id FROM cases_unit WHERE code = '440305')",
    "due_at = now()",
    """data = '{"unit": 1}'""",
    "data = '[]'",
    "hash = sha256('x')",
    "hash = NULL",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seq", [3, 7, 8])
def test_a_changed_event_is_found(case, change, seq):
    as_superuser(f"UPDATE cases_event SET {change} WHERE case_id = %s AND seq = %s", case.pk, seq)
    assert faults_of(case)


@pytest.mark.parametrize("seq", [1, 5, "last"])
def test_a_removed_event_is_found(case, seq):
    seq = case.seq if seq == "last" else seq
    as_superuser("DELETE FROM cases_event WHERE case_id = %s AND seq = %s", case.pk, seq)
    assert "missing" in faults_of(case)[0]


def test_a_removed_last_event_is_found_though_the_count_was_mended(case):
    as_superuser("DELETE FROM cases_event WHERE case_id = %s AND seq = %s", case.pk, case.seq)
    as_superuser("UPDATE cases_case SET seq = seq - 1 WHERE letter_id = %s", case.pk)
    assert any("state is 'closed'" in fault for fault in faults_of(case))


@pytest.mark.parametrize("seq, mend", [(99, False), (10, False), (10, True)])
def test_an_inserted_event_is_found(case, seq, mend):
    as_superuser(
        "INSERT INTO cases_event (case_id, seq, at, action, old_state, new_state, role, unit_id,"
        " data) VALUES (%s, %s, %s, 'note', 'closed', 'closed', 'officer', %s, '{}')",
        case.pk, case.seq + 1 if seq == 10 else seq, MORNING, case.unit_id,
    )  # fmt: skip
    if mend:
        as_superuser("UPDATE cases_case SET seq = seq + 1 WHERE letter_id = %s", case.pk)
    assert faults_of(case)


def test_two_events_that_changed_places_are_found(case):
    for old, new in ((6, 106), (7, 6), (106, 7)):
        as_superuser(
            "UPDATE cases_event SET seq = %s WHERE case_id = %s AND seq = %s", new, case.pk, old
        )
    assert faults_of(case)


# Every column that says what the case is, with another value that the database takes.
COLUMNS = {
    "state": "'replied'", "kind": "'other'", "category": "'other'", "officer_id": "USER",
    "mailbox_id": "OTHER", "unit_id": "OTHER", "accused_unit_id": "OTHER",
    "merged_into_id": "letter_id",
    "urgent": "NOT urgent", "received_at": "now()", "episode_at": "now()", "seq": "seq + 1",
    "updated_at": "now()", "returns": "7", "hops": "7", "reopened": "7",
    "pauses": """'[["2026-03-02T01:00:00+00:00", null]]'""", "extended_days": "7",
    "due_provisional": "NOT due_provisional", "next_clock": "'reply'", "pressure": "2",
    "supervision": "'red'", "result": "'no_ground'", "satisfied": "true", "solved_said": "true",
    **{f"{name}_at": "now()" for name in (
        "accept_due sign_due contact_due feedback_due reply_due legal_due accepted signed contacted"
        " feedback replied rated closed next_due scan").split()},
}  # fmt: skip


def test_every_column_that_events_say_is_tried():
    from cases.replay import FACTS

    assert set(COLUMNS) == set(FACTS)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_case_is_found(case, cast, column):
    value = COLUMNS[column].replace("USER", str(cast.writer.pk))
    value = value.replace("OTHER", str(Unit.objects.get(code="440305").pk))
    as_superuser(f"UPDATE cases_case SET {column} = {value} WHERE letter_id = %s", case.pk)
    assert faults_of(case)


def test_a_lost_case_is_found(cast):
    letter = cast.make_case().letter
    as_superuser("DELETE FROM cases_case WHERE letter_id = %s", letter.pk)
    assert list(log.check()) == [
        "1 letters have no case",
        f"case {letter.pk}: events of a case that is gone",
    ]


def test_a_reading_between_two_writes_is_no_alarm(cast, monkeypatch):
    """A step taken after the cases were read, and before their events are, is not a fault."""
    case = cast.make_case(State.ACCEPTED)
    read, stepped = Case.objects.none().__class__.in_bulk, []

    def in_bulk(self, *args, **kwargs):
        found = read(self, *args, **kwargs)
        if not stepped:
            stepped.append(cast.step(case.pk, "note", text="刚刚写下。"))
        return found

    monkeypatch.setattr(Case.objects.none().__class__, "in_bulk", in_bulk)
    assert list(log.check()) == [] and stepped


# -- the chain ---------------------------------------------------------------------------------


def _micros(moment):
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _link(event):
    """Return what is hashed of an event, written down a second time, in Python alone."""
    data = json.dumps(event.data, ensure_ascii=False, separators=(", ", ": "))
    parts = [
        event.case_id, event.seq, _micros(event.at), event.action, event.old_state,
        event.new_state, event.role, event.user_id or "", event.unit_id,
        _micros(event.due_at) if event.due_at else "", data,
    ]  # fmt: skip
    return "|".join(map(str, parts)).encode()


def test_the_chain_of_the_database_is_the_one_python_computes(cast):
    case = cast.make_case(State.IN_HAND)
    odd = [
        {},
        {"n": 1, "名称": "关于“路口”信号灯的规定｜第1号"},
        {"a": {"b": [1, 2.5, None, True, 'é\\"\n']}, "bb": []},
    ]
    for number, data in enumerate(odd, start=case.seq + 1):
        Event.objects.create(case=case, seq=number, at=MORNING + timedelta(microseconds=number),
                             action="note", old_state="in_hand", new_state="in_hand",
                             role="system", unit=case.unit, data=data)  # fmt: skip
    previous = b""
    events = list(case.events.order_by("seq"))
    assert {event.user_id is None for event in events} == {True, False}
    assert {event.due_at is None for event in events} == {True, False}
    for event in events:
        previous = hashlib.sha256(previous + _link(event)).digest()
        assert bytes(event.hash) == previous, event


def test_each_case_has_a_chain_of_its_own(cast):
    first, second = cast.make_case(), cast.make_case()
    hashes = [bytes(c.events.get(seq=1).hash) for c in (first, second)]
    assert hashes[0] != hashes[1] and len(hashes[0]) == 32


# -- the command -------------------------------------------------------------------------------


def test_the_command_says_that_all_is_well(case):
    out = io.StringIO()
    call_command("check_log", stdout=out)
    assert f"{Case.objects.count()} cases, log whole" in out.getvalue()


def test_the_command_fails_and_names_the_fault(case):
    as_superuser("UPDATE cases_case SET hops = 9 WHERE letter_id = %s", case.pk)
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 faults"):
        call_command("check_log", stderr=err)
    assert f"case {case.pk}: hops is 9, its events say 1" in err.getvalue()


def test_an_unknown_world_is_said(db):
    with pytest.raises(CommandError, match="no world run_77"):
        call_command("check_log", world="run_77")


def test_many_cases_are_read_in_pieces(cast, monkeypatch):
    monkeypatch.setattr(log, "CHUNK", 2)
    cases = [cast.make_case() for _count in range(5)]
    assert list(log.check()) == []
    as_superuser("DELETE FROM cases_event WHERE case_id = %s", cases[4].pk)
    assert len(faults_of(cases[4])) == 1
    assert Letter.objects.count() == 5 and worlds.current().live

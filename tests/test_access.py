"""Who sees which letter, and who may know who wrote it."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import access, actors, receipts, units
from cases.intake import intake
from cases.models import Case, Disclosure, Letter, Officer
from cases.refusals import Incomplete, NotFound, NotPermitted
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING, PERSON, build_officer, submission

pytestmark = pytest.mark.django_db


def keep(**letter):
    """Return the case of a new letter."""
    receipt = intake(submission(**letter), actor=actors.citizen(None), at=MORNING)
    return Case.objects.get(pk=receipt.case_id)


def sees(user, case):
    """Return whether the two doors let this officer in; they must say the same."""
    listed = access.visible_cases(user).filter(pk=case.pk).exists()
    try:
        opened = access.case_for_officer(user, case.letter.receipt) == case
    except NotFound:
        opened = False
    assert listed == opened
    return listed


# Where a letter of Shenzhen's mailbox is, and which units' officers see it.
SUBTREE = [
    # state: with whom     department line  Shenzhen Futian(04) its station other district, city
    (State.RECEIVED, {"440000": True, "440000-ZA": False, "440300": True, "440304": False,
                      "440304-01": False, "440305": False, "440100": False}),
    (State.IN_HAND, {"440000": True, "440000-ZA": False, "440300": True, "440304": True,
                     "440304-01": False, "440305": False, "440100": False}),
]  # fmt: skip


@pytest.mark.parametrize("state, expected", SUBTREE)
def test_a_unit_sees_its_own_cases_and_those_below_it(make_case, state, expected):
    case = make_case(state)
    found = {unit: sees(build_officer("handle_case", unit=unit), case) for unit in expected}
    assert found == expected


def test_the_mailbox_keeps_sight_wherever_it_goes(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "forward_down", unit="440304-01")
    case.refresh_from_db()
    expected = {"440300": True, "440304": True, "440304-01": True, "440304-02": False}
    assert {u: sees(make_officer("handle_case", unit=u), case) for u in expected} == expected


def test_a_unit_that_gave_it_back_sees_it_no_more(cast, make_officer):
    case = cast.make_case(State.IN_HAND)
    officer = make_officer("handle_case", unit="440304")
    assert sees(officer, case)
    perform(case.pk, "return_to_desk", actor=actors.officer(officer), at=MORNING,
            return_reason="unclear", text="内容不清。")  # fmt: skip
    assert not sees(officer, case)


READERS = {
    "intake_clerk": True, "team_officer": True, "dispatcher": True, "liaison": True,
    "handler": True, "reviewer": True, "leader": True, "supervisor": True, "return_caller": True,
    "statistician": False, "planner": False, "administrator": False, "auditor": True,
}  # fmt: skip


def test_each_role_reads_letters_or_not():
    case = keep()
    found = {
        role["code"]: sees(build_officer(*role["permissions"]), case) for role in units.roles()
    }
    assert found == READERS


def test_who_left_or_has_no_unit_sees_nothing(make_officer):
    case = keep()
    gone = make_officer("triage_case", is_active=False)
    lost = make_officer("triage_case")
    lost.unit = None
    assert not sees(gone, case) and not sees(lost, case)
    for user in (gone, lost):
        with pytest.raises(NotFound):
            perform(case.pk, "accept", actor=actors.officer(user), at=MORNING)


def test_a_superuser_without_a_unit_sees_no_letter(make_officer):
    root = make_officer(is_superuser=True)
    root.unit = None
    assert not sees(root, keep())


# -- recusal -----------------------------------------------------------------------------------

RECUSAL = [
    # accused      {unit of the officer: sees}
    ("440304", {"440000": True, "440300": True, "440304": False, "440304-01": False}),
    ("440304-01", {"440000": True, "440300": True, "440304": True, "440304-01": False}),
    ("440300", {"440000": True, "440300": False, "440304": False, "440304-01": False}),
]


@pytest.mark.parametrize("accused, expected", RECUSAL)
def test_the_accused_and_who_stands_below_reads_nothing(accused, expected):
    case = keep(kind="complaint", accused_unit=accused)
    everything = "triage_case", "handle_case", "view_audit", "reveal_identity"
    users = {unit: build_officer(*everything, unit=unit) for unit in expected}
    # By mistake it has come to the lowest of them; that opens no door to who is accused.
    Case.objects.filter(pk=case.pk).update(unit=users["440304-01"].unit)
    assert {code: sees(user, case) for code, user in users.items()} == expected
    for code, user in users.items():
        if not expected[code]:
            with pytest.raises(NotFound):
                perform(case.pk, "note", actor=actors.officer(user), at=MORNING, text="看一看")
            with pytest.raises(NotFound):
                access.reveal(user, case, "想知道是谁")


def test_units_to_choose_are_those_that_perform_takes(cast):
    case = cast.make_case(State.ACCEPTED, kind="complaint", accused_unit="440304")
    offered = list(access.units_to_choose(case, "dispatch"))
    codes = {unit.code for unit in offered}
    assert "440305" in codes and "440305-01" in codes
    assert not codes & {"440300", "440304", "440304-01", "440103", "440000"}
    cast.step(case.pk, "dispatch", unit="440305")
    case.refresh_from_db()
    below = [unit.code for unit in access.units_to_choose(case, "forward_down")]
    assert sorted(below) == ["440305-01", "440305-02"]


# -- who wrote ---------------------------------------------------------------------------------


def test_who_wrote_is_masked_until_a_reason_is_given(make_officer):
    case = keep()
    handler = make_officer("handle_case", "reveal_identity")
    masked = access.identity_for(handler, case)
    assert masked == {"name": "测**", "phone": "195****0000", "id_type": "id_card",
                      "id_number": "1****************8", "email": "w***@example.com"}  # fmt: skip
    for reason in ("", " ", "看", "\x00\x00\x00", "由" * 201, None):
        with pytest.raises(Incomplete):
            access.reveal(handler, case, reason)
    assert not Disclosure.objects.exists()
    assert access.reveal(handler, case, "电话联系来信人") == PERSON
    shown = Disclosure.objects.get()
    assert (shown.letter, shown.user, shown.reason) == (case.letter, handler, "电话联系来信人")


def test_without_the_right_nobody_is_named(make_officer):
    case = keep()
    for rights in (("handle_case",), ("lead_case", "supervise_case"), ("view_audit",)):
        user = make_officer(*rights)
        assert access.identity_for(user, case) == {}
        with pytest.raises(NotPermitted):
            access.reveal(user, case, "电话联系来信人")
    assert not Disclosure.objects.exists()


# Who sees the writer of a report that Futian handles for Shenzhen's mailbox.
REPORT = [
    ("440300", ("reveal_identity", "view_report_writer"), True),
    ("440300", ("reveal_identity",), False),
    ("440300", ("view_report_writer",), False),
    ("440000", ("reveal_identity", "view_report_writer"), True),
    ("440304", ("reveal_identity", "view_report_writer"), False),
    ("440304", ("reveal_identity",), False),
]


@pytest.mark.parametrize("unit, rights, shown", REPORT)
@pytest.mark.parametrize("letter", [{"kind": "report"}, {"confidential": True}])
def test_a_reporter_is_hidden_from_the_handling_unit(cast, unit, rights, shown, letter):
    case = cast.make_case(State.IN_HAND, **letter)
    user = build_officer("handle_case", *rights, unit=unit)
    assert bool(access.identity_for(user, case)) == shown
    if shown:
        assert access.reveal(user, case, "核实线索") == PERSON
    else:
        with pytest.raises(NotPermitted):
            access.reveal(user, case, "核实线索")


def test_a_report_that_is_called_something_else_stays_hidden(cast):
    case = cast.make_case(State.IN_HAND, kind="report")
    cast.step(case.pk, "reclassify", kind="help", category="noise")
    case.refresh_from_db()
    handler = build_officer("handle_case", "reveal_identity", unit="440304")
    assert access.identity_for(handler, case) == {}


def test_a_letter_that_turns_out_a_report_is_hidden_from_then_on(cast):
    case = cast.make_case(State.IN_HAND)
    handler = build_officer("handle_case", "reveal_identity", unit="440304")
    assert access.identity_for(handler, case)
    cast.step(case.pk, "reclassify", kind="report", category="drugs")
    case.refresh_from_db()
    assert access.identity_for(handler, case) == {}


def test_a_team_of_the_city_does_not_see_who_reported_to_the_department(cast):
    case = keep(mailbox="440000", kind="report")
    user = build_officer("handle_case", "reveal_identity", "view_report_writer", unit="440300")
    lost = build_officer("handle_case", "reveal_identity", "view_report_writer")
    Officer.objects.filter(pk=lost.pk).update(unit=None)
    for officer in (user, Officer.objects.get(pk=lost.pk)):
        assert access.identity_for(officer, case) == {}


# -- absent and forbidden look the same --------------------------------------------------------


def _asked(door, *args):
    """Return (what was raised, its words, the queries without their parameters)."""
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotFound) as refusal:
        door(*args)
    shapes = [query["sql"].split(" WHERE ")[0] for query in queries.captured_queries]
    return type(refusal.value), str(refusal.value), shapes


def test_an_officer_cannot_tell_absent_from_forbidden(make_officer):
    hidden = keep(mailbox="440100").letter.receipt
    accused = keep(kind="complaint", accused_unit="440300").letter.receipt
    user = make_officer("triage_case", unit="440300")
    access.visible_cases(user).exists()  # rights and unit are read once
    absent = _asked(access.case_for_officer, user, receipts.new_receipt())
    assert _asked(access.case_for_officer, user, hidden) == absent
    assert _asked(access.case_for_officer, user, accused) == absent
    assert _asked(access.case_for_officer, user, "'; --\x00") == absent
    assert len(absent[2]) == 1


def test_a_citizen_cannot_tell_a_wrong_receipt_from_a_wrong_code():
    known = intake(submission(idempotency_key=uuid.uuid4()), actor=actors.citizen(None), at=MORNING)
    wrong_code = _asked(access.case_for_citizen, known.receipt, "00000000")
    wrong_receipt = _asked(access.case_for_citizen, receipts.new_receipt(), known.query_code)
    assert wrong_code == wrong_receipt
    assert len(wrong_code[2]) == 1
    for code in ("", "\x00", "\ud800", "０" * 8, known.query_code[:-1], known.query_code + "0"):
        assert _asked(access.case_for_citizen, known.receipt, code) == wrong_code


def test_a_code_may_be_typed_in_full_width():
    known = intake(submission(idempotency_key=uuid.uuid4()), actor=actors.citizen(None), at=MORNING)
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in known.query_code)
    assert access.case_for_citizen(known.receipt, typed).pk == known.case_id


def test_the_code_of_one_letter_opens_no_other():
    first, second = (
        intake(submission(idempotency_key=uuid.uuid4()), actor=actors.citizen(None), at=MORNING)
        for _count in range(2)
    )
    with pytest.raises(NotFound):
        access.case_for_citizen(first.receipt, second.query_code)
    assert Letter.objects.count() == 2


def test_buttons_are_the_rows_of_the_officers_rights(make_case, make_officer):
    case = make_case(State.IN_HAND)
    assert access.actions_for(make_officer("view_audit"), case) == []
    found = [row.action for row in access.actions_for(make_officer("lead_case"), case)]
    assert found == [
        *("extend", "refuse_extension", "acknowledge", "instruct", "take_charge", "release_charge"),
        *("arrange_meeting", "cancel_meeting", "meet", "end_recusal"),
    ]

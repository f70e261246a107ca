"""Rules beyond the table: each refuses, and allows the same step once its cause is away."""

from datetime import timedelta

import pytest
from django.db import transaction

from cases import guards, policy
from cases.models import Officer, Unit
from cases.transitions import TRANSITIONS, State
from tests.people import MORNING, build_officer
from tests.scenes import Scene, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

DAY = timedelta(days=1)


def test_leader_decides_after_three_returns(scene):
    s = scene(State.DISPATCHED)
    plain = build_officer("dispatch_case", unit="440300")
    leader = build_officer("dispatch_case", "lead_case", unit="440300")
    s.return_times(2)
    s.by_office("return_to_desk", return_reason="unclear", text="不归我局。")
    assert policy.load().return_limit == 3
    refused(s.by, plain, "dispatch", unit="440305")
    s.by(leader, "dispatch", unit="440305")


def test_two_returns_still_leave_it_to_the_desk(scene):
    s = scene(State.DISPATCHED)
    s.return_times(1)
    s.by_office("return_to_desk", return_reason="unclear", text="不归我局。")
    s.by(build_officer("dispatch_case", unit="440300"), "dispatch", unit="440305")


def test_what_the_leader_dispatched_is_not_returned(scene):
    s = scene(State.DISPATCHED)
    s.return_times(2)
    s.by_office("return_to_desk", return_reason="unclear", text="第三次。")
    s.by_office("dispatch", unit="440305")
    refused(s.by_office, "return_to_desk", return_reason="unclear", text="第四次。")


# A station accused: it, and nothing below it, may handle; everybody else may.
@pytest.mark.parametrize(
    "accused, unit, allowed",
    [
        ("440304", "440304", False),
        ("440304", "440304-01", False),
        ("440304", "440305", True),
        ("440304-01", "440304", True),
        ("440304-01", "440304-01", False),
        ("440304-01", "440304-02", True),
        ("", "440304-01", True),
    ],
)
def test_the_accused_does_not_handle(scene, accused, unit, allowed):
    s = scene(State.ACCEPTED, kind="complaint", accused_unit=accused)
    if allowed:
        s.by_office("dispatch", unit=unit)
    else:
        refused(s.by_office, "dispatch", unit=unit)


def test_the_accused_does_not_get_it_from_above_either(scene):
    s = scene(State.DISPATCHED, kind="complaint", accused_unit="440304-01")
    refused(s.by_office, "forward_down", unit="440304-01")
    s.by_office("forward_down", unit="440304-02")


@pytest.mark.parametrize(
    "unit, allowed",
    [("440300", False), ("440304", True), ("440304-01", True), ("440100", False),
     ("440103", False), ("440000", False), ("440000-ZA", False)],
)  # fmt: skip
def test_a_city_dispatches_within_its_mailbox(scene, unit, allowed):
    s = scene(State.ACCEPTED)
    if allowed:
        s.by_office("dispatch", unit=unit)
    else:
        refused(s.by_office, "dispatch", unit=unit)


@pytest.mark.parametrize(
    "unit, allowed", [("440000", False), ("440000-ZA", True), ("440103", True)]
)
def test_the_department_dispatches_to_every_unit_below_it(cast, unit, allowed):
    for officer in Officer.objects.all():
        officer.unit = Unit.objects.get(code="440000")
        officer.save(update_fields=["unit"])
    cast.writer.refresh_from_db()
    s = Scene(cast, State.ACCEPTED, mailbox="440000")
    if allowed:
        s.by_office("dispatch", unit=unit)
    else:
        refused(s.by_office, "dispatch", unit=unit)


@pytest.mark.parametrize(
    "unit, allowed",
    [("440304-01", True), ("440304", False), ("440305", False), ("440300", False)],
)
def test_forwarding_goes_down_only(scene, unit, allowed):
    s = scene(State.IN_HAND)
    if allowed:
        s.by_office("forward_down", unit=unit)
    else:
        refused(s.by_office, "forward_down", unit=unit)


def test_who_is_assigned_belongs_to_the_unit(scene):
    s = scene(State.IN_HAND)
    for unit in ("440300", "440305", "440304-01"):
        refused(s.by_office, "assign", officer=build_officer("handle_case", unit=unit))
    s.by_office("assign", officer=build_officer("handle_case", unit="440304"))


def test_a_refusal_is_objected_to_once(scene):
    s = scene(State.DECLINED)
    s.by_citizen("reconsider", text="此事归公安管。")
    s.by_office("decline", decline_reason="not_ours", elsewhere="12345")
    refused(s.by_citizen, "reconsider", text="还是归公安管。")
    assert s.case.events.filter(action="reconsider").count() == 1


def test_a_citizen_reopens_once_and_a_supervisor_whenever(scene):
    s = scene(State.CLOSED)
    s.by_citizen("reopen", text="没有办好。")
    s.reply()
    refused(s.by_citizen, "reopen", text="还没有办好。")
    s.by_office("reopen", text="请再办。")
    s.reply()
    s.by_office("reopen", text="请再办一次。")


def test_each_answer_is_rated_once(scene):
    s = scene(State.REPLIED)
    s.by_citizen("rate", satisfied=False, solved=False)
    refused(s.by_citizen, "rate", satisfied=True, solved=True)
    s.by_citizen("close")
    refused(s.by_citizen, "rate", satisfied=True, solved=True)
    s.by_citizen("reopen", text="没有办好。")
    s.reply()
    s.by_citizen("rate", satisfied=True, solved=True)


def test_thanks_of_each_form_come_once(scene):
    s = scene(State.REPLIED)
    s.by_citizen("thank", form="letter", text="谢谢！")
    refused(s.by_citizen, "thank", form="letter", text="再谢！")
    s.by_citizen("thank", form="banner", text="送锦旗。")


@pytest.mark.parametrize(
    "kind, needed",
    [("help", True), ("complaint", True), ("report", True), ("consult", False), ("praise", False)],
)
def test_a_problem_is_answered_with_a_result(scene, kind, needed):
    s = scene(State.IN_HAND, kind=kind)
    if needed:
        refused(s.by_office, "propose_reply", text="已办好。")
        s.by_office("record_result", result="no_ground")
    s.by_office("propose_reply", text="已办好。")


def test_nobody_reviews_their_own_reply(scene, cast):
    s = scene(State.IN_REVIEW)
    refused(s.by, cast.writer, "approve_reply")
    s.by(cast.reviewer, "send_back_reply", text="请写明时间。")
    s.by(cast.reviewer, "propose_reply", text="已于周五修好。")
    refused(s.by, cast.reviewer, "approve_reply")
    s.by(cast.writer, "approve_reply")


def test_a_limit_is_put_off_once(scene):
    s = scene(State.IN_HAND)
    s.by_office("extend", days=3, text="需要鉴定。")
    refused(s.by_office, "extend", days=1, text="还需要一天。")


@pytest.mark.parametrize("kind, most", [("help", 10), ("consult", 2)])
def test_a_limit_is_put_off_by_what_the_policy_gives_at_most(scene, kind, most):
    s = scene(State.IN_HAND, kind=kind)
    refused(s.by_office, "extend", days=most + 1, text="需要鉴定。")
    s.by_office("extend", days=most, text="需要鉴定。")


def test_what_is_late_is_not_put_off(scene):
    s = scene(State.IN_HAND)
    refused(s.by_office, "extend", days=3, text="需要鉴定。", at=MORNING + 20 * DAY + DAY / 1440)
    s.by_office("extend", days=3, text="需要鉴定。", at=MORNING + 20 * DAY)


@pytest.mark.parametrize(
    "state, action, fields",
    [
        (State.REPLIED, "close", {}),
        (State.AWAITING_CITIZEN, "lapse", {}),
        (State.IN_HAND, "urge", {}),
        (State.RECEIVED, "supervise", {"level": "yellow"}),
    ],
)
def test_a_timer_acts_at_its_time_and_not_before(scene, state, action, fields):
    s = scene(state)
    due = s.case.next_due_at
    refused(s.by_system, action, at=due - timedelta(microseconds=1), **fields)
    s.by_system(action, at=due, **fields)


def test_a_citizen_closes_at_any_time(scene):
    scene(State.REPLIED).by_citizen("close")


def test_a_citizen_urges_once_it_is_late(scene):
    s = scene(State.IN_HAND)
    refused(s.by_citizen, "urge", at=s.case.next_due_at)
    s.by_citizen("urge", at=s.case.next_due_at + timedelta(seconds=1))


def test_only_an_open_supervision_is_answered(scene):
    s = scene(State.IN_HAND)
    refused(s.by_office, "answer_supervision", text="正在办理。")
    s.by_office("supervise", level="yellow")
    s.by_office("answer_supervision", text="正在办理。")
    refused(s.by_office, "answer_supervision", text="正在办理。")


# -- who must not handle it ------------------------------------------------------------------


def test_the_unit_above_the_mailbox_is_not_named_as_accused(scene):
    s = scene(State.ACCEPTED)
    refused(s.by_office, "clear_accused", text="没有指明过。")
    for code in ("440300", "440000"):
        refused(s.by_office, "name_accused", accused_unit=code)
    s.by_office("name_accused", accused_unit="440304")
    refused(s.by_office, "dispatch", unit="440304")
    s.by_office("clear_accused", text="核对后不是该分局。")
    s.by_office("dispatch", unit="440304")


def test_officers_recuse_themselves_and_leaders_others(scene):
    s, colleague = scene(State.IN_HAND), build_officer("handle_case", unit="440304")
    handler = build_officer("handle_case", "note_case", unit="440304")
    leader = build_officer("lead_case", "note_case", unit="440300")
    refused(s.by, handler, "recuse", officer=colleague, recusal_reason="interest")
    refused(s.by, leader, "end_recusal", officer=colleague, text="没有回避过。")
    s.by(leader, "recuse", officer=colleague, recusal_reason="interest")
    refused(s.by, leader, "recuse", officer=colleague, recusal_reason="interest")
    refused(s.by, leader, "end_recusal", officer=handler, text="回避的不是他。")
    for action in ("assign", "hand_over"):
        refused(s.by_office, action, officer=colleague)
    s.by(leader, "end_recusal", officer=colleague, text="经核实没有利害关系。")
    s.by_office("assign", officer=colleague)
    s.by(handler, "recuse", officer=handler, recusal_reason="relative")


# A new guard goes into this list, and its examples above or into its own subject's file
# (merging: test_guards_merging.py).
_TRIED = """
_leader_decides_after_returns _no_return_after_leader _not_to_the_accused _only_downwards
_not_to_a_mailbox_desk_itself _within_the_mailbox _officer_of_the_unit _object_once
_citizen_reopens_once _rate_once_a_reply _thank_once _result_before_reply _not_by_the_author
_extend_once _extend_within_the_policy _extend_before_it_is_late _timer_has_run_out
_citizen_urges_when_late _supervision_is_open _into_an_open_case _no_letters_inside
_not_to_the_recused _accused_is_not_the_mailbox _accused_is_named _recuse_oneself_or_lead
_recused_once _someone_is_recused _is_recused _main_case_is_open
_extend_within_the_law _extension_is_asked _answers_others_openly _limits_move
""".split()


def test_each_guard_is_in_the_list():
    chained = {guard for chain in guards.GUARDS.values() for guard in chain}
    named = {guard.__name__ for guard in chained if guard.__module__ == guards.__name__}
    assert named == set(_TRIED)
    assert set(guards.GUARDS) <= set(TRANSITIONS)


def test_a_guard_leaves_the_transaction_usable(scene):
    s = scene(State.IN_HAND)
    with transaction.atomic():
        refused(s.by_office, "answer_supervision", text="正在办理。")
        s.by_office("note", text="仍可写。")

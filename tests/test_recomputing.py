"""Limits computed anew: what a change of the rules or of the calendar moves, and what it leaves."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from cases import actors, clocks, in_force, log, policy, recomputing, worlds
from cases.models import Case, Event, PolicyVersion, Recomputation
from cases.refusals import GuardRefused
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING
from tests.run_worlds import make_run
from tests.versions import DAY, HOUR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]


@pytest.mark.parametrize(
    ("was", "becomes", "day", "due_day"),
    [
        ("20d", "15d", 5, 15),  # shorter, and time enough: it holds for open letters too
        ("20d", "15d", 14, 15),  # a day is left, to the second
        ("20d", "15d", 14.1, 20),  # less than a day would be left: the old promise stays
        ("20d", "15d", 16, 20),  # it would have been missed already
        ("20d", "25d", 5, 20),  # longer: what was promised is kept
        ("20d", "20d", 5, 20),
    ],
)
def test_open_letter_keeps_its_promise_unless_a_shorter_one_leaves_a_day(
    put_version, make_case, was, becomes, day, due_day
):
    put_version(MORNING - DAY, **{"city.default.reply": was})
    case = make_case(State.IN_HAND)
    put_version(MORNING + day * DAY, **{"city.default.reply": becomes})
    done = recomputing.recompute(MORNING + day * DAY + HOUR)
    assert (done.looked, done.changed) == (1, int(due_day != 20))
    case.refresh_from_db()
    assert case.reply_due_at == MORNING + due_day * DAY
    assert case.contact_due_at == MORNING + timedelta(minutes=30)
    again = recomputing.recompute(MORNING + day * DAY + 2 * HOUR)
    assert again.changed == 0
    events = Event.objects.filter(case=case, action="recompute")
    assert [e.data for e in events] == [{"cause": "policy"}] * done.changed


def test_letter_sent_after_the_change_has_the_new_promise_even_if_longer(put_version, make_case):
    put_version(MORNING + DAY, **{"city.default.reply": "25d"})
    before, after = make_case(), make_case(at=MORNING + 2 * DAY)
    assert before.reply_due_at == MORNING + 20 * DAY
    assert after.reply_due_at == MORNING + 27 * DAY


def test_step_that_counts_anew_takes_the_rules_of_its_own_time(put_version, cast):
    case = cast.make_case(State.AWAITING_CITIZEN)
    put_version(MORNING + DAY, **{"city.default.reply": "10d", "city.default.silence": "3d"})
    assert recomputing.recompute(MORNING + 2 * DAY).looked == 0  # it waits: no clock runs
    cast.step(case.pk, "supply", at=MORNING + 4 * DAY, text="路口在东门。")
    case.refresh_from_db()
    assert case.reply_due_at == MORNING + 14 * DAY
    cast.step(case.pk, "record_result", at=MORNING + 5 * DAY, result="done")
    cast.step(case.pk, "propose_reply", at=MORNING + 5 * DAY, text="已修好。")
    cast.step(case.pk, "approve_reply", at=MORNING + 5 * DAY)
    case.refresh_from_db()
    assert case.next_due_at == MORNING + 8 * DAY


def test_extension_moves_the_shorter_promise_too_and_what_is_asked_is_limited_by_the_new_rules(
    put_version,
    cast,
):
    case = cast.make_case(State.IN_HAND)
    put_version(MORNING + DAY, **{"city.default.reply": "10d", "city.default.extension": "3d"})
    with pytest.raises(GuardRefused):
        cast.step(case.pk, "extend", at=MORNING + 2 * DAY, days=4, text="需要鉴定。")
    cast.step(case.pk, "extend", at=MORNING + 2 * DAY, days=3, text="需要鉴定。")
    case.refresh_from_db()
    assert case.reply_due_at == MORNING + 13 * DAY


def test_urging_begins_anew_when_the_limit_in_question_moves(put_version, cast, make_case):
    case = make_case(State.IN_HAND)
    cast.step(case.pk, "contact", how="phone", reached=True)
    cast.step(case.pk, "feedback", text="已到现场。")
    put_version(MORNING + DAY, **{"city.default.reply": "10d"})
    recomputing.recompute(MORNING + DAY)
    case.refresh_from_db()
    assert (case.next_clock, case.next_due_at) == ("reply", MORNING + 10 * DAY)
    assert case.scan_at >= case.next_due_at and case.pressure == 0


def test_provisional_limit_becomes_final_once_and_says_so(put_version, make_case):
    put_version(MORNING - DAY, **{"city.default.reply": "10wd"})
    case = make_case(State.IN_HAND)
    right = case.reply_due_at
    # As a process would have left it that did not know the year's calendar.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case SET reply_due_at = %s, due_provisional = true", [right - 2 * DAY]
        )
    assert any("reply_due_at" in fault for fault in log.check())
    out = StringIO()
    call_command("recompute_deadlines", stdout=out)
    assert out.getvalue() == "1 open cases looked at, 1 moved\n"
    case.refresh_from_db()
    assert (case.reply_due_at, case.due_provisional) == (right, False)
    assert Event.objects.get(action="recompute").data == {"cause": "calendar"}


def test_closed_letter_keeps_the_limit_of_the_calendar_that_was_known(put_version, make_case):
    sent = datetime(2021, 9, 30, 4, tzinfo=UTC)  # seven days off follow
    put_version(sent - DAY, **{"city.default.reply": "5wd"})
    case = make_case(State.CLOSED, at=sent)
    facts = {"due_provisional": True, "reply_due_at": sent + 7 * DAY}
    assert case.reply_due_at > sent + 12 * DAY
    Case.objects.filter(pk=case.pk).update(**facts)
    assert recomputing.recompute(sent + DAY).looked == 0 and list(log.check()) == []
    Case.objects.filter(pk=case.pk).update(reply_due_at=sent + 8 * DAY)
    assert any("reply_due_at" in fault for fault in log.check())
    Case.objects.filter(pk=case.pk).update(**facts)


def test_nothing_is_looked_at_again_until_rules_or_calendar_change(put_version, make_case):
    make_case()
    assert recomputing.recompute_if_needed(MORNING + DAY) == 0
    assert Recomputation.objects.get().looked == 1
    recomputing.recompute_if_needed(MORNING + DAY)
    assert Recomputation.objects.count() == 1
    put_version(MORNING + 3 * DAY, **{"city.default.reply": "10d"})
    assert recomputing.recompute_if_needed(MORNING + 2 * DAY) == 0
    assert recomputing.recompute_if_needed(MORNING + 3 * DAY) == 1
    assert recomputing.recompute_if_needed(MORNING + 4 * DAY) == 0
    Recomputation.objects.update(calendar="2020-0")
    recomputing.recompute_if_needed(MORNING + 5 * DAY)
    assert Recomputation.objects.count() == 3


def test_what_has_no_time_left_goes_on_later_and_says_so_only_when_done(put_version, make_case):
    case = make_case()
    put_version(MORNING + DAY, **{"city.default.reply": "10d"})
    assert recomputing.recompute(MORNING + 2 * DAY, seconds=0) is None
    assert not Recomputation.objects.exists() and case.events.count() == 1
    assert recomputing.recompute_if_needed(MORNING + 2 * DAY) == 1


def test_step_is_refused_where_nothing_moves(make_case):
    case = make_case()
    with pytest.raises(GuardRefused):
        perform(case.pk, "recompute", actor=actors.system(), at=MORNING, cause="policy")


def test_run_keeps_the_rules_it_was_made_with(put_version, cast):
    put_version(MORNING - DAY, **{"city.default.reply": "10d"})
    assert in_force.policy(MORNING).length("city", "help", "reply").text == "10d"
    with worlds.enter(make_run()):
        assert in_force.versions() is policy.load()
        assert {c.reply_due_at for c in Case.objects.all()} == {MORNING + 20 * DAY}
        assert list(log.check()) == [] and recomputing.recompute_if_needed(MORNING) == 0


def test_database_refuses_to_change_a_version_or_to_delete_one_in_force(put_version, cast):
    version = put_version(MORNING, **{"city.default.reply": "10d"})
    for attempt in (
        lambda: PolicyVersion.objects.update(note="另一个说明"),
        lambda: PolicyVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    ("old", "new", "since", "kept"),
    [(30, 20, 0, 20), (30, 20, 19, 20), (30, 20, 19.5, 30), (20, 30, 0, 20), (None, 20, 0, 20), (20, None, 0, 20)],
)  # fmt: skip
def test_legal_limit_too_is_never_put_off(old, new, since, kept):
    blank = dict.fromkeys([f"{promise}_due_at" for promise in clocks.PROMISES])

    def dues(days, provisional):
        at = None if days is None else MORNING + days * DAY
        return {**blank, "legal_due_at": at, "due_provisional": provisional}

    found = clocks.hastened(dues(old, False), dues(new, True), MORNING + since * DAY)
    assert found["legal_due_at"] == MORNING + kept * DAY
    assert found["due_provisional"] is (kept != old)

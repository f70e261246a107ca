"""What the clocks bring about: urging, cards, and the ends of waiting. Beijing time throughout."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from cases import actors, clocks, deadlines, policy, worlds
from cases.calendars import Length
from cases.models import Case, Event
from cases.transitions import State
from cases.workflow import perform
from tests.beijing import at
from tests.people import build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]

MONDAY = at("2026-03-02 09:00")
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
)  # fmt: skip


def pressed(case):
    """Return what the program has done to a case: [(action, moment, level or None), …]."""
    events = case.events.filter(role="system").order_by("seq")
    return [(event.action, event.at, event.data.get("level")) for event in events]


def now_of(case):
    return Case.objects.get(pk=case.pk)


def citizen(case, action, moment, **fields):
    return perform(case.pk, action, actor=actors.citizen(case.pk), at=moment, **fields)


def scan_daily(first, last, step=HOUR):
    """Scan every hour, as beat would if it were slow."""
    moment, written = first, 0
    while moment <= last:
        written += deadlines.scan(moment)
        moment += step
    return written


# -- pressing ----------------------------------------------------------------------------------


def test_nothing_is_pressed_before_its_time(make_case):
    case = make_case(at=MONDAY)
    for moment in (MONDAY, MONDAY + 10 * MINUTE - SECOND):
        assert deadlines.scan(moment) == 0
    assert pressed(case) == []
    assert deadlines.scan(MONDAY + 10 * MINUTE) == 1


def test_a_second_scan_does_nothing_more(make_case):
    make_case(at=MONDAY)
    moment = MONDAY + HOUR
    assert [deadlines.scan(moment) for _time in range(3)] == [1, 0, 0]


def test_a_late_case_is_urged_then_gets_its_cards(make_case):
    case = make_case(at=MONDAY)
    due = case.accept_due_at
    assert due == at("2026-03-02 09:10")
    scan_daily(MONDAY, MONDAY + 20 * DAY)
    assert [step[::2] for step in pressed(case)] == [
        ("urge", None), ("supervise", "yellow"), ("supervise", "red"),
    ]  # fmt: skip
    expected = clocks.pressing(due, Length.parse("10m"), policy.load())
    for (_action, moment, _level), exact in zip(pressed(case), expected, strict=True):
        assert exact <= moment < exact + HOUR
    assert (expected.yellow_at, expected.red_at) == (
        at("2026-03-03 09:10"), at("2026-03-09 09:10"),
    )  # fmt: skip
    found = now_of(case)
    assert (found.supervision, found.pressure, found.scan_at) == ("red", 3, None)


def test_a_desk_that_never_closes_is_urged_at_night(make_case):
    case = make_case(at=at("2026-03-06 23:00"))  # a Friday
    deadlines.scan(at("2026-03-06 23:10"))
    assert pressed(case) == [("urge", at("2026-03-06 23:10"), None)]


def test_a_promise_of_days_is_pressed_in_working_hours(cast):
    """Feedback within four days of a Tuesday evening falls due on Saturday: urged on Monday."""
    sent = at("2026-03-03 20:00")
    case = cast.make_case(State.IN_HAND, at=sent)
    cast.step(case.pk, "contact", at=sent, how="phone", reached=True)
    case = now_of(case)
    assert (case.next_clock, case.next_due_at) == ("feedback", at("2026-03-07 20:00"))
    assert case.scan_at == at("2026-03-09 08:30")
    assert deadlines.scan(at("2026-03-09 08:29")) == 0
    assert deadlines.scan(at("2026-03-09 08:30")) == 1


def test_a_kept_promise_is_not_pressed(cast):
    case = cast.make_case(at=MONDAY)
    cast.step(case.pk, "accept", at=MONDAY + 5 * MINUTE)
    assert deadlines.scan(MONDAY + 15 * MINUTE) == 0
    assert now_of(case).next_clock == "sign"
    assert deadlines.scan(MONDAY + 20 * MINUTE) == 1  # the next one is


def test_each_promise_is_pressed_anew(cast):
    case = cast.make_case(at=MONDAY)
    deadlines.scan(MONDAY + 10 * MINUTE)
    cast.step(case.pk, "accept", at=MONDAY + 15 * MINUTE)
    assert now_of(case).pressure == 0
    deadlines.scan(MONDAY + 20 * MINUTE)
    assert [step[:2] for step in pressed(case)] == [
        ("urge", MONDAY + 10 * MINUTE), ("urge", MONDAY + 20 * MINUTE),
    ]  # fmt: skip


def test_five_working_days_are_waited_in_full(make_case):
    """Sent on a Sunday: a red card after five working days, not three of them and a weekend."""
    case = make_case(at=at("2026-03-08 12:00"))
    for day in range(8, 14):  # to Friday night
        deadlines.scan(at(f"2026-03-{day:02d} 23:59"))
    assert [step[2] for step in pressed(case)] == [None, "yellow"]
    deadlines.scan(at("2026-03-16 08:30"))
    assert pressed(case)[-1] == ("supervise", at("2026-03-16 08:30"), "red")


def test_an_answer_to_supervision_does_not_bring_the_card_again(cast):
    case = cast.make_case(at=MONDAY)
    scan_daily(MONDAY, MONDAY + 2 * DAY)
    cast.step(case.pk, "answer_supervision", at=MONDAY + 2 * DAY, text="人手不足，今天办。")
    assert now_of(case).supervision == ""
    scan_daily(MONDAY + 2 * DAY, MONDAY + 4 * DAY)
    assert [step[2] for step in pressed(case)] == [None, "yellow"]


def test_pressing_by_people_does_not_press_twice(cast):
    case = cast.make_case(at=MONDAY)
    cast.step(case.pk, "urge", at=MONDAY + 5 * MINUTE)
    assert deadlines.scan(MONDAY + 10 * MINUTE) == 0
    citizen(case, "urge", MONDAY + 20 * MINUTE)
    assert now_of(case).pressure == 1


# -- waiting for the citizen -------------------------------------------------------------------


def test_a_case_that_waits_for_the_citizen_is_not_pressed(make_case):
    case = make_case(State.AWAITING_CITIZEN, at=MONDAY)
    assert scan_daily(MONDAY, MONDAY + 15 * DAY - SECOND, step=6 * HOUR) == 0
    assert now_of(case).next_clock == "supply"


def test_silence_of_the_asked_brings_the_case_back(make_case):
    case = make_case(State.AWAITING_CITIZEN, at=MONDAY)
    assert deadlines.scan(MONDAY + 15 * DAY) == 1
    found = now_of(case)
    assert (found.state, pressed(case)) == (State.IN_HAND, [("lapse", MONDAY + 15 * DAY, None)])


def test_waiting_moves_every_limit_by_just_as_much(cast):
    case = cast.make_case(State.IN_HAND, at=MONDAY)
    before = now_of(case)
    cast.step(case.pk, "ask_citizen", at=MONDAY + 10 * MINUTE, text="请说明路口。")
    citizen(case, "supply", MONDAY + 10 * MINUTE + 2 * DAY, text="福华路口。")
    found = now_of(case)
    for name in ("contact_due_at", "feedback_due_at", "reply_due_at", "legal_due_at"):
        assert getattr(found, name) == getattr(before, name) + 2 * DAY, name
    assert found.next_due_at - (MONDAY + 10 * MINUTE + 2 * DAY) == 20 * MINUTE  # of thirty


def test_waiting_time_is_kept_when_the_kind_changes(cast):
    case = cast.make_case(State.ACCEPTED, at=MONDAY)
    cast.step(case.pk, "ask_citizen", at=MONDAY + HOUR, text="请说明路口。")
    citizen(case, "supply", MONDAY + HOUR + 2 * DAY, text="福华路口。")
    cast.step(case.pk, "reclassify", at=MONDAY + 3 * DAY, kind="consult", category="traffic")
    found = now_of(case)
    assert found.reply_due_at == MONDAY + 2 * DAY + 2 * DAY  # two days for questions, and the wait
    assert found.legal_due_at is None
    assert found.episode_at == found.received_at == MONDAY


# -- the silent end ----------------------------------------------------------------------------


def test_a_reply_that_nobody_disputes_is_closed_after_its_days(make_case):
    case = make_case(State.REPLIED, at=MONDAY)
    assert deadlines.scan(MONDAY + 7 * DAY - SECOND) == 0
    assert deadlines.scan(MONDAY + 7 * DAY) == 1
    found = now_of(case)
    assert (found.state, found.closed_at) == (State.CLOSED, MONDAY + 7 * DAY)
    assert Event.objects.get(case=case, action="close").due_at == MONDAY + 7 * DAY
    assert deadlines.scan(MONDAY + 99 * DAY) == 0


def test_what_is_said_meanwhile_does_not_move_the_silent_end(cast):
    case = cast.make_case(State.REPLIED, at=MONDAY)
    cast.step(case.pk, "call_back", at=MONDAY + DAY, reached=True)
    citizen(case, "rate", MONDAY + 2 * DAY, satisfied=False, solved=False)
    cast.step(case.pk, "note", at=MONDAY + 3 * DAY, text="已回访。")
    assert now_of(case).next_due_at == MONDAY + 7 * DAY


def test_a_reopened_case_is_not_closed_by_the_old_silence(make_case):
    case = make_case(State.REPLIED, at=MONDAY)
    citizen(case, "reopen", MONDAY + 6 * DAY, text="没有办好。")
    scan_daily(MONDAY + 7 * DAY, MONDAY + 8 * DAY)
    assert now_of(case).state == State.IN_HAND
    assert now_of(case).reply_due_at == MONDAY + 16 * DAY  # ten days for what is done again


@pytest.mark.parametrize(
    "state", [State.CLOSED, State.DECLINED, State.MERGED, State.TRANSFERRED_OUT, State.WITHDRAWN]
)
def test_an_ended_case_has_no_clock(make_case, state):
    case = make_case(state, at=MONDAY)
    found = now_of(case)
    assert (found.next_clock, found.next_due_at, found.scan_at) == ("", None, None)


# -- limits stay -------------------------------------------------------------------------------


def test_taking_a_case_leaves_its_limits(cast):
    case = cast.make_case(State.IN_HAND, at=MONDAY)
    before = Case.objects.filter(pk=case.pk).values().get()
    officer = build_officer("handle_case", unit="440304")
    event = cast.step(case.pk, "assign", at=MONDAY + MINUTE, officer=officer)
    after = Case.objects.filter(pk=case.pk).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"officer_id", "seq", "updated_at"}
    assert event.data == {"officer": officer.pk} and event.due_at is None


def test_being_passed_round_gives_no_time_back(cast):
    case = cast.make_case(State.IN_HAND, at=MONDAY)
    dues = [name for name in vars(case) if name.endswith("_due_at") and name != "next_due_at"]
    before = [getattr(now_of(case), name) for name in dues]
    for hour in range(2):
        moment = MONDAY + hour * HOUR
        cast.step(case.pk, "return_to_desk", at=moment, return_reason="unclear", text="见附件。")
        cast.step(case.pk, "dispatch", at=moment, unit="440305")
        cast.step(case.pk, "sign", at=moment)
        cast.step(case.pk, "forward_down", at=moment, unit="440305-01")
        cast.step(case.pk, "sign", at=moment)
    assert [getattr(now_of(case), name) for name in dues] == before


def test_an_extension_moves_the_reply_and_nothing_else(cast):
    case = cast.make_case(State.IN_HAND, at=MONDAY)
    before = now_of(case)
    cast.step(case.pk, "extend", at=MONDAY, days=10, text="需要鉴定。")
    found = now_of(case)
    assert found.reply_due_at == before.reply_due_at + 10 * DAY
    for name in ("contact_due_at", "feedback_due_at", "legal_due_at"):
        assert getattr(found, name) == getattr(before, name)


def test_unmerged_a_case_has_the_time_it_had(cast):
    main, case = cast.make_case(at=MONDAY), cast.make_case(State.IN_HAND, at=MONDAY)
    before = now_of(case)
    cast.step(case.pk, "merge", at=MONDAY + MINUTE, into=main.letter.receipt)
    assert scan_daily(MONDAY, MONDAY + 9 * MINUTE, step=MINUTE) == 0
    cast.step(case.pk, "unmerge", at=MONDAY + DAY)
    found = now_of(case)
    assert (found.next_clock, found.next_due_at) == (before.next_clock, before.next_due_at)


# -- the ways in -------------------------------------------------------------------------------


def test_a_scan_takes_the_longest_waiting_first_and_no_more_than_asked(make_case):
    cases = [make_case(at=MONDAY - n * HOUR) for n in range(3)]
    assert deadlines.scan(MONDAY + DAY, limit=1) == 1
    assert pressed(cases[2]) and not pressed(cases[0])


def test_a_case_moved_meanwhile_is_left_to_the_next_scan(cast, monkeypatch):
    """Between the list and its turn someone accepts the case: nothing is pressed by mistake."""
    case = cast.make_case(at=MONDAY)
    taken = deadlines._step

    def accepted_first(case_id, *rest):
        cast.step(case_id, "accept", at=MONDAY + 10 * MINUTE)
        return taken(case_id, *rest)

    monkeypatch.setattr(deadlines, "_step", accepted_first)
    assert deadlines.scan(MONDAY + 10 * MINUTE) == 0
    assert pressed(case) == []


def test_what_two_scans_have_listed_is_pressed_once(make_case):
    case = make_case(at=MONDAY)
    listed = (case.pk, "accept", 0, case.seq, MONDAY + HOUR)
    assert [deadlines._step(*listed), deadlines._step(*listed)] == [1, 0]
    assert len(pressed(case)) == 1


def test_the_command_goes_on_until_nothing_is_due(make_case, capsys):
    long_ago = worlds.now() - 60 * DAY
    case = make_case(State.REPLIED, at=long_ago)
    make_case(at=long_ago)
    call_command("scan_deadlines")
    assert capsys.readouterr().out == "4 steps taken\n"
    assert now_of(case).state == State.CLOSED

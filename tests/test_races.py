"""Two at once. Each race is first shown with the lock off, so that these tests can fail."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cases import actors, deadlines, log
from cases.models import Case, Event, Incident
from cases.refusals import GuardRefused, Refusal, Stale, WrongState
from cases.transitions import State
from cases.workflow import lock, perform
from tests.people import MORNING, Cast
from tests.processes import PATIENCE_SECONDS, becomes, waits_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

LATER = MORNING + timedelta(days=60)


@pytest.fixture(autouse=True)
def whole_log(db):
    """After every race the log is whole, but for the one without a lock."""
    yield
    assert list(log.check()) == []


def at_once(*steps):
    """Run each step in a thread of its own, from one starting signal; return what each gave."""
    barrier, outcomes = threading.Barrier(len(steps)), [None] * len(steps)

    def run(place, step):
        try:
            barrier.wait(PATIENCE_SECONDS)
            outcomes[place] = step()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


@contextmanager
def held(case_id):
    """Hold a case's lock; on leaving, let others at it."""
    with transaction.atomic():
        yield lock(case_id)


def step(case_id, action, user, at=MORNING, **fields):
    """Return a function that takes this step as this officer."""
    return lambda: perform(case_id, action, actor=actors.officer(user), at=at, **fields)


def unlocked(case_id, meet):
    """Accept a case as perform would without its lock: read, meet the other, write."""
    case = Case.objects.get(pk=case_id)
    assert case.state == State.RECEIVED
    meet.wait(PATIENCE_SECONDS)
    with transaction.atomic():
        Event.objects.create(case=case, seq=case.seq + 1, at=MORNING, action="accept",
                             old_state="received", new_state="accepted", role="officer",
                             unit=case.unit)  # fmt: skip
        Case.objects.filter(pk=case_id).update(state="accepted", seq=case.seq + 1)
    return "accepted"


def _fold(case_id):
    """Write into the case what its log says, after a step that went round perform."""
    case = Case.objects.get(pk=case_id)
    case.accepted_at = case.updated_at = MORNING
    case.next_clock, case.next_due_at = "sign", case.sign_due_at
    case.scan_at = case.sign_due_at
    case.save()


def test_without_the_lock_two_take_the_same_step():
    case, meet = Cast().make_case(), threading.Barrier(2)
    outcomes = at_once(lambda: unlocked(case.pk, meet), lambda: unlocked(case.pk, meet))
    # Both found “received” and went on; the unique (case, seq) alone stopped the second.
    assert sorted(type(o).__name__ for o in outcomes) == ["IntegrityError", "str"]
    assert any(isinstance(o, IntegrityError) for o in outcomes)
    _fold(case.pk)


def test_with_the_lock_one_takes_it_and_the_other_is_told():
    cast = Cast()
    for _time in range(5):
        case = cast.make_case()
        outcomes = at_once(
            *[step(case.pk, "accept", user) for user in (cast.writer, cast.reviewer)]
        )
        assert sorted(type(o).__name__ for o in outcomes) == ["Event", "WrongState"]
        assert Event.objects.filter(case=case, action="accept").count() == 1


def test_the_slower_of_two_pages_is_told_who_was_faster():
    cast = Cast()
    case = cast.make_case(State.ACCEPTED)
    outcomes = at_once(
        step(case.pk, "note", cast.writer, seen=case.seq, text="甲的备注。"),
        step(case.pk, "note", cast.reviewer, seen=case.seq, text="乙的备注。"),
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Event", "Stale"]
    winner = next(o for o in outcomes if isinstance(o, Event)).user
    assert str(winner) in str(next(o for o in outcomes if isinstance(o, Stale)))


def test_who_waited_while_the_case_went_to_another_unit_still_finds_it():
    """A lock that joins the unit would lose the row here: it is judged by the joins of before."""
    cast, outcomes = Cast(), []
    case = cast.make_case(State.ACCEPTED)

    def second():
        try:
            outcomes.append(step(case.pk, "dispatch", cast.reviewer, unit="440305")())
        except Refusal as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with held(case.pk):
        thread.start()
        assert becomes(waits_for_a_lock)
        cast.step(case.pk, "dispatch", unit="440304")
    thread.join(PATIENCE_SECONDS)
    assert [type(o) for o in outcomes] == [WrongState]
    case.refresh_from_db()
    assert case.unit.code == "440304"


def test_a_late_worker_does_not_move_a_case_back():
    cast = Cast()
    case = cast.make_case(State.REPLIED)
    stale = Case.objects.get(pk=case.pk)  # a worker's old copy
    cast.step(case.pk, "close")
    with pytest.raises(Stale):
        perform(case.pk, "close", actor=actors.system(), at=LATER, seen=stale.seq)
    case.refresh_from_db()
    assert case.state == State.CLOSED


def _citizen(case_id, action, **fields):
    return lambda: perform(case_id, action, actor=actors.citizen(case_id), at=MORNING, **fields)


@pytest.mark.parametrize(
    "state, action, fields, loser",
    [
        (State.REPLIED, "rate", {"satisfied": True, "solved": True}, GuardRefused),
        (State.CLOSED, "reopen", {"text": "没有办好。"}, WrongState),
        (State.REPLIED, "thank", {"form": "banner", "text": "谢谢！"}, GuardRefused),
        (State.DECLINED, "reconsider", {"text": "此事归公安管。"}, WrongState),
        (State.RECEIVED, "withdraw", {}, WrongState),
        (State.REPLIED, "close", {}, WrongState),
    ],
)
def test_a_double_click_has_one_effect(state, action, fields, loser):
    case = Cast().make_case(state)
    outcomes = at_once(*[_citizen(case.pk, action, **fields)] * 3)
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == sorted(["Event", loser.__name__, loser.__name__])
    assert Event.objects.filter(case=case, action=action).count() == 1


def test_two_cases_cannot_be_merged_into_each_other():
    cast = Cast()
    for _time in range(5):
        one, two = cast.make_case(State.ACCEPTED), cast.make_case(State.ACCEPTED)
        outcomes = at_once(
            step(one.pk, "merge", cast.writer, into=two.letter.receipt),
            step(two.pk, "merge", cast.reviewer, into=one.letter.receipt),
        )
        states = [Case.objects.get(pk=case.pk).state for case in (one, two)]
        assert states.count(State.MERGED) <= 1, "both letters are lost in each other"
        assert all(isinstance(o, Event | GuardRefused) for o in outcomes)
        assert sum(isinstance(o, Event) for o in outcomes) == states.count(State.MERGED)


def test_nothing_is_merged_into_a_case_that_is_just_being_ended():
    cast, outcomes = Cast(), []
    case, main = cast.make_case(State.ACCEPTED), cast.make_case(State.ACCEPTED)

    def second():
        try:
            outcomes.append(step(case.pk, "merge", cast.reviewer, into=main.letter.receipt)())
        except Refusal as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        cast.step(main.pk, "withdraw")
        thread.start()
        thread.join(
            PATIENCE_SECONDS
        )  # it doesn't wait: a wait of two for each other would never end
    assert [type(o) for o in outcomes] == [GuardRefused]
    case.refresh_from_db()
    assert case.state == State.ACCEPTED


def test_one_incident_recorded_from_two_letters_at_once_is_one():
    cast = Cast()
    cases = [cast.make_case(State.IN_HAND) for _count in range(2)]
    outcomes = at_once(*[step(c.pk, "record_incident", cast.writer, number="A1") for c in cases])
    assert [type(o) for o in outcomes] == [Event, Event]
    assert Incident.objects.count() == 1


def test_two_scans_at_once_close_each_case_once():
    cast = Cast()
    with transaction.atomic():  # one commit for all
        cases = [cast.make_case(State.REPLIED) for _count in range(100)]
    counts = at_once(lambda: deadlines.scan(LATER), lambda: deadlines.scan(LATER))
    assert sum(counts) == 100
    closes = Event.objects.filter(action="close")
    assert closes.count() == closes.values("case").distinct().count() == len(cases)

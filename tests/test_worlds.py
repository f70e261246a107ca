"""A run's letters stand in a schema of their own; one test for each trap on the way there."""

import threading
from datetime import timedelta

import pytest
from django.db import (
    DatabaseError,
    ProgrammingError,
    connection,
    transaction,
)
from django.utils import timezone

from cases import access, actors, log, worlds
from cases.intake import intake
from cases.models import Case, Event, Letter, Rule
from cases.refusals import NotPermitted
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING, build_officer, submission
from tests.processes import PATIENCE_SECONDS
from tests.run_worlds import END, at_home, make_run, make_world, path


@pytest.fixture
def run(db):
    """A sealed world with two letters."""
    return make_run()


# -- a world that is not there -----------------------------------------------------------------


def test_a_missing_world_is_an_error_and_never_a_live_letter(make_case):
    case = make_case()
    world = make_world(9, ready=True)  # its schema was dropped, or never made
    for use in (
        lambda: Letter.objects.count(),
        lambda: Case.objects.filter(pk=case.pk).update(hops=9),
        lambda: perform(case.pk, "accept", actor=actors.simulated("officer"), at=MORNING),
    ):
        with pytest.raises(ProgrammingError, match="does not exist"), worlds.enter(world):
            use()
        assert at_home()
    case.refresh_from_db()
    assert (case.hops, case.seq) == (0, 1)


def test_a_world_without_one_table_is_an_error_too(run):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE run_1.cases_rule")
    with pytest.raises(ProgrammingError, match="cases_rule"), worlds.enter(run):
        Rule.objects.count()


# -- the way in and out ------------------------------------------------------------------------


def test_the_live_path_is_back_after_a_normal_end(run):
    with worlds.enter(run):
        assert path() == "run_1, public" and not worlds.current().live
        assert Letter.objects.count() == 2
    assert at_home() and Letter.objects.count() == 0


def test_the_live_path_is_back_after_an_exception(run):
    with pytest.raises(KeyError), worlds.enter(run):
        raise KeyError("a fault of the page")
    assert at_home() and Letter.objects.count() == 0


def test_the_live_path_is_back_after_an_error_of_the_database(run):
    with pytest.raises(DatabaseError), worlds.enter(run), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    assert at_home() and Letter.objects.count() == 0


def test_the_live_path_is_back_though_the_block_was_to_be_rolled_back(run):
    with worlds.enter(run):
        Letter.objects.filter(pk=1).update(place="改过")
        transaction.set_rollback(True)
    assert at_home()
    with worlds.enter(run):
        assert not Letter.objects.filter(place="改过").exists()


def test_the_live_path_is_back_after_a_savepoint(run):
    """SET LOCAL outlives the savepoint in which it was set, so it must be put back by hand."""
    with transaction.atomic():
        with worlds.enter(run), transaction.atomic():
            assert path() == "run_1, public"
        assert at_home()
        Letter.objects.filter(pk=1).update(place="改过")
    with worlds.enter(run):
        assert not Letter.objects.filter(place="改过").exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_the_path_is_back_too():
    run = make_run()
    for fault in (None, KeyError, DatabaseError):
        try:
            with worlds.enter(run):
                assert path() == "run_1, public"
                if fault:
                    raise fault("x")
        except (KeyError, DatabaseError):
            pass
        assert at_home() and Letter.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_world_is_entered_by_one_thread_alone():
    run, seen, inside, done = make_run(), [], threading.Event(), threading.Event()

    def other():
        inside.wait(PATIENCE_SECONDS)
        try:
            seen.extend([path(), worlds.current().live, Letter.objects.count()])
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with worlds.enter(run):
        inside.set()
        done.wait(PATIENCE_SECONDS)
    thread.join(PATIENCE_SECONDS)
    assert seen[1:] == [True, 0]


def test_a_world_inside_another_is_refused(run):
    other = make_run(2)
    with worlds.enter(run):
        with pytest.raises(RuntimeError, match="already in world run_1"), worlds.enter(other):
            pass
        assert path() == "run_1, public" and Letter.objects.count() == 2
    assert at_home()


def test_a_world_that_is_not_ready_is_not_entered(db):
    world = make_world()
    worlds.create(world)
    with pytest.raises(worlds.WorldRefused), worlds.enter(world):
        pass
    worlds.seal(world)
    with worlds.enter(world):
        assert Letter.objects.count() == 0


def test_nothing_may_wait_for_the_commit_inside(run):
    ran = []
    with pytest.raises(RuntimeError, match="on_commit"), worlds.enter(run):
        transaction.on_commit(lambda: ran.append("in live, with an id of the run"))
    assert at_home()
    with worlds.enter(run):
        pass  # what waited is gone
    assert ran == []


def test_what_waits_outside_is_left_alone(run):
    transaction.on_commit(lambda: None)
    with worlds.enter(run):
        pass


# -- its own clock -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at, stands_at",
    [
        (None, END),
        (MORNING + timedelta(days=3), MORNING + timedelta(days=3)),
        (MORNING - timedelta(days=1), MORNING),
        (END + timedelta(days=1), END),
    ],
)
def test_a_world_stands_at_an_instant(run, at, stands_at):
    with worlds.enter(run, at=at):
        assert worlds.now() == stands_at
    assert abs(worlds.now() - timezone.now()) < timedelta(minutes=1)


# -- people and numbers ------------------------------------------------------------------------


def test_made_up_people_act_in_a_run_and_nowhere_else(run, make_case):
    case = make_case()
    with worlds.enter(run):
        perform(1, "accept", actor=actors.simulated("officer"), at=MORNING)
        assert Case.objects.get(pk=1).state == State.ACCEPTED
    with pytest.raises(NotPermitted):
        perform(case.pk, "accept", actor=actors.simulated("officer"), at=MORNING)
    with pytest.raises(NotPermitted):
        intake(submission(), actor=actors.simulated("citizen"), at=MORNING)


def test_an_officer_works_in_a_run_with_the_same_rights(run):
    clerk, stranger = build_officer("triage_case"), build_officer("triage_case", unit="440100")
    with worlds.enter(run):
        perform(1, "accept", actor=actors.officer(clerk), at=MORNING)
        assert access.visible_cases(clerk).count() == 2
        assert access.visible_cases(stranger).count() == 0


def test_receipts_carry_the_mark_of_the_run(run):
    with worlds.enter(run):
        assert {r[:3] for r in Letter.objects.values_list("receipt", flat=True)} == {"R1-"}
        new = intake(submission(person={}), actor=actors.simulated("citizen"), at=END)
        assert new.case_id == 3 and new.receipt.startswith("R1-")


def test_a_receipt_of_a_run_opens_nothing_among_live_letters(run, make_case):
    officer = build_officer("triage_case")
    live = make_case().letter.receipt
    with worlds.enter(run):
        receipt = Letter.objects.get(pk=1).receipt
        assert access.case_for_officer(officer, receipt).pk == 1
        with pytest.raises(access.NotFound):
            access.case_for_officer(officer, live)
    with pytest.raises(access.NotFound):
        access.case_for_officer(officer, receipt)


def test_the_same_ids_do_not_mix(run, cast):
    cast.make_case(State.ACCEPTED)
    live = Case.objects.get()
    Letter.objects.filter(pk=live.pk).update(place="活的")
    world = make_run(2, letters=0)
    with worlds.enter(world):
        sent = submission(person={})
        intake(sent, actor=actors.simulated("citizen"), at=MORNING, letter_id=live.pk)
        perform(live.pk, "withdraw", actor=actors.simulated("citizen"), at=MORNING)
        assert Letter.objects.get(pk=live.pk).place == "福田区某路口"
        assert Event.objects.filter(case=live.pk).count() == 2
    live.refresh_from_db()
    assert (live.state, live.letter.place) == (State.ACCEPTED, "活的")
    assert Event.objects.filter(case=live.pk).count() == 2
    assert list(log.check()) == []

"""A run's letters stand in a schema of their own; one test for each trap on the way there."""

import io
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import (
    DatabaseError,
    IntegrityError,
    ProgrammingError,
    connection,
    models,
    transaction,
)
from django.utils import timezone

from cases import access, actors, log, worlds
from cases.intake import intake
from cases.models import Case, Event, Letter, Rule, World
from cases.refusals import NotPermitted
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING, build_officer, submission

END = MORNING + timedelta(days=30)


def make_world(number=1, **changes):
    """Return the saved row of a world whose tables are not there yet."""
    fields = {
        "schema": f"run_{number}",
        "mark": f"R{number}",
        "starts_at": MORNING,
        "ends_at": END,
        "fingerprint": worlds.fingerprint("live"),
        "created_at": timezone.now(),
    }
    return World.objects.create(**{**fields, **changes})


def make_run(number=1, letters=2, load=None):
    """Return a sealed world with letters 1 to `letters`, made by simulated people."""
    world = make_world(number)
    worlds.create(world)
    with worlds.build(world):
        for letter in range(1, letters + 1):
            sent = submission(channel="simulation", person={}, writer_number=letter)
            intake(sent, actor=actors.simulated("citizen"), at=MORNING, letter_id=letter)
        if load:
            load()
    worlds.seal(world)
    return world


@pytest.fixture
def run(db):
    """A sealed world with two letters."""
    return make_run()


def path():
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


def at_home():
    """Return whether this code is back among live letters, in every way."""
    return path().replace(" ", "") == "public,live" and worlds.current().live


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
        inside.wait(10)
        try:
            seen.extend([path(), worlds.current().live, Letter.objects.count()])
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with worlds.enter(run):
        inside.set()
        done.wait(10)
    thread.join(10)
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


# -- tables ------------------------------------------------------------------------------------


def test_domain_tables_never_stand_in_public(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, schemaname FROM pg_tables WHERE tablename = ANY(%s)",
            [worlds.domain_tables()],
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(worlds.domain_tables(), "live")
    assert {"cases_letter", "cases_case", "cases_event", "mailbox_notice"} <= set(
        worlds.domain_tables()
    )
    assert "cases_unit" not in worlds.domain_tables()


def test_no_domain_table_carries_a_run():
    for model in apps.get_models():
        if issubclass(model, worlds.DomainModel):
            assert not {"run", "world"} & {field.name for field in model._meta.get_fields()}


def test_no_migration_is_missing_after_the_move(db):
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


def test_a_later_column_goes_into_the_live_table(db, make_case):
    make_case()
    field = models.CharField(max_length=5, default="旧", db_default="旧")
    field.set_attributes_from_name("later")
    field.model = Letter
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.add_field(Letter, field)
    with connection.cursor() as cursor:
        cursor.execute("SELECT later FROM live.cases_letter")
        assert cursor.fetchall() == [("旧",)]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE live.cases_letter ADD COLUMN later int",
        "ALTER TABLE live.cases_letter ALTER COLUMN place TYPE varchar(200)",
        "ALTER TABLE live.cases_letter ALTER COLUMN writer_number SET NOT NULL",
        "ALTER TABLE live.cases_case ADD CONSTRAINT c CHECK (hops < 100)",
        "ALTER TABLE live.cases_case DROP CONSTRAINT case_state_known",
    ],
)
def test_a_run_of_an_older_version_is_not_entered(run, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(worlds.WorldRefused) as refused, worlds.enter(run):
        pass
    assert "请重新运行" in str(refused.value)


def test_a_table_that_a_migration_makes_is_moved(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE live.cases_rule SET SCHEMA public")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname FROM pg_tables WHERE tablename = 'cases_rule'")
        assert cursor.fetchall() == [("live",)]


@pytest.mark.django_db(transaction=True)
def test_stock_flush_is_refused_by_the_log_and_loses_nothing():
    intake(submission(), actor=actors.citizen(None), at=MORNING)
    with pytest.raises(CommandError, match="couldn't be flushed"):
        call_command("flush", interactive=False, stdout=io.StringIO())
    assert Letter.objects.count() == Event.objects.count() == 1
    assert at_home()


# -- sealing -----------------------------------------------------------------------------------

INDEXES = """
    SELECT tablename, indexname, replace(indexdef, schemaname || '.', '') FROM pg_indexes
    WHERE schemaname = %s AND tablename = ANY(%s) ORDER BY 1, 2"""
CONSTRAINTS = """
    SELECT c.relname, k.conname, k.contype,
           replace(pg_get_constraintdef(k.oid), n.nspname || '.', ''),
           coalesce(replace(k.confrelid::regclass::text, n.nspname || '.', ''), '')
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relname = ANY(%s) ORDER BY 1, 2"""
COLUMNS = """
    SELECT table_name, column_name, data_type, is_nullable, is_identity,
           character_maximum_length
    FROM information_schema.columns
    WHERE table_schema = %s AND table_name = ANY(%s) ORDER BY 1, 2"""


@pytest.mark.parametrize("sql", [INDEXES, CONSTRAINTS, COLUMNS])
def test_a_sealed_run_has_the_tables_of_the_live_ones(run, sql):
    found = []
    with connection.cursor() as cursor:
        for schema in ("live", "run_1"):
            cursor.execute(sql, [schema, worlds.domain_tables()])
            found.append(cursor.fetchall())
    assert len(found[0]) > 20
    assert found[1] == found[0]


def test_foreign_keys_of_a_run_lead_into_the_run_or_to_what_is_common(run):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT n.nspname FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid"
            " JOIN pg_namespace n ON n.oid = f.relnamespace JOIN pg_class c ON c.oid = k.conrelid"
            " WHERE c.relnamespace = 'run_1'::regnamespace AND k.contype = 'f' ORDER BY 1"
        )
        assert cursor.fetchall() == [("public",), ("run_1",)]


def test_what_breaks_a_key_is_found_by_sealing(db):
    def twice():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cases_rule (number, title, case_id, recorded_at) VALUES"
                " ('1', 'a', 1, now()), ('1', 'b', 1, now())"
            )

    with pytest.raises(IntegrityError), transaction.atomic():
        make_run(load=twice)
    assert at_home()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_event SET action = 'note'",
        "DELETE FROM cases_event",
        "TRUNCATE cases_event CASCADE",
    ],
)
def test_the_log_of_a_run_is_append_only_too(run, sql):
    refused = pytest.raises(DatabaseError, match="append-only.*run_1")
    with refused, worlds.enter(run), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def test_the_log_of_a_run_is_not_chained_but_checked(run):
    with worlds.enter(run):
        assert set(Event.objects.values_list("hash", flat=True)) == {None}
        perform(1, "accept", actor=actors.simulated("officer"), at=MORNING)
        assert list(log.check()) == []
        Case.objects.filter(pk=2).update(state="closed")
        assert any("case 2: state" in fault for fault in log.check())


def test_the_check_command_reads_a_run(run):
    out = io.StringIO()
    call_command("check_log", world="run_1", stdout=out)
    assert "2 cases, log whole" in out.getvalue()


def test_what_was_begun_in_a_run_is_undone_by_an_error(run):
    @contextmanager
    def step():
        with worlds.enter(run):
            perform(1, "accept", actor=actors.simulated("officer"), at=MORNING)
            yield

    with pytest.raises(KeyError), step():
        raise KeyError
    with worlds.enter(run):
        assert Case.objects.get(pk=1).state == State.RECEIVED


# -- the end -----------------------------------------------------------------------------------


def test_a_dropped_run_leaves_no_trace(run, make_case):
    case = make_case()
    worlds.drop(run)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'run_1'")
        assert cursor.fetchone() == (0,)
    assert not World.objects.exists()
    assert Case.objects.get() == case


def test_the_live_letters_cannot_be_dropped(db):
    for schema in ("live", "public"):
        world = make_world(schema=schema)
        with pytest.raises(ValueError, match="no run's schema"):
            worlds.drop(world)
        world.delete()
    assert Letter.objects.count() == 0

"""The tables of a world: where they stand, how they are sealed, checked and dropped."""

import io
import re
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import (
    DatabaseError,
    IntegrityError,
    connection,
    models,
    transaction,
)

from cases import actors, log, worlds
from cases.intake import intake
from cases.models import Case, Event, Letter, World
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING, submission
from tests.run_worlds import at_home, make_run, make_world


@pytest.fixture
def run(db):
    """A sealed world with two letters."""
    return make_run()


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

# Without casts and brackets: PostgreSQL words IN otherwise once it reads its own words again.
INDEXES = """
    SELECT tablename, indexname,
           regexp_replace(replace(indexdef, schemaname || '.', ''),
                          '::(character varying|text)(\\[\\])?|[()]', '', 'g')
    FROM pg_indexes WHERE schemaname = %s AND tablename = ANY(%s) ORDER BY 1, 2"""
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
            found.append([tuple(map(_plain, row)) for row in cursor.fetchall()])
    assert len(found[0]) > 20
    assert found[1] == found[0]


def _plain(sql):
    """Without casts and brackets: the database writes a condition in another form once it is read again."""
    return re.sub(r"::[a-z ]+(\[\])?|[()]", "", sql) if isinstance(sql, str) else sql


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
        "TRUNCATE cases_disclosure",
    ],
)
def test_the_log_of_a_run_is_append_only_too(run, sql):
    refused = pytest.raises(DatabaseError, match="append-only.*run_1")
    with refused, worlds.enter(run), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def test_run_that_was_sealed_earlier_keeps_its_showings_too(run):
    migration = import_module("cases.migrations.0034_showings_kept")
    emptied = "TRUNCATE run_1.cases_disclosure"
    with connection.cursor() as cursor:
        cursor.execute(migration.UNDO)
        cursor.execute(emptied)
        cursor.execute(migration.SQL)
        with pytest.raises(DatabaseError, match="append-only.*run_1"), transaction.atomic():
            cursor.execute(emptied)


def test_the_log_of_a_run_is_not_chained_but_checked(run):
    with worlds.enter(run):
        assert set(Event.objects.values_list("hash", flat=True)) == {None}
        perform(1, "accept", actor=actors.simulated("officer"), at=MORNING)
        assert list(log.check()) == []
        Case.objects.filter(pk=2).update(state="closed")
        assert any("case 2: state" in fault for fault in log.check())


def test_a_step_that_does_not_follow_is_found_without_a_chain(run):
    """“thank” changes nothing of a case, so that only the table tells that it cannot be here."""
    with worlds.enter(run), connection.cursor() as cursor:
        perform(1, "note", actor=actors.simulated("officer"), at=MORNING, text="内部备注。")
        assert list(log.check()) == []
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE cases_event SET action = 'thank' WHERE case_id = 1 AND seq = 2")
        cursor.execute("SET LOCAL session_replication_role = origin")
        assert list(log.check()) == ["case 1: event 2 (thank) does not follow from “received”"]


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

"""Worlds: live letters stand in schema `live`, those of a run in a schema of their own.

This is the one door. `enter` alone changes the search path, `now` alone reads the
wall clock. A missing world is `relation does not exist`, never a read of live letters.
"""

import hashlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models.base import DomainModel
from cases.refusals import Refusal

LIVE_SCHEMA = "live"
# A run is loaded without the grams of its letters; their index is made once they are there.
LATE_INDEX = "letter_grams"
_LIVE_PATH = "public, live"


@dataclass(frozen=True)
class Current:
    """Where this code runs: the schema, the mark of its receipts and files, its clock and name."""

    schema: str = LIVE_SCHEMA
    mark: str = LIVE_SCHEMA
    at: datetime | None = None
    name: str = ""
    # Of a practice world: where its clock was last set, as text; "" elsewhere.
    clock_set: str = ""

    @property
    def live(self):
        """Whether these are the letters of real people."""
        return self.schema == LIVE_SCHEMA


_LIVE = Current()
_current = ContextVar("world", default=_LIVE)


class WorldRefused(Refusal):
    """A world that cannot be entered: not ready, gone, or made by an older version."""

    code = "world"


def current():
    """Return the world in which this code runs."""
    return _current.get()


def now():
    """Return the time in this world: the wall clock in the live one."""
    return current().at or timezone.now()


@contextmanager
def enter(world, at=None):
    """Run a block inside a run's world, in a transaction.

    world: World. at: the instant at which its clock stands; by default as `clock` says.
    Raises: WorldRefused; RuntimeError for a world inside another, or if the block leaves
    an on_commit call behind, which would run among live letters, where ids are the same.
    """
    if not current().live:
        raise RuntimeError(f"already in world {current().schema}")
    if not world.ready:
        raise WorldRefused(_("这次模拟还没有完成。"))
    if world.fingerprint != fingerprint(LIVE_SCHEMA):
        raise WorldRefused(_("这次模拟由旧版本生成，请重新运行。"))
    waiting = len(connection.run_on_commit)
    with transaction.atomic():
        with _path(world, at):
            yield current()
        if len(connection.run_on_commit) > waiting:
            raise RuntimeError("on_commit inside a world would run in the live one")


def clock(world):
    """Return the instant of a world: where a practice world's clock has come to, else its end."""
    if world.clock_at is None:
        return world.ends_at
    ticked = timezone.now() - world.clock_since if world.clock_since else timedelta()
    return min(world.clock_at + ticked, world.ends_at)


def set_clock(world, at, ticking):
    """Set a practice world's clock, and let it run on from there or stand."""
    world.clock_at, world.clock_since = at, timezone.now() if ticking else None
    world.save(update_fields=["clock_at", "clock_since"])


@contextmanager
def build(world):
    """Run a block inside a world that is not ready yet: for loaders, in their transaction."""
    with transaction.atomic(), _path(world, None):
        yield current()


@contextmanager
def _path(world, at):
    moment = min(max(at or clock(world), world.starts_at), world.ends_at)
    clock_set = world.clock_at.isoformat() if world.clock_at else ""
    named = world.name or world.schema
    token = _current.set(Current(world.schema, world.mark, moment, named, clock_set))
    _set_path(f"{world.schema}, public")
    try:
        yield
    finally:
        _current.reset(token)
        # SET LOCAL outlives a savepoint, so it is put back by hand; a failed
        # transaction takes no statement, and its rollback restores the path.
        if not connection.needs_rollback and not _broken():
            _set_path(_LIVE_PATH)


def _broken():
    status = connection.connection.info.transaction_status
    return status.name == "INERROR"


def _set_path(path):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path TO {path}")


def domain_tables():
    """Return the names of the tables that every world has, in the order of their foreign keys."""
    return [m._meta.db_table for m in apps.get_models() if issubclass(m, DomainModel)]


def move_live_tables(sender, **kwargs):
    """Move domain tables that a migration has made in `public` to `live`."""
    if sender.name != "cases" or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {LIVE_SCHEMA}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        in_public = {name for (name,) in cursor.fetchall()}
        for table in domain_tables():
            if table in in_public:
                cursor.execute(f"ALTER TABLE public.{table} SET SCHEMA {LIVE_SCHEMA}")


def fingerprint(schema):
    """Return a digest of the columns and constraints of a schema's domain tables."""
    tables = [schema, domain_tables()]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
                 AND c.relname = ANY(%s)
               ORDER BY 1, 2""",
            tables,
        )
        columns = cursor.fetchall()
        cursor.execute(
            """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
               FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
               JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %s AND c.relname = ANY(%s) ORDER BY 1, 2""",
            tables,
        )
        return hashlib.sha256(repr((columns, cursor.fetchall())).encode()).hexdigest()


def next_number(model):
    """Return the next number of a domain table's key in the current world."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        return cursor.fetchone()[0]


def create(world):
    """Make the empty tables of a saved World, without indexes, so that loading is fast."""
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(f"CREATE SCHEMA {world.schema}")
        for table in domain_tables():
            cursor.execute(
                f"CREATE TABLE {world.schema}.{table} "
                f"(LIKE {LIVE_SCHEMA}.{table} INCLUDING ALL EXCLUDING INDEXES)"
            )


# As in migrations 0002 and 0034; a run's events are not chained (docs/decisions/0003).
_APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
"""
    for table in ("cases_event", "cases_disclosure")
)


def seal(world):
    """Add indexes, keys and triggers to a loaded world, analyse it, and mark it ready.

    Everything is copied from the live tables, and checked by the database as it is added.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        statements = [*_index_statements(cursor), *_constraint_statements(cursor)]
        _set_path(f"{world.schema}, public")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM cases_letter) AND NOT EXISTS (SELECT FROM cases_lettergrams)"
        )
        late = f" {LATE_INDEX} " if cursor.fetchone()[0] else None
        for statement in statements:
            if late is None or late not in statement:
                cursor.execute(statement)
        for table in domain_tables():
            cursor.execute(f"ANALYZE {table}")
        # Letters were loaded with their numbers: those to come are counted on from there.
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('cases_letter', 'id'), max(id)) FROM cases_letter"
        )
        cursor.execute(_APPEND_ONLY)
        _set_path(_LIVE_PATH)
        world.ready = True
        world.save(update_fields=["ready"])


def has_index(name):
    """Return whether the current world has this index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{current().schema}.{name}"])
        return cursor.fetchone()[0]


def add_late_index():
    """Add the index that sealing may have left out to the current world, if it is not there."""
    if has_index(LATE_INDEX):
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for statement in _index_statements(cursor):
            if f" {LATE_INDEX} " in statement:
                cursor.execute(statement)


def drop(world):
    """Delete a world with all its letters. Its attachments are the caller's to delete."""
    if not world.schema.startswith("run_"):
        raise ValueError(f"{world.schema} is no run's schema")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {world.schema} CASCADE")
        world.delete()


def _index_statements(cursor):
    """Return the CREATE INDEX of the live tables' indexes that belong to no constraint."""
    cursor.execute(
        """SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
           JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = %s AND c.relname = ANY(%s)
             AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
                             AND k.conrelid = i.indrelid)
           ORDER BY i.indexrelid""",
        [LIVE_SCHEMA, domain_tables()],
    )
    return [row[0].replace(f" ON {LIVE_SCHEMA}.", " ON ") for row in cursor.fetchall()]


def _constraint_statements(cursor):
    """Return ADD CONSTRAINT for keys first, then foreign keys. CHECKs came with the tables."""
    cursor.execute(
        """SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.contype
           FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = %s AND c.relname = ANY(%s) AND k.contype IN ('p', 'u', 'f')
           ORDER BY array_position(ARRAY['p', 'u', 'f']::"char"[], k.contype), k.oid""",
        [LIVE_SCHEMA, domain_tables()],
    )
    return [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" '
        + definition.replace(f" {LIVE_SCHEMA}.", " ")
        for table, name, definition, _kind in cursor.fetchall()
    ]

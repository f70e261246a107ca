"""Bringing a backup back: judged before anything is touched, restored in one transaction, proved after."""

import json
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from cases import anchors, crypto, log, rotating
from cases.attachments import LIVE
from cases.models import World
from config.backing_up import (
    DUMP,
    FILES,
    FORMAT,
    MANIFEST,
    BackupError,
    digest,
    file_models,
    run_program,
    table_counts,
)

_HEAD = 4096  # bytes of a dump's script in which its settings stand
_EMPTIED = """
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%' OR nspname = 'live'
  LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""


def restore(folder, say, replace=False):
    """Restore a backup into the configured database and folder of attachments; yield its faults.

    replace: drop what is in the database; else it must be empty. Files are added to what is there.
    What an older version of this program made is brought to the tables of this one.
    Raises: BackupError before anything is changed; also if PostgreSQL refuses, which then has
    changed nothing.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    say("looking at the backup …")
    judge(folder, manifest)
    if not replace and connection.introspection.table_names():
        raise BackupError("the database is not empty: give --replace to drop what is in it")
    if others := _other_connections():
        raise BackupError(f"{others} others use the database: stop web, workers and beat first")
    say("attachments …")
    _bring_files(folder, manifest)
    say("the database …")
    _bring_database(folder, replace)
    say("checking …")
    yield from _missing_rows(manifest)
    call_command("migrate", verbosity=0)
    World.objects.update(fingerprint="")  # their tables are not in it: nobody enters them
    yield from _faults(manifest)


def read_manifest(folder):
    """Return what a backup says of itself. Raises: BackupError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BackupError(f"{folder}: no whole backup: it has no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise BackupError(f"{folder / MANIFEST}: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupError(f"{folder}: not a backup of this format")
    return manifest


def judge(folder, manifest):
    """Raise BackupError unless every byte is there, and this program and its keys can use it."""
    wanted = {DUMP: manifest["dump"]}
    wanted |= {f"{FILES}/{name}": known for name, known in manifest["files"].items()}
    for name, known in wanted.items():
        if not (folder / name).is_file():
            raise BackupError(f"{folder / name} is missing")
        if digest(folder / name) != known:
            raise BackupError(f"{folder / name} is not what was backed up")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    known.add("sessions.0001_initial")  # of Django's own app, which older versions had
    if newer := sorted(set(manifest["migrations"]) - known):
        raise BackupError(f"made by another version of this program, which has {newer[-1]}")
    if missing := sorted(set(manifest["keys"]) - set(crypto.key_ids())):
        raise BackupError(
            f"IDENTITY_KEYS lacks {', '.join(missing)}, with which identities are sealed"
        )


def _other_connections():
    """Return how many connections of our own account others have: who works would be given other rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def _bring_files(folder, manifest):
    target = Path(settings.MEDIA_ROOT) / LIVE
    target.mkdir(parents=True, exist_ok=True)
    for name in manifest["files"]:
        fresh = target / f".{name}.part"
        shutil.copyfile(folder / FILES / name, fresh)
        fresh.chmod(settings.FILE_UPLOAD_PERMISSIONS)
        fresh.rename(target / name)


def _bring_database(folder, replace):
    with tempfile.TemporaryDirectory() as aside:
        script = Path(aside) / "restore.sql"
        # As a script, so that dropping the old and bringing the new is one transaction.
        run_program("pg_restore", "--no-owner", f"--file={script}", str(folder / DUMP))
        with open(script, "r+b") as file:  # PostgreSQL before 17 refuses a setting it does not know
            head = file.read(_HEAD).replace(b"SET transaction_timeout", b"--  transaction_timeout")
            file.seek(0)
            file.write(head)
        before = ["--command", _EMPTIED] if replace else []
        connection.close()
        run_program(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            *before, f"--file={script}",
        )  # fmt: skip


def _missing_rows(manifest):
    """Yield a sentence for every table that has not as many rows as it had."""
    counts = table_counts()
    for table, number in manifest["tables"].items():
        if counts.get(table) != number:
            yield f"{table}: {counts.get(table)} rows, {number} were backed up"


def _faults(manifest):
    """Yield a sentence for every file, event and key that is not as it was."""
    for model in file_models():
        for file in model.objects.iterator():
            path = Path(settings.MEDIA_ROOT) / file.path
            if not path.is_file() or digest(path) != file.sha256:
                yield f"{model._meta.verbose_name} {file.pk}: its file is missing or another"
    yield from log.check(anchors.read_lines(manifest["anchor"]) if manifest["anchor"] else ())
    for model in rotating.sealed_models():
        for row in model.objects.exclude(key_id="").order_by("key_id").distinct("key_id"):
            try:
                crypto.open_sealed(row.key_id, row.sealed)
            except crypto.SealError as error:
                yield str(error)

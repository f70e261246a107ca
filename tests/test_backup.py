"""A backup is one whole folder; restored elsewhere it is the same mailbox, and a broken one is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from cases import actors, anchors
from cases.attachments import store
from cases.intake import intake
from cases.models import Attachment, Event, Letter, Officer, World
from cases.transitions import State
from config import backing_up, restoring
from config.backing_up import DUMP, FILES, MANIFEST, BackupError
from tests import processes
from tests.files import picture
from tests.people import MORNING, PERSON, submission
from tests.run_worlds import make_run

ROOT = Path(__file__).resolve().parent.parent
LOOK_UP = """
import django; django.setup()
from cases import crypto, own_data, receipts
from cases.models import Case, Officer
index = " ".join(crypto.blind_indexes("phone", "19500000000"))
(case,) = [c for c in own_data.cases_of_phone(index) if c.letter.attachments.exists()]
writer = case.letter.writer
print(crypto.open_sealed(writer.key_id, writer.sealed)["name"])
print(receipts.code_fits(case.letter.receipt, "{code}", case.letter.query_code_hash))
print(Officer.objects.get(username="all-rights").password == "{password}")
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM cases_event")
"""


@pytest.fixture
def letters(cast, settings, tmp_path):
    """Letters in several states, one with a file; an anchor; a run beside them."""
    settings.MEDIA_ROOT = tmp_path / "own-media"
    for state in (State.CLOSED, State.MERGED, State.AWAITING_CITIZEN):
        cast.make_case(state)
    files = [store(SimpleUploadedFile("现场照片.png", picture()))]
    receipt = intake(
        submission(attachments=files, idempotency_key=uuid4()),
        actor=actors.citizen(None),
        at=MORNING,
    )
    anchors.make_if_due(MORNING)
    make_run(7)
    return receipt


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of an empty database of its own, on the same server."""
    environment = processes.environment()
    name = f"restored_{os.getpid()}"
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    address = urlsplit(environment["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    yield {**environment, "DATABASE_URL": address, "MEDIA_ROOT": str(tmp_path / "media")}
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def managed(environment, *command):
    """Return (exit status, what was printed) of a management command there."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=processes.PATIENCE_SECONDS,
    )
    return done.returncode, done.stdout + done.stderr


def backed_up(folder, said=lambda line: None):
    return backing_up.backup(folder, said)


def backed_up_before_migration(name, folder):
    """Return a backup of the same rows in the tables that were there before a migration of cases."""
    call_command("migrate", "cases", f"{int(name) - 1:04d}", verbosity=0)
    try:
        return backed_up(folder)
    finally:
        call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_a_backup_restored_elsewhere_is_the_same_mailbox(letters, elsewhere, tmp_path):
    made = backed_up(tmp_path / "backups")
    status, said = managed(elsewhere, "restore", str(made))
    assert status == 0, said
    assert "restored: rows, files, log and keys" in said
    file = Attachment.objects.get()
    copy = Path(elsewhere["MEDIA_ROOT"]) / file.path
    assert copy.read_bytes() == (Path(settings.MEDIA_ROOT) / file.path).read_bytes()
    assert copy.stat().st_mode & 0o077 == 0
    script = LOOK_UP.format(
        code=letters.query_code, password=Officer.objects.get(username="all-rights").password
    )
    shown = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**elsewhere, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=processes.PATIENCE_SECONDS,
    )
    assert shown.stdout.split() == [PERSON["name"], "True", "True"], shown.stderr
    assert "append-only" in shown.stderr  # the log's triggers are there too
    with psycopg.connect(elsewhere["DATABASE_URL"]) as there:
        rows = there.execute("SELECT id, hash FROM live.cases_event ORDER BY id").fetchall()
        assert there.execute("SELECT fingerprint FROM cases_world").fetchall() == [("",)]
    assert rows == [(key, bytes(link)) for key, link in Event.objects.order_by("pk").values_list("pk", "hash")]  # fmt: skip

    # A second time it is refused, since there is something now; and replaced when that is said,
    # here by what an older version made, which is brought to the tables of this one.
    status, said = managed(elsewhere, "restore", str(made))
    assert status == 1 and "not empty" in said
    older = backed_up_before_migration("0029", tmp_path / "older")
    status, said = managed(elsewhere, "restore", str(older), "--replace")
    assert status == 0, said
    assert managed(elsewhere, "migrate", "--check")[0] == 0


@pytest.mark.django_db(transaction=True)
def test_a_backup_tells_how_far_it_is_and_holds_no_key_and_no_name(letters, tmp_path, capsys):
    call_command("backup", str(tmp_path))
    shown = capsys.readouterr()
    made = Path(shown.out.strip())
    assert "attachments: 1 of 1" in shown.err
    assert made.stat().st_mode & 0o077 == 0
    manifest = json.loads((made / MANIFEST).read_text())
    assert manifest["tables"]["cases_letter"] == Letter.objects.count()
    assert manifest["keys"] == [settings.IDENTITY_KEYS.split(":")[0]]
    script = tmp_path / "dump.sql"
    backing_up.run_program("pg_restore", f"--file={script}", str(made / DUMP))
    text = script.read_text() + (made / MANIFEST).read_text()
    assert World.objects.exists() and "run_7" not in text.replace("\trun_7\t", "")
    for secret in (*PERSON.values(), settings.SECRET_KEY, settings.IDENTITY_KEYS.split(":")[1]):
        assert secret not in text
    assert os.environ["DATABASE_URL"].split(":")[2].split("@")[0] not in text


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_comes_while_it_is_made_does_not_spoil_it(letters, tmp_path, monkeypatch):
    """The dump is one snapshot: what is counted in it is what it holds."""
    counted = backing_up.table_counts

    def later(*arguments):
        files = [store(SimpleUploadedFile("后来.png", picture()))]
        with psycopg.connect(processes.environment()["DATABASE_URL"]) as other:
            other.execute("INSERT INTO public.cases_lookupattempt (scope, key_hash, at) VALUES ('x', 'y', now())")  # fmt: skip
        assert files
        return counted(*arguments)

    monkeypatch.setattr(backing_up, "table_counts", later)
    manifest = json.loads((backed_up(tmp_path) / MANIFEST).read_text())
    assert manifest["tables"]["cases_lookupattempt"] == 0
    assert len(manifest["files"]) == 2


HARMS = [
    (lambda made: (made / MANIFEST).unlink(), "no whole backup"),
    (lambda made: (made / MANIFEST).write_text("{"), "manifest.json"),
    (lambda made: (made / MANIFEST).write_text("[]"), "not a backup of this format"),
    (lambda made: os.truncate(made / DUMP, 100), "database.dump is not what was backed up"),
    (lambda made: (made / DUMP).unlink(), "database.dump is missing"),
    (lambda made: next((made / FILES).iterdir()).unlink(), "is missing"),
    (lambda made: next((made / FILES).iterdir()).write_bytes(b"x"), "is not what was backed up"),
    (lambda made: said_otherwise(made, migrations=["cases.9999_tomorrow"]), "9999_tomorrow"),
    (lambda made: said_otherwise(made, keys=["gone"]), "IDENTITY_KEYS lacks gone"),
]


def said_otherwise(made, **changes):
    manifest = json.loads((made / MANIFEST).read_text()) | changes
    (made / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.django_db(transaction=True)
def test_a_broken_backup_is_refused_before_anything_is_touched(letters, tmp_path):
    whole, before = backed_up(tmp_path / "whole"), backing_up.table_counts()
    for number, (harm, message) in enumerate(HARMS):
        made = tmp_path / str(number)
        subprocess.run(["cp", "-r", whole, made], check=True)
        harm(made)
        with pytest.raises(CommandError, match=message):
            call_command("restore", str(made), replace=True)
        assert backing_up.table_counts() == before
    with pytest.raises(CommandError, match="no whole backup"):
        call_command("restore", str(tmp_path / "nowhere"))
    with (
        psycopg.connect(processes.environment()["DATABASE_URL"]),  # a worker, say
        pytest.raises(CommandError, match="1 others use the database: stop web, workers and beat"),
    ):
        call_command("restore", str(whole), replace=True)
    assert backing_up.table_counts() == before


@pytest.mark.django_db(transaction=True)
def test_a_database_that_refuses_keeps_what_it_has(letters, tmp_path, monkeypatch):
    """Dropping the old and bringing the new is one transaction."""
    made, before = backed_up(tmp_path), backing_up.table_counts()
    ran = backing_up.run_program

    def spoiled(name, *arguments):
        if name == "psql":
            (script,) = [word for word in arguments if word.startswith("--file=")]
            with open(script.removeprefix("--file="), "r+") as file:
                text = file.read()
                assert "SET statement_timeout" in text and "SET transaction_timeout" not in text
                file.write("SELECT 1/0;\n")
        return ran(name, *arguments)

    monkeypatch.setattr(restoring, "run_program", spoiled)
    with pytest.raises(BackupError, match="division by zero"):
        list(restoring.restore(made, lambda line: None, replace=True))
    assert backing_up.table_counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize(("free", "message"), [(10, "GB may be needed")])
def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch, free, message):
    monkeypatch.setattr(backing_up.shutil, "disk_usage", lambda path: type("", (), {"free": free}))
    with pytest.raises(CommandError, match=message):
        call_command("backup", str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Not a directory"):
        call_command("backup", str(tmp_path / "file"))

"""The bench of sending: every letter shows its receipt, and the floor leaves the rows of a letter."""

import argparse
import os

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX

from cases.models import Letter
from config.bench import sending, stage
from config.bench.letters import typed
from mailbox.letter_form import LetterForm
from tests import processes

FEW = argparse.Namespace(rounds=1, seconds=0.5, clients=2)


def rows():
    """Return {table: how many rows it has} of all tables."""
    return {m._meta.db_table: m._default_manager.count() for m in apps.get_models()}


def added(act):
    """Return {table: how many rows act has added}, of those to which it has added any."""
    before = rows()
    act()
    after = rows()
    return {table: after[table] - before[table] for table in after if after[table] > before[table]}


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_letters_are_kept_and_the_floor_leaves_the_same_rows(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])
    with stage.environment(SENDING_FREE="0"), sending.sites() as bench:
        assert sending.compare(bench, FEW, "for a moment") is False
        assert len(bench.receipts) == Letter.objects.filter(receipt__startswith="PA-").count() > 1
        bench.most = 1
        real, floor = (
            added(lambda ask=ask: ask(clients=1, seconds=5)) for ask in (bench.letters, bench.floor)
        )
    assert real == floor and {"cases_letter", "cases_event", "django_session"} <= {*real}
    assert set(real.values()) == {1}
    said = capsys.readouterr().out
    assert "p99/p50" in said and "without one or lost: 0" in said


@pytest.mark.django_db
def test_letters_of_the_bench_are_all_valid_and_all_different():
    forms = typed(60, seed=1)
    assert all(LetterForm(fields).is_valid() for fields in forms)
    for name in ("key", "body", "phone", "id_number"):
        assert len({fields[name] for fields in forms}) == 60, name


def test_bench_has_databases_of_its_own_and_drops_them(db):
    before = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    with stage.own_database():
        name = os.environ["DATABASE_URL"].rsplit("/", 1)[1]
        assert name.endswith("_bench") and not name.startswith(TEST_DATABASE_PREFIX)
        assert os.environ["REDIS_URL"] != before[1] and _exists(name)
    assert (os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) == before
    assert not _exists(name)


def _exists(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return bool(cursor.fetchall())

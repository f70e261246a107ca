"""Claims of work: one worker at a time, five at most, and no sending counts as one."""

import psycopg
import pytest

from simulation import claims, runs, sources, studies, sweeping
from simulation.models import Run
from tests import processes
from tests.brokers import empty_broker, quick  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

PUBLISHED = "guangdong-2021"
WORK = ["simulate", "load_shard", "seal", "replicate"]


@pytest.fixture(autouse=True)
def impatient(quick, monkeypatch):  # noqa: F811
    """What was sent just now may be sent again."""
    monkeypatch.setattr(runs, "RESEND_SECONDS", 0)


def sent(work):
    """Return (the row of a piece of work that was sent and lost, the run or study it belongs to)."""
    if work == "replicate":
        text = sources.source(PUBLISHED)
        arms, seeds = {"base": {"volume": "0.01x"}}, studies.seeds(1, 1)
        study = studies.create("what-if", text, arms=arms, seeds=seeds, scenario=PUBLISHED)
        studies.start(study)
        return study.replications.get(), study
    run = runs.create(PUBLISHED, letters=100)
    if work == "simulate":
        runs.start(run)
        return run, run
    runs.simulate(run.pk)
    piece = run.pieces.get()
    if work == "seal":
        runs.load_shard(run.pk, piece.number)
        return run, run
    return piece, run


def do(work, row):
    if work == "load_shard":
        runs.load_shard(row.run_id, row.number)
    else:
        {"simulate": runs.simulate, "seal": runs.seal, "replicate": studies.replicate}[work](row.pk)


def swept():
    """Return how many tasks are sent again once the broker has lost all."""
    empty_broker()
    return sweeping.sweep()


@pytest.mark.parametrize("work", WORK)
def test_what_nobody_has_begun_is_sent_again_however_often(work):
    row, whole = sent(work)
    assert [swept() for _time in range(2 * claims.MAX_ATTEMPTS)] == [1] * 10
    row.refresh_from_db()
    assert row.attempts == 0
    do(work, row)
    row.refresh_from_db()
    whole.refresh_from_db()
    assert row.attempts == 1 and not whole.error


@pytest.mark.parametrize("work", WORK)
def test_what_a_worker_has_begun_is_neither_sent_nor_begun_again(work):
    row, _whole = sent(work)
    with psycopg.connect(processes.environment()["DATABASE_URL"]) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [claims._CLASSES[type(row)], row.pk])
        assert swept() == 0
        do(work, row)
        row.refresh_from_db()
        assert row.attempts == 0
    assert swept() == 1  # for the claim has fallen with its connection


@pytest.mark.parametrize(
    "work, told",
    [
        ("simulate", "simulate failed 5 times"),
        ("load_shard", "shard 0 failed 5 times"),
        ("seal", "seal failed 5 times"),
        ("replicate", "replication 1 of base failed 5 times"),
    ],
)
def test_what_its_worker_dies_of_each_time_ends_as_failed(work, told):
    row, whole = sent(work)
    for _time in range(claims.MAX_ATTEMPTS):
        assert swept() == 1
        with claims.claim(type(row), row.pk) as claimed:
            assert claimed and swept() == 0  # also at its last attempt nothing has failed yet
    assert swept() == 0
    row.refresh_from_db()
    whole.refresh_from_db()
    assert whole.status == type(whole).FAILED
    assert whole.error == f"{told}: its worker died each time"
    with claims.claim(type(row), row.pk) as claimed:
        assert not claimed


def test_claim_needs_its_conditions():
    run = runs.create(PUBLISHED, letters=100)
    with claims.claim(Run, run.pk, status=Run.SEALING) as claimed:
        assert not claimed
    run.refresh_from_db()
    assert run.attempts == 0

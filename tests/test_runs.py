"""Runs by real Celery workers: the same rows however many they are and whatever befalls them."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import psycopg
import pytest
from django.db import connection

from cases import daybooks, worlds
from cases.daybook import MEASURES
from cases.models import Unit, World
from simulation import claims, codes, packing, runs, sweeping, watching
from simulation.automaton import TimelineError
from simulation.local_workers import LocalWorkers
from simulation.models import Run, Shard
from tests import processes
from tests.brokers import empty_broker, patient, quick  # noqa: F401
from tests.run_worlds import schemas

pytestmark = [
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
]

# In shards as workers cut them; a run has a last one that is smaller.
LETTERS = 2 * runs.SHARD_LETTERS + 500
PUBLISHED = "guangdong-2021"


def new_run(letters=LETTERS, seed=3):
    return runs.create(PUBLISHED, letters=letters, seed=seed)


def here(run):
    """Do each task of a run here, in order; return the run as it then is."""
    runs.simulate(run.pk)
    for piece in run.pieces.all():
        runs.load_shard(run.pk, piece.number)
    runs.seal(run.pk)
    return Run.objects.get(pk=run.pk)


@cache
def undisturbed(letters=LETTERS):
    """Return the digest of a run that one process did alone, in order."""
    return here(new_run(letters)).digest


def by_workers(run, each_look=lambda: None):
    """Start a run, and return it as it is when running workers have ended it."""
    runs.start(run)
    return watched(run, each_look)


def watched(run, each_look=lambda: None):
    """Return a run as it is when it has ended, which must not take for ever."""
    return watching.watch(run, each_look=patient(each_look))


def loaded(run):
    return run.pieces.filter(status=Shard.LOADED).count()


def wait_for(condition):
    """Wait until condition() holds, looking more often than processes.becomes."""
    end = time.monotonic() + processes.PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def kill(workers):
    """Kill all worker processes at once with SIGKILL."""
    for process in workers.processes:
        process.kill()
    for process in workers.processes:
        process.wait()


def counted_anew():
    """Return what the desk counts from the rows of this world."""
    top = Unit.objects.get(code="440000")
    counts = daybooks.current().seen_by(top, daybooks.tree()).counts()
    return {name: count for name, count in counts.items() if name in MEASURES}


def assert_whole(run):
    """Assert that every letter is there once, with all its events, as if nothing had happened."""
    assert (run.status, run.error) == (Run.DONE, "")
    with worlds.enter(run.world), connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM cases_letter")
        assert cursor.fetchone()[0] == list(range(1, run.letters + 1))
        cursor.execute("SELECT count(*), sum(seq) FROM cases_case")
        assert cursor.fetchone() == (run.letters, run.report["events"])
        cursor.execute("SELECT count(*), count(DISTINCT (case_id, seq)) FROM cases_event")
        assert cursor.fetchone() == (run.report["events"], run.report["events"])
        assert counted_anew() == run.report["counts"]
    assert run.report["balanced"]
    assert run.digest == undisturbed(run.letters)


# -- how many, and beside what -----------------------------------------------------------------


def test_same_seed_gives_the_same_digest_with_1_2_and_4_workers():
    with LocalWorkers(1):
        one = by_workers(new_run())
        with LocalWorkers(1):
            two = by_workers(new_run())
            with LocalWorkers(2):
                four = by_workers(new_run())
    assert one.report["workers"] == 1
    for run in (one, two, four):
        assert_whole(run)


def test_runs_side_by_side_do_not_disturb_each_other():
    one, two = new_run(), new_run()
    other = new_run(letters=700, seed=4)
    with LocalWorkers(2):
        for run in (one, two, other):
            runs.start(run)
        one, two, other = watched(one), watched(two), watched(other)
    assert_whole(one)
    assert_whole(two)
    assert other.status == Run.DONE
    assert other.digest != one.digest
    assert rows_of(one) == rows_of(two)


def rows_of(run):
    """Return digests of a world's tables, without what is its own: receipts and serial numbers."""
    found = []
    with worlds.enter(run.world), connection.cursor() as cursor:
        for table, key in (
            ("cases_letter", "id"), ("cases_case", "letter_id"), ("cases_event", "case_id, seq"),
            ("cases_incident", "number"), ("cases_rule", "number"),
        ):  # fmt: skip
            own = "'receipt'" if table == "cases_letter" else "'id'"
            cursor.execute(
                f"SELECT count(*), md5(string_agg((to_jsonb(t) - {own})::text, '' ORDER BY {key}))"
                f" FROM {table} t"
            )
            found.append(cursor.fetchone())
    return found


def test_tasks_delivered_twice_have_one_effect(monkeypatch):
    monkeypatch.setattr(runs, "SHARD_LETTERS", 400)
    run = new_run(letters=1000)
    for _time in range(2):
        runs.simulate(run.pk)
    for piece in [*run.pieces.all(), *run.pieces.all()]:
        runs.load_shard(run.pk, piece.number)
    runs.seal(run.pk)
    finished = Run.objects.get(pk=run.pk)
    runs.seal(run.pk)
    runs.simulate(run.pk)
    assert Run.objects.get(pk=run.pk).finished_at == finished.finished_at
    assert_whole(finished)


# -- what may befall it ------------------------------------------------------------------------


def test_run_survives_the_killing_of_all_workers_twice():
    run = new_run(letters=3 * runs.SHARD_LETTERS + 500)
    with LocalWorkers(2, spares=4) as workers:
        with never_ready(run):
            runs.start(run)
            before = 0
            for _time in range(2):
                sweep_until(run, lambda: loaded(run) > before or run.status == Run.SEALING)  # noqa: B023
                kill(workers)
                run.refresh_from_db()
                assert run.unfinished
                before = loaded(run)
                workers.keep_alive()
        run = watched(run, workers.keep_alive)
    assert_whole(run)


@contextmanager
def never_ready(run):
    """Hold the row of a run's world, so that no worker is quick enough to end the run meanwhile."""
    with psycopg.connect(processes.environment()["DATABASE_URL"]) as holder:
        holder.execute("SELECT FROM cases_world WHERE id = %s FOR NO KEY UPDATE", [run.world_id])
        yield


def sweep_until(run, condition):
    """Wait until condition() holds, and send again what stands still, as beat does."""

    class Enough(Exception):
        pass

    def look():
        if condition():
            raise Enough

    with pytest.raises(Enough):
        watched(run, look)


def test_run_survives_an_emptied_broker():
    run = new_run()
    with LocalWorkers(1):
        runs.start(run)
        wait_for(lambda: loaded(run))
        empty_broker()
        run = watched(run)
    assert_whole(run)


def test_start_that_is_lost_is_sent_again_once():
    run = new_run(letters=300)
    runs.start(run)
    empty_broker()
    assert sweeping.sweep() == 1
    assert sweeping.waiting_tasks() == 1
    assert sweeping.sweep() == 0  # for it waits there


def test_cancelled_run_is_dropped_by_its_workers_and_can_be_deleted():
    run = new_run(letters=60_000)  # which takes the engine longer than anyone needs to cancel it
    with LocalWorkers(1):
        runs.start(run)
        wait_for(lambda: run.pieces.exists())
        with pytest.raises(ValueError, match="取消"):
            runs.delete(run)
        assert runs.cancel(run)
        assert not runs.cancel(run)
        wait_for(lambda: not is_held(run) and sweeping.waiting_tasks() == 0)
        run.refresh_from_db()
        assert run.status == Run.CANCELLED
        assert run.simulated < run.letters
        assert sweeping.sweep() == 0
        runs.delete(run)
    assert run.world.schema not in schemas()


def is_held(run):
    return claims.unheld(Run.objects.filter(pk=run.pk)) == ([], [])


# -- a shard that cannot be loaded -------------------------------------------------------------


def test_shard_of_rubbish_ends_the_run_as_failed_with_its_error(monkeypatch):
    monkeypatch.setattr(runs, "SHARD_LETTERS", 400)  # cut here, loaded by the worker
    run = new_run(letters=700)
    runs.simulate(run.pk)
    run.pieces.filter(number=1).update(payload=b"rubbish")
    with LocalWorkers(1):
        run = watched(run)
    assert run.status == Run.FAILED
    assert "shard 1 failed 5 times" in run.error
    assert "incorrect header check" in run.error
    shard = run.pieces.get(number=1)
    assert (shard.status, shard.attempts) == (Shard.FAILED, claims.MAX_ATTEMPTS)
    assert not run.world.ready
    assert sweeping.sweep() == 0
    with pytest.raises(worlds.WorldRefused), worlds.enter(run.world):
        pass
    runs.delete(run)
    assert not schemas()
    assert not World.objects.exists()


def test_run_that_somebody_still_reads_is_deleted_once_they_have_read_it():
    run = here(new_run(50))

    def delete():
        with connection.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '3s'")  # so that this one is sent away
        runs.delete(run)
        connection.close()

    thread = threading.Thread(target=delete)
    with psycopg.connect(processes.environment()["DATABASE_URL"]) as reader:
        reader.execute("SET deadlock_timeout = '1min'")
        reader.execute(f"SELECT FROM {run.world.schema}.cases_event LIMIT 1")
        thread.start()
        assert processes.becomes(lambda: _held(run))
        reader.execute(f"SELECT FROM {_held(run)[0]} LIMIT 1")
    thread.join()
    assert not schemas() and not Run.objects.exists()


def _held(run):
    """Return the tables of a run that whoever deletes it has locked, once they wait for another."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relation::regclass::text FROM pg_locks JOIN pg_class ON pg_class.oid = relation
               WHERE mode = 'AccessExclusiveLock' AND granted AND relkind = 'r'
                 AND relnamespace = %s::regnamespace
                 AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted)""",
            [run.world.schema],
        )
        return [name for (name,) in cursor]


def test_timeline_that_the_table_forbids_fails_at_once_and_leaves_no_row(monkeypatch):
    monkeypatch.setattr(runs, "SHARD_LETTERS", 400)
    run = new_run(letters=700)
    runs.simulate(run.pk)
    shard = run.pieces.get(number=1)
    block = packing.unpack_block(shard.payload, runs.scenario_of(run))
    action, second = block.action.copy(), block.start[7] + 1
    action[second] = codes.action_code("approve_reply")
    changed = replace(block, action=action)
    run.pieces.filter(number=1).update(payload=packing.pack_block(changed))
    with pytest.raises(TimelineError):
        runs.load_shard(run.pk, 1)
    run.refresh_from_db()
    assert run.status == Run.FAILED
    assert (
        f"letter {block.letters.number[7]}: approve_reply does not follow from “received”"
        in run.error
    )
    with worlds.build(run.world), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_letter")
        assert cursor.fetchone()[0] == 0
    runs.load_shard(run.pk, 0)  # the others are dropped
    assert loaded(run) == 0


def test_fault_of_the_engine_fails_the_run_with_its_error():
    run = new_run(letters=300)
    Run.objects.filter(pk=run.pk).update(text="desk =")
    with pytest.raises(ValueError, match="is not TOML"):
        runs.simulate(run.pk)
    run.refresh_from_db()
    assert run.status == Run.FAILED
    assert "ScenarioError: guangdong-2021" in run.error

"""A run from its first row to its report: what each task does, and who may do it when.

Work is split by rows: the engine cuts finished timelines into Shards, any worker loads one
in one transaction, the last one seals. A worker may die at any instant: a row lock or an
advisory lock falls with its connection, and `sweep` sends the work again.
"""

import gc
import os
import socket
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from datetime import time as clock
from functools import lru_cache

from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import policy as policies
from cases import worlds
from cases.models import Unit, World
from cases.statistics import CHINA
from simulation import bulk, engine, report, sources
from simulation import scenario as scenarios
from simulation.models import Run, Shard
from simulation.reader import ScenarioError

SHARD_LETTERS = 1000
MAX_ATTEMPTS = 5
RESEND_SECONDS = 5  # after which sent work that nobody holds is sent again
LOCK_CLASS = 20210501  # the class of our advisory locks


def create(scenario_name, *, letters=None, seed=1, changes=None, name="", note="", user=None):
    """Make a run with its empty world, and return it. Nothing starts yet.

    changes: as changing.apply takes them. Raises: ScenarioError, PolicyError, ValueError.
    """
    policies.load()
    text = sources.source(scenario_name)
    chosen = scenarios.parse(text, scenario_name, changes)
    if len(scenario_name) > Run._meta.get_field("scenario").max_length:
        raise ScenarioError(scenario_name, "", "has too long a path")
    chosen = chosen if letters is None else chosen.scaled(letters)
    now = worlds.now()
    with transaction.atomic():
        run = Run.objects.create(
            name=name or f"{chosen.name} · {chosen.letters}"[:60],
            note=note,
            scenario=scenario_name,
            text=text,
            changes=changes or {},
            seed=seed,
            letters=chosen.letters,
            created_by=user,
            created_at=now,
        )
        run.world = World.objects.create(
            schema=f"run_{run.pk}",
            mark=f"R{run.pk}",
            starts_at=datetime.combine(chosen.start, clock(), CHINA),
            ends_at=datetime.combine(chosen.start + timedelta(days=chosen.days), clock(), CHINA),
            fingerprint=worlds.fingerprint(worlds.LIVE_SCHEMA),
            created_at=now,
        )
        run.save(update_fields=["world"])
        worlds.create(run.world)
    return run


def start(run):
    """Send a waiting run to the workers."""
    send("simulate", run.pk)


def send(task, *args):
    """Send one of simulation/tasks.py by name: the tasks import this module."""
    current_app.send_task(f"simulation.tasks.{task}", args, queue="simulation")


def scenario_of(run):
    """Return the scenario a run plays, scaled to its letters."""
    return scenarios.parse(run.text, run.scenario, run.changes).scaled(run.letters)


@contextmanager
def _holding(run_id):
    """Hold a run's advisory lock; yields False if another connection has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, run_id])
        held = cursor.fetchone()[0]
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, run_id])


def simulate(run_id):
    """Run the engine, and write and send each shard as soon as its letters are finished.

    Safe to repeat: the engine makes the same timelines again, and shards that are there stay.
    """
    with _holding(run_id) as held:
        if not held:
            return
        now = worlds.now()
        Run.objects.filter(pk=run_id, status=Run.WAITING).update(status=Run.RUNNING, started_at=now)
        run = Run.objects.filter(pk=run_id, status=Run.RUNNING, shards=None).first()
        if run is None:
            return
        try:
            with _no_collecting():
                _cut(run)
        except Exception as error:
            fail(run_id, f"{type(error).__name__}: {error}")
            raise
    seal_if_loaded(run_id)


def _cut(run):
    """Play the scenario, and cut the letters into shards in the order in which they finish.

    That order depends on scenario and seed alone, and the first shard is there at once.
    """
    playing = engine.run(scenario_of(run), run.seed)
    there = set(run.pieces.values_list("number", flat=True))
    letters, number, told = [], 0, time.monotonic()
    for count, (arrival, timeline) in enumerate(playing.letters(), start=1):
        letters.append((arrival.number, bulk.freeze(arrival, timeline)))
        if len(letters) == SHARD_LETTERS or count == run.letters:
            _write_shard(run, number, letters, there)
            letters, number = [], number + 1
        if time.monotonic() - told > 0.5:
            told = time.monotonic()
            if not Run.objects.filter(pk=run.pk, status=Run.RUNNING).update(simulated=count):
                return  # cancelled or deleted
    Run.objects.filter(pk=run.pk, status=Run.RUNNING).update(
        simulated=run.letters,
        shards=number,
        stations={name: asdict(measure) for name, measure in playing.stations.items()},
    )


def _commit_lazily():
    """Let this transaction's commit not wait for the disk.

    If the server dies, rows and status are lost together and the sweeper sends the shard
    again; the sealing commits for good, and everything before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _write_shard(run, number, letters, there):
    if number in there:
        return
    letters.sort()
    with transaction.atomic():
        _commit_lazily()
        Shard.objects.create(
            run=run,
            number=number,
            letters=len(letters),
            payload=bulk.pack([frozen for _number, frozen in letters]),
            sent_at=worlds.now(),
        )
    send("load_shard", run.pk, number)


def load_shard(run_id, number):
    """Load one shard in one transaction, unless another worker has it or has done it."""
    try:
        loaded = _load(run_id, number)
    except Exception as error:
        pieces = Shard.objects.filter(run=run_id, number=number, status=Shard.READY)
        pieces.update(attempts=F("attempts") + 1, error=str(error).replace("\0", "")[:1000])
        if isinstance(error, bulk.TimelineError):
            pieces.update(attempts=MAX_ATTEMPTS)
        fail_exhausted(run_id)
        raise
    if loaded:
        seal_if_loaded(run_id)


def fail_exhausted(run_id):
    """End the run if one of its shards has failed too often."""
    for shard in Shard.objects.filter(run=run_id, status=Shard.READY, attempts__gte=MAX_ATTEMPTS):
        Shard.objects.filter(pk=shard.pk).update(status=Shard.FAILED)
        why = shard.error or "its worker died each time"
        fail(run_id, f"shard {shard.number} failed {shard.attempts} times: {why}")


def _load(run_id, number):
    run = Run.objects.select_related("world").filter(pk=run_id, status=Run.RUNNING).first()
    if run is None:
        return False
    with worlds.build(run.world):
        _commit_lazily()
        pieces = Shard.objects.select_for_update(skip_locked=True)
        shard = pieces.filter(run=run, number=number, status=Shard.READY).first()
        if shard is None:
            return False
        rows = bulk.Rows(
            seed=run.seed,
            mark=run.world.mark,
            start=run.world.starts_at,
            seconds=int((run.world.ends_at - run.world.starts_at).total_seconds()),
            units=unit_table(run_id),
        )
        with _no_collecting():
            rows.add(bulk.unpack(shard.payload))
        with connection.cursor() as cursor:
            shard.digest = rows.copy(cursor)
        shard.status, shard.payload, shard.error = Shard.LOADED, b"", ""
        shard.tally, shard.events = rows.counted(), len(rows.events)
        shard.worker = f"{socket.gethostname()}:{os.getpid()}"
        shard.save()
    return True


@contextmanager
def _no_collecting():
    """Timelines and rows hold no cycles: walking them in search of some takes a quarter longer."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@lru_cache(maxsize=1)
def unit_table(run_id):
    """Return {code: (id, level, id of its mailbox unit)} of all units, read once a run."""
    units = list(Unit.objects.all())
    boxes = {unit.path: unit.pk for unit in units if unit.is_mailbox}
    table = {}
    for unit in units:
        above = [path for path in boxes if unit.path.startswith(path)]
        table[unit.code] = (unit.pk, unit.level, boxes[max(above, key=len)])
    return table


def seal_if_loaded(run_id):
    """Send the sealing once the engine is through and every shard is loaded."""
    run = Run.objects.filter(pk=run_id, status=Run.RUNNING).exclude(shards=None).first()
    if run is None or run.pieces.filter(status=Shard.LOADED).count() < run.shards:
        return
    if Run.objects.filter(pk=run_id, status=Run.RUNNING).update(status=Run.SEALING, attempts=0):
        send("seal", run_id)


def seal(run_id):
    """Make a loaded world ready and write the run's report; safe to repeat."""
    with _holding(run_id) as held:
        run = Run.objects.select_related("world").filter(pk=run_id, status=Run.SEALING).first()
        if not held or run is None:
            return
        try:
            if not run.world.ready:
                worlds.seal(run.world)
            finish(run)
        except Exception as error:
            fail(run_id, f"{type(error).__name__}: {error}")
            raise


def finish(run):
    """Add up the shards, write report and digest, and mark the run done."""
    run.finished_at = worlds.now()
    run.digest = report.digest(run)
    run.report = report.build(run, scenario_of(run))
    run.status = Run.DONE
    run.save(update_fields=["finished_at", "digest", "report", "status"])


def fail(run_id, error):
    """End a run as failed, with its error."""
    unfinished = Run.objects.filter(pk=run_id, status__in=Run.UNFINISHED)
    unfinished.update(status=Run.FAILED, error=error.replace("\0", "")[:2000])


def cancel(run):
    """Stop a run; workers drop what is left of it. Its world can be deleted, not entered."""
    unfinished = Run.objects.filter(pk=run.pk, status__in=Run.UNFINISHED)
    return bool(unfinished.update(status=Run.CANCELLED, finished_at=worlds.now()))


def delete(run):
    """Delete a run with its world. Raises: ValueError while workers may still write to it."""
    if run.unfinished:
        raise ValueError(_("请先取消这次模拟。"))
    with transaction.atomic():
        run.delete()
        if run.world:
            worlds.drop(run.world)

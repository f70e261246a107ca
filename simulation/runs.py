"""A run from its first row to its report: what each task does, and who may do it when.

Work is split by rows: the engine cuts finished timelines into Shards, any worker claims one
(simulation/claims.py) and loads it in one transaction, the last one seals. A worker may die at
any instant: its claim falls with its connection, and `sweep` sends the work again.
"""

import json
from datetime import datetime, timedelta
from datetime import time as clock
from functools import lru_cache

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from cases import daybooks, gram_filling, worlds
from cases import policy as policies
from cases.models import World
from cases.statistics import CHINA
from simulation import automaton, claims, pictures, report, room, shards, sources
from simulation import scenario as scenarios
from simulation.models import Run, Shard
from simulation.reader import ScenarioError

SHARD_LETTERS = 2000
RESEND_SECONDS = 5  # after which sent work that nobody holds is sent again
READ_AHEAD_LETTERS = 300_000


def create(
    scenario_name, *, letters=None, seed=1, changes=None, name="", note="", user=None, text=None
):
    """Make a run with its empty world, and return it. Nothing starts yet.

    changes: as changing.apply takes them. text: the scenario's, by default as it is now.
    Raises: ScenarioError, PolicyError, ValueError, NoRoom.
    """
    policies.load()
    text = sources.source(scenario_name) if text is None else text
    chosen = scenarios.parse(text, scenario_name, changes)
    if len(scenario_name) > Run._meta.get_field("scenario").max_length:
        raise ScenarioError(scenario_name, "", "has too long a path")
    chosen = chosen if letters is None else chosen.scaled(letters)
    now = worlds.now()
    with transaction.atomic():
        room.hold(chosen.letters)
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
            name=run.name,
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
    shards.send("simulate", run.pk)


def scenario_of(run):
    """Return the scenario a run plays, scaled to its letters."""
    return _scenario(run.text, run.scenario, json.dumps(run.changes), run.letters)


@lru_cache(maxsize=4)
def _scenario(text, name, changes, letters):
    return scenarios.parse(text, name, json.loads(changes)).scaled(letters)


def simulate(run_id):
    """Run the engine, and write and send each shard as soon as its letters are finished.

    Safe to repeat: the engine makes the same timelines again, and shards that are there stay.
    """
    unfinished = {"status__in": (Run.WAITING, Run.RUNNING), "shards": None}
    with claims.claim(Run, run_id, **unfinished) as claimed:
        if not claimed:
            return
        now = worlds.now()
        Run.objects.filter(pk=run_id, status=Run.WAITING).update(status=Run.RUNNING, started_at=now)
        run = Run.objects.filter(pk=run_id, status=Run.RUNNING).first()
        if run is None:
            return
        try:
            shards.cut(run, scenario_of(run), SHARD_LETTERS)
        except claims.CUT_OFF:
            raise
        except Exception as error:
            fail(run_id, f"{type(error).__name__}: {error}")
            raise
    seal_if_loaded(run_id)


def load_shard(run_id, number):
    """Load one shard in one transaction, unless another worker has it or has done it."""
    shard = Shard.objects.filter(run=run_id, number=number).only("pk").first()
    todo = {"status": Shard.READY, "run__status": Run.RUNNING}
    if shard is None:
        return
    with claims.claim(Shard, shard.pk, **todo) as claimed:
        if not claimed:
            return
        try:
            _load(run_id, number)
        except Exception as error:
            pieces = Shard.objects.filter(pk=shard.pk, status=Shard.READY)
            pieces.update(error=str(error).replace("\0", "")[:1000])
            if isinstance(error, automaton.TimelineError):
                pieces.update(attempts=claims.MAX_ATTEMPTS)
            fail_exhausted([shard.pk])
            raise
    seal_if_loaded(run_id)


def fail_exhausted(pks):
    """End the runs of those of these shards that failed as often as they may."""
    for shard in Shard.objects.filter(
        pk__in=pks, status=Shard.READY, attempts__gte=claims.MAX_ATTEMPTS
    ):
        Shard.objects.filter(pk=shard.pk).update(status=Shard.FAILED)
        why = shard.error or "its worker died each time"
        fail(shard.run_id, f"shard {shard.number} failed {shard.attempts} times: {why}")


def _load(run_id, number):
    run = Run.objects.select_related("world").filter(pk=run_id, status=Run.RUNNING).first()
    if run is not None:
        shards.load(run, scenario_of(run), number)


def seal_if_loaded(run_id):
    """Send the sealing once the engine is through and every shard is loaded."""
    run = Run.objects.filter(pk=run_id, status=Run.RUNNING).exclude(shards=None).first()
    if run is None or run.pieces.filter(status=Shard.LOADED).count() < run.shards:
        return
    if Run.objects.filter(pk=run_id, status=Run.RUNNING).update(status=Run.SEALING, attempts=0):
        shards.leave("seal", run_id)


def seal(run_id):
    """Make a loaded world ready and write the run's report; return whether that was done just now."""
    with claims.claim(Run, run_id, status=Run.SEALING) as claimed:
        if not claimed:
            return False
        run = Run.objects.select_related("world").get(pk=run_id)
        try:
            if not run.world.ready:
                worlds.seal(run.world)
            finish(run)
            pictures.keep(run)
        except claims.CUT_OFF:
            raise
        except Exception as error:
            fail(run_id, f"{type(error).__name__}: {error}")
            raise
    return True


def read_daybook(run_id):
    """Read a finished run's daybook, so that the first who opens its figures need not wait.

    Not that of a very large run: a daybook is held whole, some 500 bytes a letter while it is read.
    """
    done = Run.objects.select_related("world").filter(pk=run_id, status=Run.DONE)
    run = done.filter(letters__lte=READ_AHEAD_LETTERS).first()
    if run:
        with worlds.enter(run.world):
            daybooks.current()


def make_findable(run_id):
    """Fill in what a finished run's letters are found by, so that nobody's search need wait."""
    done = Run.objects.select_related("world").filter(pk=run_id, status=Run.DONE)
    while run := done.first():
        with worlds.enter(run.world):
            if not gram_filling.fill():
                return


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
    """Delete a run with its world. Raises: ValueError while workers may still write to it.

    One may still read it, to make its letters findable. Of two who wait for each other the
    database sends one away; that may be this one, and it comes again.
    """
    if run.unfinished:
        raise ValueError(_("请先取消这次模拟。"))
    for last in (False, False, True):
        try:
            with transaction.atomic():
                Run.objects.filter(pk=run.pk).delete()
                if run.world:
                    worlds.drop(run.world)
            return
        except OperationalError as error:
            if last or not isinstance(error.__cause__, DeadlockDetected):
                raise

"""The pieces of a run: cut from the engine's blocks, and loaded by any worker, each once."""

import logging
import os
import socket
import time
from dataclasses import asdict
from functools import lru_cache

from celery import current_app
from django.db import connection, transaction

from cases import worlds
from cases.models import Unit
from simulation import bulk, claims, engine, packing, weekly
from simulation.models import Run, Shard

log = logging.getLogger(__name__)

# Between two looks whether the run was cancelled.
LOOK_SECONDS = 0.5


def send(task, *args):
    """Send one of simulation/tasks.py by name: the tasks import this module."""
    current_app.send_task(f"simulation.tasks.{task}", args, queue="simulation")


def leave(task, *args):
    """Send one, or without a broker leave it to the sweeper: what is to be done stands in the rows."""
    try:
        send(task, *args)
    except claims.BROKER_ERRORS as error:
        log.warning("%s %s is left to the sweeper: %s", task, args, type(error).__name__)


def cut(run, scenario, size):
    """Play the scenario, and cut the letters into shards of `size` in the order in which they finish.

    That order depends on scenario and seed alone, and the first shard is there at once.
    """
    playing = engine.run(scenario, run.seed)
    there = set(run.pieces.values_list("number", flat=True))
    number, count, told = -1, 0, time.monotonic()
    for number, block in enumerate(playing.blocks(size)):
        count += len(block)
        if number not in there:
            _write(run, number, block)
        if time.monotonic() - told > LOOK_SECONDS:
            told = time.monotonic()
            if not Run.objects.filter(pk=run.pk, status=Run.RUNNING).update(simulated=count):
                return  # cancelled or deleted
    Run.objects.filter(pk=run.pk, status=Run.RUNNING).update(
        simulated=run.letters,
        shards=number + 1,
        stations={name: asdict(measure) for name, measure in playing.stations.items()},
        hours=weekly.of(playing.hours, scenario),
    )


def _write(run, number, block):
    with transaction.atomic():
        claims.commit_lazily()
        Shard.objects.create(
            run=run,
            number=number,
            letters=len(block),
            payload=packing.pack_block(block),
            sent_at=worlds.now(),
        )
    leave("load_shard", run.pk, number)


def load(run, scenario, number):
    """Load one shard of a run in one transaction; return False if it is loaded or gone."""
    with worlds.build(run.world):
        claims.commit_lazily()
        pieces = Shard.objects.select_for_update(skip_locked=True)
        shard = pieces.filter(run=run, number=number, status=Shard.READY).first()
        if shard is None:
            return False
        rows = bulk.Rows(
            seed=run.seed,
            mark=run.world.mark,
            start=run.world.starts_at,
            seconds=int((run.world.ends_at - run.world.starts_at).total_seconds()),
            units=unit_table(run.pk),
        )
        rows.add(packing.unpack_block(shard.payload, scenario))
        with connection.cursor() as cursor:
            shard.digest = rows.copy(cursor)
        shard.status, shard.payload, shard.tally = Shard.LOADED, b"", rows.counts.pack()
        shard.events, shard.error = rows.events, ""
        shard.worker = f"{socket.gethostname()}:{os.getpid()}"
        shard.save()
    return True


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

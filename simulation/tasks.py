"""Celery's way in: ids in, one function called, nothing returned."""

import gc

from celery import shared_task
from celery.signals import celeryd_init

from cases import heartbeats
from simulation import bulk, practice, runs, studies, sweeping, texts


@celeryd_init.connect
def warm_up(options=None, **_kwargs):
    """Have what every shard needs before the first one comes: calendar, words, compiled code.

    Not in a worker of other queues: compiling may take a minute, for which no mail would go.
    """
    queues = str((options or {}).get("queues") or "simulation")
    if "simulation" not in queues:
        return
    texts.warm_up()
    bulk.warm_up()
    gc.freeze()  # a collection need not walk what is there for good: half of a report's time


@shared_task
def heartbeat():
    """Say that the queue of simulations moves."""
    heartbeats.beat("simulation")


@shared_task
def simulate(run_id):
    """Run the engine of a run and cut its shards."""
    runs.simulate(run_id)


@shared_task(throws=(Exception,))
def load_shard(run_id, number):
    """Load one shard; a fault is kept in its row, and the sweeper sends it again."""
    runs.load_shard(run_id, number)


@shared_task
def seal(run_id):
    """Seal a loaded world, write its run's report, and do what else the desk would wait for.

    Not the rest again for a worker that died of it: a reader then waits for that.
    """
    if runs.seal(run_id):
        runs.read_daybook(run_id)
        runs.make_findable(run_id)


@shared_task(throws=(Exception,))
def replicate(replication_id):
    """Play one replication of a study; a fault is kept in its row, and the sweeper sends it again."""
    studies.replicate(replication_id)


@shared_task(throws=(Exception,))
def make_practice(practice_id):
    """Make an officer's practice world."""
    practice.make(practice_id)


@shared_task
def sweep():
    """Send again what stands still."""
    sweeping.sweep()
    practice.sweep()

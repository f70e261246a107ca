"""Sending again what stands still: after a worker died, or the broker was emptied.

It sends only what nobody holds: rows without a lock, runs whose advisory lock is free. Work
that dies every time ends as failed after MAX_ATTEMPTS; nothing is sent for ever.
"""

from datetime import timedelta

from celery import current_app
from django.db import connection, transaction
from django.db.models import F

from cases import worlds
from simulation import runs, shards, studies
from simulation.models import Replication, Run, Shard, Study


def sweep():
    """Look at every unfinished run and study once; return how many tasks were sent again."""
    unfinished = Run.objects.filter(status__in=Run.UNFINISHED)
    sent = sum(sweep_run(run) for run in unfinished)
    return sent + sum(sweep_study(study) for study in Study.objects.filter(status=Study.RUNNING))


def sweep_run(run):
    """Send again what of this run stands still; return how many tasks that were."""
    if waiting_tasks() > 0:
        return 0
    if run.status == Run.SEALING:
        return _resend("seal", run)
    sent = _resend_shards(run)
    if run.shards is None:
        sent += _resend("simulate", run)
    runs.seal_if_loaded(run.pk)
    return sent


def waiting_tasks():
    """Return how many tasks wait in the simulation queue of the broker."""
    with current_app.connection_for_read() as broker:
        return broker.default_channel.client.llen("simulation")


def _resend(task, run):
    """Send a task of the whole run again, and count it, unless a worker has it; return 0 or 1."""
    if _is_held(run.pk):
        return 0
    if run.attempts >= runs.MAX_ATTEMPTS:
        runs.fail(run.pk, f"{task} was sent {run.attempts} times again: its worker died each time")
        return 0
    Run.objects.filter(pk=run.pk).update(attempts=F("attempts") + 1)
    shards.send(task, run.pk)
    return 1


def _resend_shards(run):
    """Send again, and count, shards that were sent a while ago and that no worker holds."""
    long_ago = worlds.now() - timedelta(seconds=runs.RESEND_SECONDS)
    with transaction.atomic():
        idle = Shard.objects.select_for_update(skip_locked=True).filter(
            run=run, status=Shard.READY, sent_at__lte=long_ago
        )
        runs.fail_exhausted(run.pk, list(idle.values_list("number", flat=True)))
        numbers = list(idle.values_list("number", flat=True))
        Shard.objects.filter(run=run, number__in=numbers).update(
            attempts=F("attempts") + 1, sent_at=worlds.now()
        )
    for number in numbers:
        shards.send("load_shard", run.pk, number)
    return len(numbers)


def sweep_study(study):
    """Send again what of this study stands still; return how many tasks that were."""
    if waiting_tasks() > 0:
        return 0
    long_ago = worlds.now() - timedelta(seconds=runs.RESEND_SECONDS)
    with transaction.atomic():
        waiting = Replication.objects.select_for_update(skip_locked=True).filter(
            study=study, status=Replication.WAITING, study__status=Study.RUNNING
        )
        # One that was never sent: its study's maker died between the rows and the sending.
        idle = waiting.exclude(sent_at__gt=long_ago)
        studies.fail_exhausted(study.pk, list(idle.values_list("pk", flat=True)))
        rows = list(idle.only("pk"))
    studies.send(rows)
    studies.finish_if_done(study.pk)
    return len(rows)


def _is_held(run_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND classid = %s AND objid = %s)",
            [runs.LOCK_CLASS, run_id],
        )
        return cursor.fetchone()[0]

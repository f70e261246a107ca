"""Sending again what stands still: after a worker died, or the broker was emptied.

It sends only what nobody holds (simulation/claims.py). Work whose worker dies every time ends as
failed after MAX_ATTEMPTS claims; what nobody has claimed yet has failed at nothing.
"""

from datetime import timedelta

from celery import current_app
from django.db.models import Q

from cases import worlds
from simulation import claims, runs, shards, studies
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
    """Send a task of the whole run again, unless a worker has it; return 0 or 1."""
    rows = Run.objects.filter(pk=run.pk, status__in=Run.UNFINISHED)
    if task == "simulate":
        rows = rows.filter(shards=None)
    free, tired = claims.unheld(rows)
    if rows.filter(pk__in=tired).exists():
        runs.fail(run.pk, f"{task} failed {claims.MAX_ATTEMPTS} times: its worker died each time")
    for pk in free:
        shards.send(task, pk)
    return len(free)


def _resend_shards(run):
    """Send again shards that were sent a while ago and that no worker holds."""
    free, tired = claims.unheld(
        Shard.objects.filter(run=run, status=Shard.READY, sent_at__lte=_long_ago())
    )
    runs.fail_exhausted(tired)
    rows = Shard.objects.filter(pk__in=free).order_by("number")
    rows.update(sent_at=worlds.now())
    for number in rows.values_list("number", flat=True):
        shards.send("load_shard", run.pk, number)
    return len(free)


def sweep_study(study):
    """Send again what of this study stands still; return how many tasks that were."""
    if waiting_tasks() > 0:
        return 0
    # One that was never sent: its study's maker died between the rows and the sending.
    long_ago = Q(sent_at__lte=_long_ago()) | Q(sent_at=None)
    free, tired = claims.unheld(
        Replication.objects.filter(
            long_ago, study=study, status=Replication.WAITING, study__status=Study.RUNNING
        )
    )
    studies.fail_exhausted(tired)
    studies.send(free)
    studies.finish_if_done(study.pk)
    return len(free)


def _long_ago():
    return worlds.now() - timedelta(seconds=runs.RESEND_SECONDS)

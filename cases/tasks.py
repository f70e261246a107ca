"""Celery's ways in: the deadline scan (`manage.py scan_deadlines` without it), and tidying."""

from billiard.exceptions import Terminated, WorkerLostError
from celery import shared_task
from celery.signals import task_failure, task_success

from cases import (
    account_notices,
    anchors,
    batches,
    deadlines,
    duty_notices,
    heartbeats,
    letter_files,
    passwords,
    recomputing,
    retention,
    throttle,
    troubles,
    worlds,
)
from cases.session_store import SessionStore


@task_failure.connect
def note_trouble(sender, exception, **_more):
    """Have administrators see what a task failed at.

    Not here what killed its process: the worker's own process tells of that, which has no database.
    """
    if isinstance(exception, WorkerLostError | Terminated):
        return
    troubles.note_failure(sender.name, exception)


@task_success.connect
def forget_trouble(sender, **_more):
    """A task that has gone well is no trouble any more."""
    troubles.over(sender.name)


@shared_task
def heartbeat():
    """Say that the queue of mail and deadlines moves."""
    heartbeats.beat("default")


@shared_task
def scan_deadlines():
    """Take the steps that the clocks bring about; return how many."""
    return deadlines.scan(worlds.now())


@shared_task
def recompute_deadlines():
    """Compute open cases anew if the rules or the calendar have changed; return how many moved."""
    return recomputing.recompute_if_needed(worlds.now())


@shared_task
def forget_attempts():
    """Delete the attempts of look-ups that no limit counts, and troubles that are over; return how many."""
    return throttle.prune() + troubles.forget(worlds.now(), kept=[recomputing.TASK])


@shared_task
def forget_sessions():
    """Delete the sessions that have run out."""
    SessionStore.clear_expired()


@shared_task
def forget_files():
    """Delete the files of letters that nobody has imported in time; return how many."""
    return letter_files.forget(worlds.now())


@shared_task
def anchor_log():
    """Make the day's anchor of the event log, and mail what has not been mailed; return how many."""
    anchors.make_if_due(worlds.now())
    return anchors.mail_unsent(worlds.now())


@shared_task
def forget_writers():
    """Forget who wrote letters that have ended for as long as was promised, and old account notices."""
    retention.forget_notices(worlds.now())
    return retention.forget(worlds.now(), retention.TASK_SECONDS)


@shared_task
def tell_duty():
    """Tell whoever is on duty what waits; return how many mails were sent."""
    return duty_notices.tell()


@shared_task
def tell_account_changes():
    """Tell officers how their way of signing in was changed; return how many mails were sent."""
    return account_notices.tell()


@shared_task
def take_batch_on(batch_id):
    """Take one batch on for some seconds, and ask for more if it is not finished."""
    if not batches.take_on(batch_id, batches.TASK_SECONDS):
        take_batch_on.delay(batch_id)


@shared_task
def take_batches_on():
    """Take on the batches that nobody holds: their task, or its worker, was lost."""
    for batch_id in batches.unfinished(worlds.now()):
        take_batch_on.delay(batch_id)


@shared_task(acks_late=False)
def send_password_reset(officer_id):
    """Mail an officer the link that sets a new password; return how many mails were sent.

    Who dies of it takes it along: no row counts its attempts, and the officer can ask again.
    """
    return passwords.send_reset(officer_id)

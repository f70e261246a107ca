"""Celery's ways in: the notices (`manage.py send_notices` without it), and tidying."""

from celery import shared_task

from cases import attachments, worlds
from mailbox import notices, phone_check, unsent


@shared_task
def send_notices():
    """Send the notices that are due; return how many were sent."""
    return notices.send_notices()


@shared_task
def forget_stray_files():
    """Delete the files that were stored for a letter or a step that was never kept; return how many."""
    return attachments.discard_stray(worlds.now(), unsent.paths())


@shared_task
def forget_unsent():
    """Delete the letters that nobody has gone on writing for a day, and checks as old; return how many."""
    return unsent.prune(worlds.now()) + phone_check.prune(worlds.now())

"""Celery's way in to the notices; `manage.py send_notices` is the same without it."""

from celery import shared_task

from mailbox import notices


@shared_task
def send_notices():
    """Send the mails that are due; return how many were sent."""
    return notices.send_notices()

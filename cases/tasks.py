"""Celery's way in to the deadline scan; `manage.py scan_deadlines` is the same without it."""

from celery import shared_task

from cases import deadlines, worlds


@shared_task
def scan_deadlines():
    """Take the steps that the clocks bring about; return how many."""
    return deadlines.scan(worlds.now())

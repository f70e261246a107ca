"""Celery's ways in: the deadline scan (`manage.py scan_deadlines` without it), and tidying."""

from celery import shared_task

from cases import deadlines, duty_notices, throttle, worlds


@shared_task
def scan_deadlines():
    """Take the steps that the clocks bring about; return how many."""
    return deadlines.scan(worlds.now())


@shared_task
def forget_attempts():
    """Delete the attempts of look-ups that no limit counts any more; return how many."""
    return throttle.prune()


@shared_task
def tell_duty():
    """Tell whoever is on duty what waits; return how many mails were sent."""
    return duty_notices.tell()

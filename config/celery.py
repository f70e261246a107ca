"""The Celery application: queue `default` for mail and deadlines, `simulation` for runs.

Its options are the CELERY_… settings. A task carries ids only and may be
delivered twice or be lost with Redis; what must happen once is claimed in the
database, and beat comes round again.
"""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Every so many seconds.
EVERY = {
    "cases.tasks.heartbeat": 15,
    "simulation.tasks.heartbeat": 15,
    "mailbox.tasks.send_notices": 5,
    "cases.tasks.scan_deadlines": 60,
    "cases.tasks.recompute_deadlines": 60,
    "cases.tasks.tell_duty": 60,
    "cases.tasks.tell_account_changes": 20,
    "cases.tasks.take_batches_on": 20,
    "cases.tasks.anchor_log": 600,
    "cases.tasks.forget_writers": 600,
    "cases.tasks.forget_attempts": 3600,
    "cases.tasks.forget_sessions": 3600,
    "cases.tasks.forget_files": 600,
    "mailbox.tasks.forget_stray_files": 3600,
    "mailbox.tasks.forget_unsent": 600,
    "simulation.tasks.sweep": 10,
}
app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Entries expire before the next one is due, so that a stopped worker finds no pile of them.
app.conf.beat_schedule = {
    task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds * 5 // 6}}
    for task, seconds in EVERY.items()
}
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _refuse_unsafe(**kwargs):
    from config import server_checks, starting  # once Django is set up

    starting.refuse_unsafe(also=[server_checks.check_tables])

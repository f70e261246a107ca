"""The Celery application: queue `default` for mail and deadlines, `simulation` for runs.

Its options are the CELERY_… settings. A task carries ids only and may be
delivered twice or be lost with Redis; what must happen once is claimed in the
database, and beat comes round again.
"""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Entries expire before the next one is due, so that a stopped worker finds no pile of them.
BEAT_SCHEDULE = {
    "heartbeat": {
        "task": "cases.tasks.heartbeat",
        "schedule": 15.0,
        "options": {"expires": 14},
    },
    "heartbeat of simulation": {
        "task": "simulation.tasks.heartbeat",
        "schedule": 15.0,
        "options": {"expires": 14},
    },
    "send notices": {
        "task": "mailbox.tasks.send_notices",
        "schedule": 5.0,
        "options": {"expires": 4},
    },
    "scan deadlines": {
        "task": "cases.tasks.scan_deadlines",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "recompute deadlines": {
        "task": "cases.tasks.recompute_deadlines",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "tell whoever is on duty": {
        "task": "cases.tasks.tell_duty",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "take batches on": {
        "task": "cases.tasks.take_batches_on",
        "schedule": 20.0,
        "options": {"expires": 15},
    },
    "anchor the log": {
        "task": "cases.tasks.anchor_log",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    "forget writers": {
        "task": "cases.tasks.forget_writers",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    "forget attempts": {
        "task": "cases.tasks.forget_attempts",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "forget sessions": {
        "task": "cases.tasks.forget_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "forget files": {
        "task": "cases.tasks.forget_files",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    "forget stray files": {
        "task": "mailbox.tasks.forget_stray_files",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "forget unsent letters": {
        "task": "mailbox.tasks.forget_unsent",
        "schedule": 600.0,
        "options": {"expires": 500},
    },
    "sweep shards": {
        "task": "simulation.tasks.sweep",
        "schedule": 10.0,
        "options": {"expires": 8},
    },
}

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT_SCHEDULE
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def _refuse_unsafe(**kwargs):
    from config import starting  # once Django is set up

    starting.refuse_unsafe()

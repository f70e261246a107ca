"""The task queues: safe defaults, a schedule that cannot pile up, and sending that never hangs."""

import inspect
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.celery import app
from tests import processes

ROOT = Path(__file__).resolve().parent.parent
SEND = """
from kombu.exceptions import OperationalError
from config.celery import app
try:
    app.send_task("cases.tasks.scan_deadlines")
except OperationalError:
    print("refused")
"""


@pytest.mark.django_db  # a worker asks the servers before it starts
def test_scheduled_tasks_exist_and_expire_before_the_next_is_due():
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
        assert 0 < entry["options"]["expires"] < entry["schedule"], entry


@pytest.mark.django_db  # as above
def test_messages_of_tasks_hold_numbers_of_rows_alone():
    app.loader.import_default_modules()
    ours = [t for name, t in app.tasks.items() if not name.startswith("celery.")]
    taken = {name for task in ours for name in inspect.signature(task.run).parameters}
    ids = {f"{row}_id" for row in ("run", "replication", "practice", "officer", "batch")}
    assert len(ours) > 20 and taken == {*ids, "number"}


def test_simulation_tasks_never_wait_in_the_queue_of_mail():
    route = app.amqp.router.route({}, "simulation.tasks.sweep")
    assert route["queue"].name == "simulation"
    assert app.amqp.router.route({}, "mailbox.tasks.send_notices")["queue"].name == "default"


def test_task_of_a_killed_worker_comes_back():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_only_json_is_accepted():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def sent_to(address):
    environment = {**processes.environment(), "REDIS_URL": f"redis://{address}/0"}
    result = subprocess.run(
        [sys.executable, "-c", SEND],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=processes.PATIENCE_SECONDS,  # without our settings it would hang for ever
    )
    return result.stdout.strip()


def test_sending_with_redis_away_is_refused_and_does_not_hang():
    assert sent_to(f"127.0.0.1:{processes.free_port()}") == "refused"


def test_sending_to_a_redis_that_never_answers_does_not_hang():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert sent_to(f"127.0.0.1:{silent.getsockname()[1]}") == "refused"

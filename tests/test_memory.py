"""A worker that has played many runs holds no more memory than one that has played a few."""

import psutil
import pytest
from celery import current_app

from simulation import runs, watching
from simulation.local_workers import LocalWorkers
from simulation.models import Run
from tests import processes
from tests.brokers import patient, quick  # noqa: F401

pytestmark = [
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
]

RUNS, WARM = 10, 4
LETTERS = 3_000
GROWTH_MB = 4  # over six runs; what one run's rows take is more than that


def test_memory_of_a_worker_stays_flat_over_ten_runs():
    # One seed, since a worker learns, once, whatever way through the workflow it has not met.
    held = []
    with LocalWorkers(1) as workers:
        worker = psutil.Process(workers.processes[0].pid)
        for _time in range(RUNS):
            run = runs.create("guangdong-2021", letters=LETTERS, seed=1)
            runs.start(run)
            assert watching.watch(run, each_look=patient()).status == Run.DONE
            assert processes.becomes(is_idle)  # it reads the daybook of a run that is done
            held.append(worker.memory_info().rss / 1e6)
    print("MB held after each run:", " ".join(f"{mb:.0f}" for mb in held))
    assert max(held[WARM:]) - held[WARM - 1] < GROWTH_MB, held


def is_idle():
    """Tell whether the worker answers, which it does between two tasks alone."""
    return current_app.control.ping(timeout=5, limit=1)

"""A finished run for the tests of its page: a real one, small, and set beside figures by hand."""

import re

import pytest
from celery import current_app
from django.urls import reverse

from simulation import runs
from simulation.models import Run

SMALL = 300
_CHECK = {
    "area": "all",
    "as_of": "2022-04-30",
    "verb": "",
    "source": "一份公报，2022-05-01",
    "note": "",
    "note_zh": "",
    "variant_of": "",
    "prior_low": None,
    "prior_high": None,
}
CHECKS = [
    {"key": "received-year", "measure": "received", "published": 93_300, "simulated": 93_300,
     "low": 93_300, "high": 93_300, "role": "input", "ok": None},
    {"key": "received-september", "measure": "received", "as_of": "2021-09-30",
     "published": 58_884, "simulated": 58_884, "low": 58_628, "high": 59_140, "role": "input", "ok": None},
    {"key": "responded-year", "measure": "responded", "published": 93_300, "simulated": 92_871,
     "low": 92_831, "high": 92_911, "role": "predicted", "ok": False},
    {"key": "thanks-section", "measure": "thanks", "published": 2_750, "simulated": 3_120,
     "low": 3_012, "high": 3_228, "role": "predicted", "ok": False, "variant_of": "thanks",
     "note": "同一篇文章里的另一个数"},
    {"key": "solved-year", "measure": "solved", "published": 25_500, "simulated": 25_610,
     "low": 25_340, "high": 25_880, "prior_low": 24_900, "prior_high": 26_200,
     "role": "tuned", "ok": True},
    {"key": "solved-september", "measure": "solved", "as_of": "2021-09-30", "published": 13_000,
     "simulated": 14_210, "low": 13_990, "high": 14_430, "role": "predicted", "ok": False},
    {"key": "thanks", "measure": "thanks", "published": 3_135, "simulated": 3_120,
     "low": 3_012, "high": 3_228, "role": "tuned", "ok": True},
    {"key": "incidents", "measure": "incidents", "as_of": "2022-03-01", "published": 909,
     "simulated": 3_950, "low": 3_829, "high": 4_071, "role": "predicted", "ok": False,
     "note": "从 909 到 4,403，多半是统计口径变了"},
    {"key": "reply-rate-guangzhou", "measure": "reply_rate", "area": "440100", "published": 98.6,
     "simulated": 97.9, "low": 97.6, "high": 98.1, "role": "predicted", "ok": False},
]  # fmt: skip


@pytest.fixture
def no_tasks_left(db):
    """Take back what a test has sent: no worker listens, and later tests start some.

    Before it too: workers of an earlier test that are killed give back what they had taken.
    """
    _take_back()
    yield
    _take_back()


def _take_back():
    with current_app.connection_for_write() as broker:
        broker.default_channel.queue_purge("simulation")


def tasks_waiting():
    """Return how many tasks wait for a worker."""
    with current_app.connection_for_read() as broker:
        return broker.default_channel.client.llen("simulation")


def small_run(name="试运行", letters=SMALL, **asked):
    """Return a finished run of a few letters: each of its tasks is done here, in order."""
    run = runs.create("guangdong-2021", letters=letters, name=name, **asked)
    runs.simulate(run.pk)
    for number in range(Run.objects.get(pk=run.pk).shards):
        runs.load_shard(run.pk, number)
    runs.seal(run.pk)
    return Run.objects.get(pk=run.pk)


def full_run():
    """Return a finished run whose report says what one at full size says: figures by hand."""
    run = small_run("整年")
    run.report["checks"] = [{**_CHECK, **row} for row in CHECKS]
    run.report |= {"full_size": True, "notes": [], "scale": 1, "replications": 20}
    factor = 93_300 // SMALL
    for name, values in run.report["daily"].items():
        if name != "days":
            run.report["daily"][name] = [factor * n for n in values]
    run.save(update_fields=["report"])
    return run


def page(client, name, run=None):
    """Return the text of a page that is there."""
    answer = client.get(address(name, run))
    assert answer.status_code == 200
    return answer.content.decode()


def address(name, run=None):
    """Return the address of a page of runs, or of one run."""
    return reverse(f"simulation:{name}", args=[run.pk] if run else [])


def row_of(text, label):
    """Return the words of the first table row that holds a label."""
    rows = [re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr.*?</tr>", text, re.DOTALL)]
    return " ".join(next(row for row in rows if label in row).split())

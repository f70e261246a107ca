"""Runs and studies by real workers: an empty broker, and sweeping without long waits."""

import time
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from simulation import runs, watching
from tests import processes


@pytest.fixture
def quick(monkeypatch):
    """An empty broker, workers that see the tests' database, and sweeping without long waits."""
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])
    monkeypatch.setattr(runs, "RESEND_SECONDS", 1)
    monkeypatch.setattr(watching, "SWEEP_SECONDS", 0.5)
    empty_broker()
    yield
    empty_broker()


def empty_broker():
    """Empty the tests' own database of the Redis server, and no other."""
    assert int(urlsplit(settings.REDIS_URL).path.strip("/")) > 0
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()


def patient(each_look=lambda: None):
    """Return what to call at each look so that nothing is watched for ever."""
    end = time.monotonic() + processes.PATIENCE_SECONDS

    def look():
        assert time.monotonic() < end, "it does not end"
        each_look()

    return look

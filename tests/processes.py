"""Processes that tests start: their environment, and waiting for what they do."""

import itertools
import os
import socket
import time
from urllib.parse import urlsplit

import pytest
from django.db import connection

PATIENCE_SECONDS = 180  # of what hangs: a busy machine may be slow
# Each of the processes that run tests has its own, and all lie below those that the system gives to
# a connection or to whoever asks for any: nobody takes one while what will listen there still starts.
_PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = itertools.cycle(range(15_000 + os.getpid() % 1000 * 16 + _PLACE % 16, 32_700, 16))


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens at, and that nobody else is given."""
    return next(port for port in _PORTS if not _is_answered(port))


def _is_answered(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def environment():
    """Return an environment in which a process sees the tests' own database, Redis and files."""
    name = connection.settings_dict["NAME"]
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
    return {**os.environ, "DATABASE_URL": address.geturl()}


def becomes(condition):
    """Wait until condition() holds; tell whether it did in PATIENCE_SECONDS."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def waits_for_a_lock():
    """Tell whether a connection to this database, and not to another's tests, stands at a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (
                 SELECT pid FROM pg_locks WHERE database =
                   (SELECT oid FROM pg_database WHERE datname = current_database()))"""
        )
        return cursor.fetchone()[0] > 0


def found_or_skipped(program, missing):
    """Return a program's path; where it was not found the test is skipped, or fails where CI is set."""
    if program is None and os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    if program is None:
        pytest.skip(missing)
    return program

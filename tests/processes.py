"""Processes that tests start: their environment, and waiting for what they do."""

import os
import socket
import time
from urllib.parse import urlsplit

from django.db import connection

PATIENCE_SECONDS = 180  # of what hangs: a busy machine may be slow


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


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""The planner: the same small year simulated over and over, so that every fault meets a run."""

import time
from contextlib import suppress

from tests.chaos.beside import beside

SCENARIO, SEED = "guangdong-2021", 7
_LOOK_SECONDS = 0.3


def simulating(diary, letters):
    """Return a block beside which run after run is simulated; the last one may end after it."""
    return beside(_simulate, diary, letters, patience=0)


def _simulate(diary, letters, stop):
    while not stop.is_set():
        one(diary, letters)


def one(diary, letters):
    """Start a run as the planner's page does and wait for its end, however long; return its row."""
    from simulation import claims, runs

    run = patient(lambda: runs.create(SCENARIO, letters=letters, seed=SEED))
    with suppress(*claims.BROKER_ERRORS):  # beat comes round
        runs.start(run)
    while patient(lambda: _fresh(run).unfinished):
        time.sleep(_LOOK_SECONDS)
    ended = patient(lambda: _fresh(run))
    diary.note("runs", ended.pk, ended.status, ended.digest, ended.error)
    return ended


def _fresh(run):
    return type(run).objects.get(pk=run.pk)


def patient(ask):
    """Ask the database until it answers."""
    from django.db import InterfaceError, InternalError, OperationalError, connection

    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError, InternalError):  # away, or taking nothing new
            connection.close()
            time.sleep(_LOOK_SECONDS)

"""Claims: who works at a row holds its advisory lock, which falls with that worker's connection.

An attempt is a claim, and is counted before the work begins, so that it counts for a worker that
dies of it too. Sending is none: on a busy machine a task that was sent may wait for long.
"""

from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import F
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from cases import troubles
from simulation.models import Practice, Replication, Run, Shard

MAX_ATTEMPTS = 5
BROKER_ERRORS = (OperationalError, RedisError)
# Work cut off from its database or its broker has not failed: whoever sweeps sends it again.
CUT_OFF = (*troubles.CUT_OFF, *BROKER_ERRORS)
_HELD = (
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_CLASSES = {Run: 20210501, Shard: 20210502, Replication: 20210503, Practice: 20210504}


@contextmanager
def claim(model, pk, **conditions):
    """Hold a row for work, and count the attempt; yields False if it is not to be worked at.

    That is, if another worker has it, if the conditions (as filter takes them) do not hold, or
    if it was attempted MAX_ATTEMPTS times.
    """
    key = [_CLASSES[model], pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        held = cursor.fetchone()[0]
        try:
            yield held and _count(model, pk, conditions)
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _count(model, pk, conditions):
    with transaction.atomic():
        commit_lazily()
        rows = model.objects.filter(pk=pk, attempts__lt=MAX_ATTEMPTS, **conditions)
        return bool(rows.update(attempts=F("attempts") + 1))


def any_held():
    """Tell whether a worker has any work of the simulator in hands, however long it takes."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({_HELD} AND classid = ANY(%s))", [list(_CLASSES.values())])
        return cursor.fetchone()[0]


def commit_lazily():
    """Let this transaction's commit not wait for the disk.

    If the server dies, rows and status are lost together and the sweeper sends the work
    again; the sealing commits for good, and everything before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def unheld(rows):
    """Return (what nobody works at of these rows, what of that had its last attempt).

    rows: a queryset. It is read before the locks: what ends in between is not undone any more,
    which whoever writes to a row looks at; read after them, it could be one that has just begun.
    """
    found = list(rows.only("pk", "attempts"))
    with connection.cursor() as cursor:
        cursor.execute(f"{_HELD} AND classid = %s", [_CLASSES[rows.model]])
        held = {pk for (pk,) in cursor}
    free = [row for row in found if row.pk not in held]
    tired = [row.pk for row in free if row.attempts >= MAX_ATTEMPTS]
    return [row.pk for row in free if row.pk not in tired], tired

"""Troubles: what the workers failed at, counted, shown to administrators, and in the end left alone.

A task of the schedule comes round whatever happens; one row that it cannot bear must neither hold
up the others nor be tried for ever. Work that is cut off from the database has not failed.
"""

import logging
import traceback
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import F

from cases import worlds
from cases.models import Trouble

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
_FORGOTTEN = timedelta(days=1)
CUT_OFF = (OperationalError, InterfaceError)
_ROOT = Path(__file__).resolve().parent.parent


def words_of(error):
    """Return what kind of fault it is and where in our code: its own words may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(Path(frame.filename))]
    name = type(error).__name__
    if not ours:
        return name
    last = ours[-1]
    return f"{name} ({Path(last.filename).name}:{last.lineno} {last.name})"[:200]


def _is_ours(path):
    return path.is_relative_to(_ROOT) and "site-packages" not in path.parts


def count(task, error, key=0):
    """Count a failure of a task, or of one row that it works at, which is given up at the fifth."""
    at, said = worlds.now(), words_of(error)
    row, _made = Trouble.objects.get_or_create(
        task=task, key=key, defaults={"error": said, "first_at": at, "last_at": at}
    )
    mine = Trouble.objects.filter(pk=row.pk)
    mine.update(attempts=F("attempts") + 1, error=said, last_at=at)
    if key:
        mine.filter(attempts__gte=MAX_ATTEMPTS).update(given_up=True)
    log.warning("%s %s failed: %s", task, key or "", said)


@contextmanager
def counted(task, key):
    """Count it if the block fails at one row, which holds up no other then; forget it if it goes well.

    Raises: where work is cut off, and in a run's world, where no task of the schedule works.
    """
    try:
        yield
    except CUT_OFF:
        raise
    except Exception as error:
        if not worlds.current().live:
            raise
        count(task, error, key)
    else:
        if worlds.current().live:
            over(task, key)


def given_up(task):
    """Return the keys of the rows that this task is to leave alone."""
    return Trouble.objects.filter(task=task, given_up=True).values("key")


def waiting(task):
    """Return the keys of the rows that this task has failed at and is to try again."""
    return Trouble.objects.filter(task=task, given_up=False, key__gt=0).values("key")


def over(task, key=0):
    """Forget the trouble of a task as a whole, or of one row, which has gone well."""
    Trouble.objects.filter(task=task, key=key).delete()


def again(rows):
    """Let what was given up be tried again, counted anew; return how many."""
    return rows.update(attempts=0, given_up=False)


def forget(at, kept=()):
    """Delete what has not come again for a day, unless it was given up; return how many.

    kept: tasks that find a row again by its trouble alone.
    """
    old = Trouble.objects.filter(given_up=False, last_at__lt=at - _FORGOTTEN)
    return old.exclude(task__in=kept).delete()[0]


def note_failure(task, error):
    """Count the failure of a whole task, if the database can be reached; never fails itself."""
    if isinstance(error, CUT_OFF):
        return
    try:
        count(task, error)
    except (DatabaseError, InterfaceError):
        log.exception("the trouble of %s could not be kept", task)

"""Due times computed anew where the rules or the known calendar have changed.

A case that is open in the office and whose limits move gets one event, `recompute`; docs/clocks.md
says what may move. Safe to run twice, and at once: a case that has been computed stays as it is.
"""

import math
import time
from contextlib import suppress

from cases import actors, calendars, in_force, replay, troubles, worlds
from cases.models import Case, PolicyVersion, Recomputation
from cases.refusals import Refusal
from cases.transitions import IN_OFFICE
from cases.workflow import perform

BATCH = 500
TASK = "cases.tasks.recompute_deadlines"
# So long a worker's task may take: mails wait in the same queue. The next one goes on.
TASK_SECONDS = 20


def recompute_if_needed(at):
    """Compute open cases anew; where that has been done for these rules and this calendar, what failed."""
    if not worlds.current().live:
        return 0
    last = Recomputation.objects.order_by("-pk").first()
    seen = (last.version_id, last.calendar) if last else (None, "")
    if seen == _now(at):
        return _again(at)
    done = recompute(at, TASK_SECONDS)
    return done.changed if done else 0


def recompute(at, seconds=math.inf):
    """Compute all open cases of the live world anew; return the Recomputation that says so.

    None if the time was over first: what is done stays done.
    """
    version, calendar = _now(at)
    looked = changed = 0
    end = time.monotonic() + seconds
    for case in open_cases():
        if time.monotonic() >= end:
            return None
        looked += 1
        changed += _step(case, at)
    return Recomputation.objects.create(
        at=at, version_id=version, calendar=calendar, looked=looked, changed=changed
    )


def _again(at):
    """Try the cases that failed once more; in one that has left the office no limit is to move."""
    rows = Case.objects.filter(pk__in=troubles.waiting(TASK)).select_related("mailbox")
    changed = 0
    for case in rows.order_by("pk")[:BATCH]:
        if case.state in IN_OFFICE:
            changed += _step(case, at)
        else:
            troubles.over(TASK, case.pk)
    return changed


def count_moved(versions, at):
    """Return (how many open cases would have other limits by these versions at a moment, of how many)."""
    found = [bool(_moved(case, versions, at)) for case in open_cases()]
    return sum(found), len(found)


def open_cases():
    """Yield all cases that are open in the office, by key, a batch at a time."""
    last = 0
    rows = Case.objects.filter(state__in=IN_OFFICE).select_related("mailbox").order_by("pk")
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield from batch
        last = batch[-1].pk


def _now(at):
    """Return (key of the version in force or None, mark of the calendar)."""
    newest = PolicyVersion.objects.filter(valid_from__lte=at).order_by("-valid_from").first()
    return newest and newest.pk, calendars.official_mark()


def _moved(case, versions, at):
    return replay.moved(case, versions, case.mailbox.level, at)


def _step(case, at):
    # Refused where it was closed, or computed by another, meanwhile.
    with troubles.counted(TASK, case.pk), suppress(Refusal):
        names = _moved(case, in_force.versions(), at)
        if names:
            by_calendar = case.due_provisional or names == ["scan_at"]
            cause = "calendar" if by_calendar else "policy"
            perform(case.pk, "recompute", actor=actors.system(), at=at, cause=cause)
            return 1
    return 0

"""How long it is known who wrote: as long as the pages promise (settings.RETENTION_YEARS), and no longer.

A letter's writer is forgotten by a step of the workflow once it has ended for so long. The letter, its
answer and every figure stay. What still needs the person holds it: a letter inside a matter that goes
on, and a request about one's own data that waits. What officers were told of their accounts goes too.
"""

import logging
import math
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import ExtractYear, Greatest

from cases import actors, troubles, worlds
from cases.calendars import SHANGHAI
from cases.models import AccountNotice, Case, DataRequest, Event
from cases.refusals import Refusal
from cases.transitions import ENDED
from cases.workflow import perform

log = logging.getLogger(__name__)

BATCH = 200
TASK = "cases.tasks.forget_writers"
TASK_SECONDS = 20
NOTICES_KEPT = timedelta(days=365)  # of a change that an officer was told of


def ended_before(at):
    """Return the moment before which a letter must have ended for its writer to be forgotten at `at`."""
    day = at.astimezone(SHANGHAI)
    try:
        return day.replace(year=day.year - settings.RETENTION_YEARS)
    except ValueError:  # the 29th of February of a year that is none
        return day.replace(year=day.year - settings.RETENTION_YEARS, month=3, day=1)


def due(at):
    """Return the live cases whose writers are to be forgotten at a moment, held or not.

    Each has `ended_at`, of a merged letter when its matter did, and `held`: whether something still
    needs the person.
    """
    forgotten = Event.objects.filter(case=OuterRef("pk"), action="forget_writer")
    waiting = DataRequest.objects.filter(letter=OuterRef("pk"), decision="")
    cases = Case.objects.filter(state__in=ENDED, letter__writer__isnull=False)
    cases = cases.filter(received_at__lt=ended_before(at)).exclude(Exists(forgotten))
    cases = cases.annotate(
        ended_at=Greatest(_came_to("pk", "state"), _came_to("merged_into", "merged_into__state")),
        held=Exists(waiting) | Q(merged_into__isnull=False) & ~Q(merged_into__state__in=ENDED),
    )
    return cases.filter(ended_at__lt=ended_before(at)).order_by("pk")


def _came_to(case, state):
    """Return when a case came to the state in which it is; none where there is no such case."""
    steps = Event.objects.filter(case=OuterRef(case), new_state=OuterRef(state))
    steps = steps.exclude(old_state=F("new_state")).order_by("-seq")
    return Subquery(steps.values("at")[:1])


def counts(at):
    """Return [{year, mailbox_name, held, n}] of what is due: how many letters, by the year they ended in."""
    found = due(at).annotate(year=ExtractYear("ended_at", tzinfo=SHANGHAI))
    found = found.order_by().values("year", "held", mailbox_name=F("mailbox__name"))
    return list(found.annotate(n=Count("pk")).order_by("year", "mailbox_name", "held"))


def forget(at, seconds=math.inf, told=lambda number: None):
    """Forget the writers that are due; return how many. Stopped anywhere, it goes on the next time.

    told: called with the number so far after each batch.
    """
    if not worlds.current().live:
        return 0
    last = done = 0
    end = time.monotonic() + seconds
    rows = due(at).filter(held=False).exclude(pk__in=troubles.given_up(TASK))
    while batch := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        for pk in batch:
            done += _step(pk, at)
        last = batch[-1]
        told(done)
        if time.monotonic() >= end:
            break
    return done


def _step(pk, at):
    with troubles.counted(TASK, pk), suppress(Refusal):  # opened again meanwhile
        perform(pk, "forget_writer", actor=actors.system(), at=at)
        return 1
    return 0


def old_notices(at):
    """Return the account notices, delivered or given up, of changes that nobody asks about any more."""
    notices = AccountNotice.objects.exclude(status=AccountNotice.PENDING)
    return notices.filter(at__lt=at - NOTICES_KEPT)


def forget_notices(at):
    """Delete these notices, with a line in the log; return how many."""
    count = old_notices(at).delete()[0]
    if count:
        log.info("%s account notices forgotten, older than %s days", count, NOTICES_KEPT.days)
    return count

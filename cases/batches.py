"""One step on many cases (批量办理): checked first, then taken, each by perform, each an event.

A batch is worked a few seconds at a time: in the officer's request, by a Celery task, or by the
page that stays open. Any of them may die at any instant, and two may come at once: a case that
was taken on already, or that others have changed, is not taken on again. A fault of the
program's is tried again some times; then the batch has failed, until its officer asks for more.
"""

import logging
import time
from collections import Counter, defaultdict
from datetime import timedelta

from django.db.models import Count, F, Q

from cases import actors, outbox, troubles, worlds
from cases.models import Batch, BatchItem, Event
from cases.refusals import Refusal, Stale
from cases.transitions import TRANSITIONS
from cases.workflow import perform, rehearse

log = logging.getLogger(__name__)

# The steps that can be common to many letters. Not among them: what is said to one writer or of
# one matter (asking, feedback, replies, calls, results, numbers), and what needs reading (review).
TOGETHER = (
    "accept",
    "dispatch",
    "merge",
    "urge",
    "decline",
    "reclassify",
    "sign",
    "assign",
    "forward_down",
    "transfer_out",
    "unmerge",
    "supervise",
    "instruct",
    "note",
)
# Who has any of these may take some step on many letters.
PERMISSIONS = tuple(dict.fromkeys(TRANSITIONS[action].permission for action in TOGETHER))
REQUEST_SECONDS, TASK_SECONDS = 1.5, 5
MAX_ATTEMPTS = 5
_HELD = timedelta(seconds=30)
_PAUSE = timedelta(seconds=10)  # after a fault, longer each time
_AT_ONCE = 20
# What each stage looks for among its cases, and the stage that follows when none is left.
_STAGES = {"checking": ("", "checked"), "doing": ("ready", "done")}


def create(officer, row, cases, fields, at, absent=0):
    """Keep a batch of these cases, still to be checked, and return it.

    cases: a queryset of Case. fields: as typed, by the row's names. absent: how many were chosen
    that the officer does not see.
    """
    fields = dict(fields)
    outside = cases.order_by().exclude(state__in=row.sources).values_list("state")
    left_out = dict(outside.annotate(n=Count("pk"))) | ({"absent": absent} if absent else {})
    batch = Batch.objects.create(
        officer=officer,
        action=row.action,
        text=fields.pop("text", ""),
        fields=fields,
        left_out=left_out,
        created_at=at,
        held_until=at + _HELD,  # until its cases are written down
    )
    chosen = cases.filter(state__in=row.sources).values_list("pk", "seq")
    items = (BatchItem(batch=batch, case_id=pk, seen=seq) for pk, seq in chosen)
    BatchItem.objects.bulk_create(items, batch_size=5000)
    Batch.objects.filter(pk=batch.pk).update(held_until=None)
    return batch


def confirm(batch):
    """Let a checked batch be done. What is no longer waiting to be confirmed stays as it is."""
    Batch.objects.filter(pk=batch.pk, stage="checked").update(stage="doing", attempts=0, error="")


def again(batch):
    """Let a batch that has failed go on where it stood."""
    stage = "checking" if batch.items.filter(outcome="").exists() else "doing"
    failed = Batch.objects.filter(pk=batch.pk, stage="failed")
    failed.update(stage=stage, attempts=0, error="", held_until=None)


def stop(batch, at):
    """Stop a batch; what is done stays done."""
    unfinished = Batch.objects.filter(pk=batch.pk).exclude(stage__in=("done", "stopped"))
    unfinished.update(stage="stopped", text="", finished_at=at)


def take_on(batch_id, seconds):
    """Work on a batch for so long; return whether there is nothing left to do for now.

    A fault of the program's is counted, and the batch left alone for some time.
    """
    batch = _held(batch_id)
    if batch is None:  # another has it, and asks for more itself; or it waits for its officer
        return True
    until, left = time.monotonic() + seconds, {"held_until": None, "attempts": batch.attempts - 1}
    try:
        while time.monotonic() < until:
            items = _next(batch)
            if not items:
                _finish(batch)
                return True
            for item in items:
                _take(batch, item)
        return False
    except Exception as error:  # whatever it is, it must not be tried for ever
        left = {"held_until": _count_fault(batch, error)}
        return True
    finally:
        Batch.objects.filter(pk=batch.pk).update(**left)


def unfinished(at):
    """Return the ids of the batches that are to be worked on and that nobody holds."""
    free = Q(held_until=None) | Q(held_until__lt=at)
    return list(Batch.objects.filter(free, stage__in=_STAGES).values_list("pk", flat=True))


def progress(batch):
    """Return a Counter of the outcomes of a batch's cases, of "all", and of those "taken" on."""
    return progresses([batch])[batch.pk]


def progresses(some):
    """Return {key: progress} of some batches, after one query."""
    items = BatchItem.objects.filter(batch__in=some).order_by()
    outcomes = defaultdict(Counter)
    for pk, outcome, n in items.values_list("batch", "outcome").annotate(n=Count("pk")):
        outcomes[pk][outcome] = n
    return {batch.pk: _progress(batch, outcomes[batch.pk]) for batch in some}


def _progress(batch, found):
    found["all"] = found.total()
    wanted, _following = _STAGES.get(batch.stage, ("none", ""))
    found["taken"] = found["all"] - found[wanted]
    found["untouched"] = found[""] + found["ready"]
    return found


def _held(batch_id):
    """Hold a batch that nobody holds and return it, else None.

    Holding is an attempt, which counts for a worker that dies of it too; ending well takes it back.
    """
    at = worlds.now()
    free = Q(held_until=None) | Q(held_until__lt=at)
    unheld = Batch.objects.filter(free, pk=batch_id, stage__in=_STAGES)
    unheld.filter(attempts__gte=MAX_ATTEMPTS).update(
        stage="failed", error=outbox.DIED, held_until=None
    )
    held = unheld.update(held_until=at + _HELD, attempts=F("attempts") + 1)
    return Batch.objects.select_related("officer__unit").get(pk=batch_id) if held else None


def _count_fault(batch, error):
    """Count a fault, and return until when the batch is left alone.

    Of the fault only its kind and place are kept: its words may hold what somebody wrote.
    """
    fault, attempts = troubles.words_of(error), batch.attempts
    failed = {"stage": "failed"} if attempts >= MAX_ATTEMPTS else {}
    going_on = Batch.objects.filter(pk=batch.pk, stage=batch.stage)
    going_on.update(error=fault, **failed)
    log.warning("batch %s: attempt %s failed: %s", batch.pk, attempts, fault)
    return None if failed else worlds.now() + _PAUSE * attempts


def _next(batch):
    """Return some cases that this stage has still to take; none once it was stopped."""
    going_on = Batch.objects.filter(pk=batch.pk, stage=batch.stage)
    held = going_on.update(held_until=worlds.now() + _HELD)
    wanted, _following = _STAGES[batch.stage]
    return held and list(batch.items.filter(outcome=wanted).order_by("pk")[:_AT_ONCE])


def _finish(batch):
    _wanted, following = _STAGES[batch.stage]
    ended = {"text": "", "finished_at": worlds.now()} if following == "done" else {}
    Batch.objects.filter(pk=batch.pk, stage=batch.stage).update(stage=following, **ended)


def _take(batch, item):
    """Check or take the step on one case, and keep what came of it."""
    step, good = (rehearse, "ready") if batch.stage == "checking" else (perform, "done")
    said = {**batch.fields, **({"text": batch.text} if batch.text else {})}
    actor, at = actors.officer(batch.officer), worlds.now()
    outcome, message = good, ""
    try:
        step(item.case_id, batch.action, actor=actor, at=at, seen=item.seen, **said)
    except Stale as refusal:
        if not _was_taken(batch, item):
            outcome, message = "refused", refusal.message
    except Refusal as refusal:
        outcome, message = "refused", refusal.message
    BatchItem.objects.filter(pk=item.pk).update(outcome=outcome, message=str(message)[:300])


def _was_taken(batch, item):
    """Whether this very step was taken by someone who died before it was kept here."""
    step = {"action": batch.action, "user": batch.officer_id, "at__gte": batch.created_at}
    return Event.objects.filter(case=item.case_id, seq=item.seen + 1, **step).exists()


def label(batch):
    """Return what a batch does; the bare name of a step that the table has no more."""
    row = TRANSITIONS.get(batch.action)
    return row.label if row else batch.action


def rows_for(user):
    """Return the rows of the table that this officer may take on many letters at once."""
    rows = (TRANSITIONS[action] for action in TOGETHER)
    return [row for row in rows if user.has_perm(f"cases.{row.permission}")]

"""The deadline scan: what the clocks alone bring about. Idempotent; it reads the database only.

Two scans at once, or one that is repeated, do nothing twice: every step goes through
perform, which sees under the case's lock whether it has been taken.
"""

from contextlib import suppress

from cases import actors, troubles
from cases.models import Case
from cases.refusals import Refusal
from cases.workflow import perform

BATCH = 500
TASK = "cases.tasks.scan_deadlines"


def scan(at, limit=BATCH):
    """Take the steps that are due at `at`; return how many events were written.

    A late case is urged at its due time, gets a yellow card after the policy's
    yellow_after and a red one after red_after; silent citizens' timers run out. A case at
    which the program fails five times is left alone, and shown to administrators.
    """
    due = Case.objects.filter(scan_at__lte=at).exclude(pk__in=troubles.given_up(TASK))
    due = due.order_by("scan_at")[:limit]
    rows = list(due.values_list("pk", "next_clock", "pressure", "seq"))
    return sum(_step(pk, clock, pressure, seq, at) for pk, clock, pressure, seq in rows)


def _step(case_id, clock, pressure, seq, at):
    action, fields = due_step(clock, pressure)
    # Refused where someone moved it first: the next scan looks anew.
    with troubles.counted(TASK, case_id), suppress(Refusal):
        perform(case_id, action, actor=actors.system(), at=at, seen=seq, **fields)
        return 1
    return 0


def due_step(clock, pressure):
    """Return (action, fields) that a clock brings about once scan_at has come."""
    if clock == "supply":
        return "lapse", {}
    if clock == "silence":
        return "close", {}
    if pressure == 0:
        return "urge", {}
    return "supervise", {"level": "yellow" if pressure == 1 else "red"}

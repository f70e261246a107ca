"""What the pictures of a finished run show beside its report: counted once, in its world.

Everything is a count or a quantile by the database; nothing here grows with the letters.
"""

from django.db import connection

from cases import worlds
from simulation.models import Run

# A letter's reply falls into the last of these that it has passed, in hours from its receipt.
REPLY_HOURS = (0, 1, 4, 12, 24, 48, 72, 120, 168, 240, 360, 480, 720, 1440)
STEPS = ("received", "accepted", "signed", "contacted", "replied", "closed", "solved")

_FIRSTS = """
CREATE TEMP TABLE firsts ON COMMIT DROP AS
SELECT case_id, min(at) FILTER (WHERE action = 'accept') AS accepted,
       min(at) FILTER (WHERE action = 'sign') AS signed,
       min(at) FILTER (WHERE action = 'contact' AND data->'reached' = 'true') AS contacted,
       min(at) FILTER (WHERE action = 'approve_reply') AS replied
FROM cases_event WHERE action IN ('accept', 'sign', 'contact', 'approve_reply') GROUP BY case_id
"""
_STEPS = "SELECT count(accepted), count(signed), count(contacted), count(replied) FROM firsts"
_WEEKS = """
SELECT to_char(date_trunc('week', k.received_at AT TIME ZONE 'Asia/Shanghai'), 'YYYY-MM-DD'),
       count(*), count(f.contacted), count(f.replied),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.contacted - k.received_at),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY f.replied - k.received_at)
FROM cases_case k LEFT JOIN firsts f ON f.case_id = k.letter_id GROUP BY 1 ORDER BY 1
"""
_REPLIES = """
SELECT k.kind, width_bucket(extract(epoch FROM f.replied - k.received_at) / 3600, %s::numeric[]),
       count(*)
FROM cases_case k LEFT JOIN firsts f ON f.case_id = k.letter_id GROUP BY 1, 2
"""
_MOVES = """
SELECT e.action, e.old_state, u.level, m.level, u.is_mailbox, count(*)
FROM cases_event e JOIN cases_unit u ON u.id = e.unit_id
JOIN cases_case k ON k.letter_id = e.case_id JOIN cases_unit m ON m.id = k.mailbox_id
WHERE e.action IN ('receive', 'dispatch', 'forward_down', 'return_to_desk', 'ask_citizen',
  'propose_reply', 'send_back_reply', 'approve_reply', 'reopen', 'close', 'merge', 'decline',
  'transfer_out', 'withdraw')
GROUP BY 1, 2, 3, 4, 5
"""


def keep(run):
    """Count what the pictures of a finished run show, and keep it in its report."""
    run.report["pictures"] = build(run)
    Run.objects.filter(pk=run.pk, status=Run.DONE).update(report=run.report)


def of(run):
    """Return what the pictures of a finished run show; counted now if it was not kept.

    Of a run whose world can't be entered any more (an older version made it) there is nothing.
    """
    try:
        return run.report.get("pictures") or build(run)
    except worlds.WorldRefused:
        return {"funnel": {}, "weeks": [], "replies": {}, "moves": [], "hours": run.hours}


def build(run):
    """Return what the pictures show, as JSON values.

    funnel: {name of STEPS: letters}. weeks: a row a week of receipt, see _week. replies: {kind:
    letters by REPLY_HOURS, those without a reply last}. moves: rows of (from, to, action, times).
    hours: as simulation/weekly.py gives them.
    """
    with worlds.enter(run.world), connection.cursor() as cursor:
        cursor.execute(_FIRSTS)
        cursor.execute(_STEPS)
        firsts = cursor.fetchone()
        cursor.execute(_WEEKS)
        weeks = [_week(row) for row in cursor.fetchall()]
        cursor.execute(_REPLIES, [list(REPLY_HOURS)])
        replies = _replies(cursor.fetchall())
        cursor.execute(_MOVES)
        moves = _moves(cursor.fetchall())
        cursor.execute("DROP TABLE firsts")
    counts = run.report["counts"]
    known = {name: counts.get(name, 0) for name in STEPS}
    known |= dict(zip(("accepted", "signed", "contacted", "replied"), firsts, strict=True))
    return {"funnel": known, "weeks": weeks, "replies": replies, "moves": moves, "hours": run.hours}


def _week(row):
    """Return a week's day, letters, contacted, replied, and hours to either: half within, 9 of 10."""
    monday, letters, contacted, replied, *spans = row
    hours = [
        [round(span.total_seconds() / 3600, 2) for span in pair] if pair else [None, None]
        for pair in spans
    ]
    return [monday, letters, contacted, replied, *hours[0], *hours[1]]


def _replies(rows):
    found = {}
    for kind, bucket, letters in rows:
        counts = found.setdefault(kind, [0] * (len(REPLY_HOURS) + 1))
        counts[len(REPLY_HOURS) if bucket is None else bucket - 1] += letters
    return found


# Where each step leaves from and leads to; desk: the department's or a city's.
_WAYS = {
    "propose_reply": ("unit", "review"),
    "send_back_reply": ("review", "mended"),
    "approve_reply": ("review", "replied"),
    "return_to_desk": ("unit", "returned"),
    "forward_down": ("city_desk", "unit"),
    "close": ("replied", "closed"),
    "reopen": ("replied", "redone"),
}
_LEAVING = ("merge", "decline", "transfer_out", "withdraw", "ask_citizen")
_AT_DESK = ("received", "accepted")


def _moves(rows):
    """Return (from, to, action, times) of each way that letters took, the most taken first.

    What goes back (returned, mended, redone, asked) is a place of its own: the picture has no loops.
    """
    found = {}
    for action, state, level, box, is_mailbox, times in rows:
        desk = _desk(level)
        if action == "receive":
            way = ("letters", desk)
        elif action == "dispatch":
            # The unit after the step: a city's desk passes on what the department sends it.
            way = (_desk(box), "city_desk" if is_mailbox else "unit")
        elif action in _LEAVING:
            way = (desk if state in _AT_DESK and is_mailbox else "unit", action)
        else:
            way = _WAYS[action]
        found[(*way, action)] = found.get((*way, action), 0) + times
    return [[*way, times] for way, times in sorted(found.items(), key=lambda pair: -pair[1])]


def _desk(level):
    return "city_desk" if level == "city" else "department_desk"

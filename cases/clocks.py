"""Deadlines: when a promise is due, what of it is used, and how it looks.

Pure functions: nothing here reads a database or the time of day. The rules, with
examples, are in docs/clocks.md. Every clock starts when the citizen sends.
A pause is a pair (from, to) of aware datetimes; pauses come in order and do not
overlap; `to` is None while the case still waits for the citizen.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from cases import policy as policies
from cases.calendars import ELAPSED, EPOCH, MICROSECOND, Length, to_local, to_utc

# A shorter promise reaches an open case only if it leaves so much time from its first moment on.
GRACE = timedelta(days=1)
PROMISES = ("accept", "sign", "contact", "feedback", "reply", "legal")


class Due(NamedTuple):
    """When a clock runs out; provisional if a year's official calendar was missing.

    at is None while the clock stands still in an open pause.
    """

    at: datetime | None
    provisional: bool


class Pressing(NamedTuple):
    """When an unkept promise is urged (催办), and gets its yellow and red card (督办)."""

    urge_at: datetime
    yellow_at: datetime
    red_at: datetime


def due(length, start, pauses=(), calendar=None):
    """Return the Due of a clock of this length that starts at an aware datetime."""
    if length.time == ELAPSED and not pauses:  # most clocks, and a year has half a million
        return Due(EPOCH + (start - EPOCH + length.size * MICROSECOND), False)
    calendar = calendar or policies.load().calendar
    begin = moment = to_local(start)
    rest = length.size
    for paused_at, resumed_at in pauses:
        if resumed_at is not None and resumed_at <= start:
            continue
        stop = max(moment, to_local(paused_at))
        run = calendar.between(length.time, moment, stop)
        if run >= rest:
            break
        if resumed_at is None:
            return Due(None, False)
        rest -= run
        moment = to_local(resumed_at)
    end = calendar.add(length.time, rest, moment)
    provisional = length.time != ELAPSED and not calendar.knows(begin, end)
    return Due(to_utc(end), provisional)


def used(length, start, until, pauses=(), calendar=None):
    """Return how much of the length's own kind of time ran from start to until, as a timedelta."""
    calendar = calendar or policies.load().calendar
    moment = to_local(start)
    end = max(moment, to_local(until))
    total = 0
    for paused_at, resumed_at in pauses:
        stop = min(max(moment, to_local(paused_at)), end)
        total += calendar.between(length.time, moment, stop)
        resumed = end if resumed_at is None else to_local(resumed_at)
        moment = min(max(stop, resumed), end)
    total += calendar.between(length.time, moment, end)
    return total * MICROSECOND


def left(length, start, until, pauses=(), calendar=None):
    """Return what is left of the length at `until`, as a timedelta; negative once late."""
    return length.size * MICROSECOND - used(length, start, until, pauses, calendar)


def yellow_at(due_at, start, share=None):
    """Return the moment at which only the policy's share of the whole span is left."""
    share = policies.load().yellow_share if share is None else share
    return due_at - (due_at - start) * share


def colour(due_at, start, at, share=None):
    """Return "green", "yellow" (due soon) or "red" (past); "" when nothing is due."""
    if due_at is None:
        return ""
    if at > due_at:
        return "red"
    return "yellow" if at >= yellow_at(due_at, start, share) else "green"


def pressing(due_at, length, policy):
    """Return when a promise of this length, unkept at due_at, is pressed.

    People are pressed in working hours; only a promise of a desk that never closes
    is urged at any hour.
    """
    opening = policy.calendar.opening
    return Pressing(
        due_at if length.round_the_clock else opening(due_at),
        *(
            opening(due(after, due_at, calendar=policy.calendar).at)
            for after in (policy.yellow_after, policy.red_after)
        ),
    )


def dues(policy, level, kind, received_at, pauses=(), extra_days=0, again=False):
    """Return the due columns of a case, <promise>_due_at and due_provisional, as a dict.

    level, kind: of the mailbox and of the letter. extra_days: calendar days by which a
    leader has put off the reply. again: the reply is a redone one, with a promise of its own.
    A promise that the policy does not give is None.
    """
    columns = {"due_provisional": False}
    for promise in PROMISES:
        length = policy.length(level, kind, "redo" if again and promise == "reply" else promise)
        found = Due(None, False)
        if length:
            found = due(length, received_at, pauses, policy.calendar)
        columns[f"{promise}_due_at"] = found.at
        columns["due_provisional"] |= found.provisional
    if extra_days and columns["reply_due_at"]:
        extra = Length.parse(f"{extra_days}d")
        columns["reply_due_at"] = due(extra, columns["reply_due_at"], pauses, policy.calendar).at
        most = policy.length(level, kind, "legal_extension")
        columns["legal_due_at"] = _legal_extended(columns, most, pauses, policy)
    return columns


def hastened(promised, offered, since):
    """Return the due columns of an open case after a change of policy; nothing is put off by it.

    promised, offered: by `dues`, under the policy before and the one in force from `since` on. A
    promise gives way to one that is earlier and leaves GRACE; where there was none, to such a one.
    """
    found = dict(promised)
    for promise in PROMISES:
        name = f"{promise}_due_at"
        old, new = promised[name], offered[name]
        if new is not None and new >= since + GRACE and (old is None or new < old):
            found[name] = new
            found["due_provisional"] |= offered["due_provisional"]
    return found


def _legal_extended(columns, most, pauses, policy):
    """Return the legal limit after an extension: it gives way only to a reply put off beyond it.

    A service promise that is put off within the legal limit uses none of what the law allows.
    """
    legal, reply = columns["legal_due_at"], columns["reply_due_at"]
    if legal is None or reply is None or not reply > legal:
        return legal
    latest = due(most, legal, pauses, policy.calendar).at
    return latest if reply > latest else reply

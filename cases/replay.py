"""What a case is, computed from its events: one fold for live cases, runs and checks.

`apply` is called by cases/workflow.py for each step, by `replay` to rebuild a
case from its log, and by the bulk path of the simulator, so the three cannot
drift apart. It knows the table and the policy; no database, no clock.
"""

from datetime import UTC
from types import SimpleNamespace

from cases import changes, clocks
from cases.transitions import RESUME, SAME, TRANSITIONS, State

# The columns of Case that are derived here; cases/models/cases.py has the same.
FACTS = (
    "state kind category mailbox_id unit_id officer_id accused_unit_id merged_into_id urgent "
    "received_at episode_at seq updated_at returns hops reopened pauses extended_days "
    "accept_due_at sign_due_at contact_due_at feedback_due_at reply_due_at legal_due_at "
    "due_provisional accepted_at signed_at contacted_at feedback_at replied_at rated_at closed_at "
    "next_clock next_due_at scan_at pressure supervision result satisfied solved_said"
).split()

_ZERO = ("seq", "returns", "hops", "reopened", "extended_days", "pressure")
_EMPTY = ("state", "next_clock", "supervision", "result")

# Which column a kept promise fills, and which holds when it was due.
_KEPT = {
    "accept": ("accepted_at", "accept_due_at"),
    "sign": ("signed_at", "sign_due_at"),
    "contact": ("contacted_at", "contact_due_at"),
    "feedback": ("feedback_at", "feedback_due_at"),
    "reply": ("replied_at", "reply_due_at"),
}
# Steps that bring a case back to the desk of its mailbox.
_BACK_TO_DESK = ("return_to_desk", "reconsider", "recall")
# States from which a step leads back to the state before.
_LEFT = (State.AWAITING_CITIZEN, State.MERGED, State.DECLINED)

_BLANK = {**dict.fromkeys(FACTS), **dict.fromkeys(_ZERO, 0), **dict.fromkeys(_EMPTY, "")}
_CLOCKS = {action: row.clock for action, row in TRANSITIONS.items()}
_ASKED = str(State.AWAITING_CITIZEN)
# The first clock that runs in a state.
_CLOCK_OF = {
    State.RECEIVED: "accept",
    State.ACCEPTED: "sign",
    State.DISPATCHED: "sign",
    State.IN_HAND: "contact",
    State.IN_REVIEW: "reply",
    State.AWAITING_CITIZEN: "supply",
    State.REPLIED: "silence",
}
# What computing the limits anew may move.
LIMITS = (*(name for name in FACTS if name.endswith("_due_at")), "due_provisional", "scan_at")


class Facts:
    """The derived columns of one case, outside the database."""

    def __init__(self, *, mailbox_id, kind, category, received_at, urgent):
        self.__dict__.update(_BLANK)
        self.mailbox_id = self.unit_id = mailbox_id
        self.kind, self.category, self.urgent = kind, category, urgent
        self.received_at = self.episode_at = self.updated_at = received_at
        self.pauses, self.due_provisional = [], False


def start_of(letter):
    """Return the facts of a case before its first event, from its letter alone."""
    return Facts(
        mailbox_id=letter.mailbox_id,
        kind=letter.kind,
        category=letter.category,
        received_at=letter.received_at,
        urgent=letter.emergency,
    )


def target_state(row, facts, resume_to):
    """Return the state after `row` in facts.state; `resume_to` is where RESUME leads.

    Raises: ValueError if RESUME has no state to return to.
    """
    if row.target == SAME:
        return facts.state
    if row.target != RESUME:
        return row.target
    if not resume_to:
        raise ValueError(f"{row.action}: no state to return to")
    return resume_to


def resume_state(events):
    """Return the state before the latest event that led to being asked, merged or declined, or ''.

    events: iterable of objects with old_state and new_state, in order.
    """
    left = [e.old_state for e in events if e.new_state in _LEFT and e.old_state != e.new_state]
    return left[-1] if left else ""


def unit_after(action, facts, chosen=None):
    """Return the id of the unit that has the case after this action; chosen: the unit named, if any."""
    if chosen is not None:
        return chosen
    return facts.mailbox_id if action in _BACK_TO_DESK else facts.unit_id


def due_of(row, facts):
    """Return the due time of the promise that `row` would keep now, or None."""
    if not row.clock:
        return None
    if row.clock not in _KEPT:  # a timer: supply, silence
        return facts.next_due_at
    kept, due = _KEPT[row.clock]
    already = getattr(facts, kept) and row.clock != "reply"
    return None if already else getattr(facts, due)


def apply(facts, event, policy, level):
    """Change `facts` as `event` says; call `settle` after the last event.

    facts: Facts, or a Case. event: an object with action, at, role, new_state, unit_id, data, seq.
    policy: of cases/policy.py, or the versions of cases/in_force.py. level: of the mailbox,
    "department" or "city".
    """
    action, at, old, new = event.action, event.at, facts.state, event.new_state
    clock = _CLOCKS[action]
    moved = new != old
    next_clock, next_due_at = facts.next_clock, facts.next_due_at
    facts.state, facts.seq, facts.updated_at, facts.unit_id = new, event.seq, at, event.unit_id
    if clock in _KEPT:
        kept = _KEPT[clock][0]
        if clock == "reply" or not getattr(facts, kept):
            setattr(facts, kept, at)
    if action in changes.CHANGES:
        changes.CHANGES[action](facts, event)
    anew = action in changes.RECOMPUTE or (moved and _pause(facts, old, at))
    if anew:
        _set_dues(facts, policy, level)
    if moved or clock or anew:
        _set_next(facts, policy, level)
        if facts.next_clock != next_clock or facts.next_due_at != next_due_at:
            facts.pressure = 0


def replay(facts, events, policy, level):
    """Apply all events, in order, settle, and return the facts."""
    for event in events:
        apply(facts, event, policy, level)
    settle(facts, policy, level)
    return facts


def _pause(facts, old, at):
    """Open or end a pause as the state enters or leaves AWAITING_CITIZEN; True when one ends."""
    if _ASKED not in (facts.state, old):
        return False
    moment = at.astimezone(UTC).isoformat()
    if facts.state == _ASKED:
        facts.pauses = [*facts.pauses, [moment, None]]
        return False
    facts.pauses = [*facts.pauses[:-1], [facts.pauses[-1][0], moment]]
    return True


def _set_dues(facts, policy, level):
    """Compute the due times anew from the start of the episode, less the pauses in it."""
    read = type(facts.episode_at).fromisoformat  # the simulator's moments are no datetimes
    pauses = [(read(start), read(end) if end else None) for start, end in facts.pauses]
    start, days, again = facts.episode_at, facts.extended_days, bool(facts.reopened)
    dues = clocks.dues(policy.at(start), level, facts.kind, start, pauses, days, again)
    for since, later in policy.later(start, facts.updated_at):
        offered = clocks.dues(later, level, facts.kind, start, pauses, days, again)
        dues = clocks.hastened(dues, offered, since)
    for name, value in dues.items():
        setattr(facts, name, value)


def _set_next(facts, policy, level):
    """Find the earliest promise that is still to be kept in this state."""
    clock = _next_clock(facts)
    facts.next_clock = clock
    if clock in _KEPT:
        facts.next_due_at = getattr(facts, _KEPT[clock][1])
    elif clock:
        policy = policy.at(facts.updated_at)
        length = policy.length(level, facts.kind, clock)
        facts.next_due_at = clocks.due(length, facts.updated_at, (), policy.calendar).at
    else:
        facts.next_due_at = None


def _next_clock(facts):
    clock = _CLOCK_OF.get(facts.state, "")
    if clock == "sign":
        return "reply" if facts.signed_at else "sign"
    if clock == "contact" and facts.contacted_at:
        return "reply" if facts.feedback_at else "feedback"
    return clock


def settle(facts, policy, level):
    """Say when the deadline scan must look again: at the due time, then for each card.

    Apart from `apply`, since only the last event's answer counts and it is dear to compute.
    """
    facts.scan_at = facts.next_due_at
    if facts.next_due_at is None or facts.next_clock in ("supply", "silence"):
        return
    policy = policy.at(facts.updated_at)
    length = policy.length(level, facts.kind, facts.next_clock)
    presses = clocks.pressing(facts.next_due_at, length, policy)
    facts.scan_at = presses[facts.pressure] if facts.pressure < len(presses) else None


def recomputed(facts, policy, level, at):
    """Return what the facts of a case in the office become if its due times are computed at `at`.

    Where they stay, its pressing stays by the rules of its last step.
    """
    copy = SimpleNamespace(**{name: getattr(facts, name) for name in FACTS})
    copy.updated_at = at
    _set_dues(copy, policy, level)
    _set_next(copy, policy, level)
    if (copy.next_clock, copy.next_due_at) == (facts.next_clock, facts.next_due_at):
        copy.updated_at = facts.updated_at
    else:
        copy.pressure = 0
    settle(copy, policy, level)
    return copy


def moved(facts, policy, level, at):
    """Return the names of the limits that computing them at `at` would move."""
    anew = recomputed(facts, policy, level, at)
    return [name for name in LIMITS if getattr(anew, name) != getattr(facts, name)]

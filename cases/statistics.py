"""Counting: pure functions over events, the same for live letters and for a run.

`measure` reads one case's events and says what is to be counted, and when. `Tally`
adds that up by day, mailbox, unit and kind; tallies of parts can be added. Three ends
stay apart (docs/glossary.md): replied, closed and solved. Nothing here reads a database.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from cases.fields import CRIMINAL_CATEGORIES, PROBLEM_KINDS
from cases.transitions import OPEN, State

# Days and months are those of Guangdong, which has no daylight saving.
CHINA = timezone(timedelta(hours=8))

# What each action counts as, once per event.
_PER_EVENT = {
    "receive": "received",
    "reopen": "reopened",
    "return_to_desk": "returned",
    "dispatch": "hops",
    "forward_down": "hops",
    "urge": "urged",
    "supervise": "supervised",
}
# The state that a case ends in, or leaves again; +1 on entering, −1 on leaving.
_ENDS = {
    State.CLOSED: "closed",
    State.DECLINED: "declined",
    State.MERGED: "merged",
    State.TRANSFERRED_OUT: "transferred_out",
    State.WITHDRAWN: "withdrawn",
}
# Books: every letter received is in exactly one of these.
ENDS = tuple(_ENDS.values())
# Actions by which the office first says something of substance to the citizen.
RESPONSES = ("contact", "feedback", "approve_reply", "decline", "transfer_out", "ask_citizen")
# What a kept promise counts as, and a late one.
_PROMISES = {
    "accept": ("accept_kept", "accept_late"),
    "sign": ("sign_kept", "sign_late"),
    "contact": ("contact_kept", "contact_late"),
    "feedback": ("feedback_kept", "feedback_late"),
    "approve_reply": ("reply_kept", "reply_late"),
}
_OUTCOMES = ("thank", "rate")
SOLVING = ("record_result", "rate", "close", "reopen")


class Hit(NamedTuple):
    """One thing to count: measure, instant, unit in charge, and how much (−1 takes back)."""

    measure: str
    at: object
    unit_id: int
    value: int = 1


def measure(kind, events):
    """Return the hits of one case, in the order of its events.

    kind: of the case now. events: its events in order, with action, at, old_state, new_state,
    role, unit_id, due_at and data.
    Measures: received, responded (first substantial word to the writer), replied (first reply),
    closed, declined, merged, transferred_out, withdrawn, solved, solved_by_word, thanks, banners,
    hops, returned, reopened, rated, satisfied, urged, supervised, <promise>_kept and
    <promise>_late. Tally adds incidents, criminal_incidents and rules, which have numbers of
    their own.
    """
    step = Measuring(kind).step
    return [Hit._make(hit) for event in events for hit in step(event)]


class Measuring:
    """Follows one case of a kind, event by event; all that it remembers is in its attributes."""

    def __init__(self, kind):
        self.responded = self.replied = False
        self.solving = _Solving() if kind in PROBLEM_KINDS else None

    def step(self, event):
        """Return the hits of the next event, as plain tuples (measure, at, unit, value)."""
        hits = []
        add = hits.append
        action, at, unit = event.action, event.at, event.unit_id
        if action in _PER_EVENT:
            add((_PER_EVENT[action], at, unit, 1))
        if event.new_state != event.old_state:
            _count_ends(add, event)
        if not self.responded and action in RESPONSES and _counts_as_response(event):
            self.responded = True
            add(("responded", at, unit, 1))
        if action == "approve_reply" and not self.replied:
            self.replied = True
            add(("replied", at, unit, 1))
        if event.due_at is not None and action in _PROMISES:
            kept, late = _PROMISES[action]
            add((kept if at <= event.due_at else late, at, unit, 1))
        if action in _OUTCOMES:
            _count_outcomes(add, event)
        if self.solving and action in SOLVING:
            for name, value in self.solving.step(event):
                add((name, at, unit, value))
        return hits


def _count_ends(add, event):
    if event.old_state in _ENDS:
        add((_ENDS[event.old_state], event.at, event.unit_id, -1))
    if event.new_state in _ENDS:
        add((_ENDS[event.new_state], event.at, event.unit_id, 1))


def _counts_as_response(event):
    """Return whether the citizen was really reached: an unanswered call is no response."""
    return event.action != "contact" or event.data.get("reached") is True


def _count_outcomes(add, event):
    action, at, unit = event.action, event.at, event.unit_id
    if action == "thank":
        add(("thanks" if event.data["form"] == "letter" else "banners", at, unit, 1))
    elif action == "rate":
        add(("rated", at, unit, 1))
        if event.data["satisfied"]:
            add(("satisfied", at, unit, 1))


class _Solving:
    """Follows one case to say when it counts as solved, and when that is taken back.

    Solved: a letter of a problem kind whose unit recorded “done”, and whose writer said
    solved or, asked, closed the case or let it close in silence without dispute.
    Solved by word is the writer's own “solved” alone.
    """

    def __init__(self):
        self.result, self.said, self.ended = "", None, False
        self.solved = self.by_word = False

    def step(self, event):
        """Return the changes, as (measure, ±1), that one of the actions SOLVING makes."""
        action = event.action
        if action == "record_result":
            self.result = event.data["result"]
        elif action == "rate":
            self.said = event.data["solved"]
        elif action == "close":
            self.ended = True
        else:  # reopen
            self.result, self.said, self.ended = "", None, False
        done = self.result == "done"
        now = done and (self.said is True or (self.ended and self.said is None))
        word = done and self.said is True
        changes = [("solved", now, self.solved), ("solved_by_word", word, self.by_word)]
        self.solved, self.by_word = now, word
        return [(name, 1 if new else -1) for name, new, old in changes if new != old]


# Measures whose things have a number of their own, so that each is counted once.
_NUMBERED = {"record_incident": ("incidents",), "record_rule": ("rules",)}
_NUMBERED_CRIME = {**_NUMBERED, "record_incident": ("incidents", "criminal_incidents")}


def numbered(action, category):
    """Return the measures that what this action records counts as, once for each number."""
    found = _NUMBERED_CRIME if category in CRIMINAL_CATEGORIES else _NUMBERED
    return found.get(action, ())


@dataclass
class Tally:
    """Counts by day, and by month, mailbox, area and kind. Tallies of parts can be merged.

    All hits of a case go to the area that has it now, so that the books balance for each.
    daily: {(measure, ISO day): n}. monthly: {(measure, "2021-05", mailbox_id, area, kind): n}.
    states: {(state, mailbox_id, area, kind): n}. numbers: {(measure, number): the two keys}.
    """

    daily: Counter = field(default_factory=Counter)
    monthly: Counter = field(default_factory=Counter)
    states: Counter = field(default_factory=Counter)
    numbers: dict = field(default_factory=dict)

    def add_case(self, case, events, area=None):
        """Count one case. case: mailbox_id, unit_id, kind, category, state. area: its unit by default."""
        area = case.unit_id if area is None else area
        place = (case.mailbox_id, area, case.kind)
        daily, monthly = self.daily, self.monthly
        step = Measuring(case.kind).step
        for event in events:
            day, month = _day_and_month(event.at.astimezone(CHINA).toordinal())
            for name, _at, _unit, value in step(event):
                daily[name, day] += value
                monthly[(name, month, *place)] += value
            for name in numbered(event.action, case.category):
                self._count_number(name, event.data["number"], day, place)
        self.states[(case.state, *place)] += 1

    def merge(self, other):
        """Add another tally's counts to this one; a number in both is counted once."""
        self.daily.update(other.daily)
        self.monthly.update(other.monthly)
        self.states.update(other.states)
        for (name, number), (day, place) in other.numbers.items():
            self._count(name, day, place, -1)
            self._count_number(name, number, day, place)

    def _count(self, name, day, place, value=1):
        self.daily[name, day] += value
        self.monthly[(name, day[:7], *place)] += value

    def _count_number(self, name, number, day, place):
        """Count a number where it came first, so that the order of cases and parts is nothing."""
        known = self.numbers.get((name, number))
        if known and known <= (day, place):
            return
        if known:
            self._count(name, *known, -1)
        self.numbers[name, number] = (day, place)
        self._count(name, day, place)

    def total(self, name, until=None, since=None):
        """Return a measure's count; until, since: dates, inclusive."""
        until, since = (d.isoformat() if d else None for d in (until, since))
        return sum(
            value
            for (measure_, day), value in self.daily.items()
            if measure_ == name
            and (until is None or day <= until)
            and (since is None or day >= since)
        )

    def narrowed(self, mailbox=None, areas=None, kind=None, month=None):
        """Return {measure: count} of the cases of a mailbox, a set of areas, a kind, a month."""
        sums = Counter()
        for (name, in_month, box, area, of_kind), value in self.monthly.items():
            if (
                (mailbox is None or box == mailbox)
                and (areas is None or area in areas)
                and (kind is None or of_kind == kind)
                and (month is None or in_month == month)
            ):
                sums[name] += value
        return sums

    def by_day(self, name):
        """Return {ISO day: count} of a measure, in order."""
        return {day: n for (measure_, day), n in sorted(self.daily.items()) if measure_ == name}

    def books(self, areas=None, kind=None):
        """Return the books of a set of areas and a kind: received, each end, what is open and what is replied now.

        They balance when received = open + replied + closed + declined + merged + …; open and
        replied are counted from the cases' states, everything else from their events.
        """
        states = Counter()
        for (state, _box, area, of_kind), n in self.states.items():
            if (areas is None or area in areas) and (kind is None or of_kind == kind):
                states[state] += n
        counted = self.narrowed(areas=areas, kind=kind)
        lines = {"received": counted["received"], "open": sum(states[s] for s in OPEN)}
        lines["replied"] = states[State.REPLIED]
        lines.update({end: counted[end] for end in ENDS})
        rest = sum(n for name, n in lines.items() if name != "received")
        return {**lines, "balanced": lines["received"] == rest}


def rates(counts):
    """Return shares between 0 and 1, or None where nothing stands below the line.

    counts: {measure: count}, as Tally.narrowed returns it.
    response: promises of a first contact kept, of those that fell due. on_time: replies in
    time, of replies. solved: of letters received. solved_by_word, satisfied: of ratings.
    """
    get = lambda name: counts.get(name, 0)  # noqa: E731
    return {
        "reply": _share(get("replied") + get("declined"), get("received")),
        "response": _share(get("contact_kept"), get("contact_kept") + get("contact_late")),
        "on_time": _share(get("reply_kept"), get("reply_kept") + get("reply_late")),
        "solved": _share(get("solved"), get("received")),
        "solved_by_word": _share(get("solved_by_word"), get("rated")),
        "satisfied": _share(get("satisfied"), get("rated")),
    }


@lru_cache(maxsize=2000)
def _day_and_month(ordinal):
    day = date.fromordinal(ordinal).isoformat()
    return day, day[:7]


def _share(part, whole):
    return part / whole if whole else None

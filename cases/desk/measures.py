"""The cases behind a figure: what cases/statistics.py counts, as a list of exactly those.

A measure is counted on the day of its event. Without days it is what it is now. Where a measure
counts things of which a case may have several (thanks, incidents, returns), the list has each
case once, and `figure` gives the number of things.
"""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from django.db.models import Case as Either
from django.db.models import Count, F, Max, Min, Q, Sum, When
from django.utils.translation import gettext_lazy as _

from cases import worlds
from cases.desk.figure_labels import COUNTS
from cases.fields import CRIMINAL_CATEGORIES, LEVELS, PROBLEM_KINDS
from cases.models import Case, Event, Incident, Rule
from cases.statistics import CHINA, ENDS, RESPONSES, SOLVING, Measuring
from cases.transitions import OPEN, TRANSITIONS, State

_REACHED = ~Q(action="contact") | Q(data__reached=True)
# Counted once an event.
_EVENTS = {
    "thanks": Q(action="thank", data__form="letter"),
    "banners": Q(action="thank") & ~Q(data__form="letter"),
    "hops": Q(action__in=("dispatch", "forward_down")),
    "returned": Q(action="return_to_desk"),
    "reopened": Q(action="reopen"),
    "urged": Q(action="urge"),
    "supervised": Q(action="supervise"),
    "rated": Q(action="rate"),
    "satisfied": Q(action="rate", data__satisfied=True),
}
_PROMISES = {
    "accept": "accept",
    "sign": "sign",
    "contact": "contact",
    "feedback": "feedback",
    "reply": "approve_reply",
}
for _name, _action in _PROMISES.items():
    _due = Q(action=_action, due_at__isnull=False)
    _EVENTS[f"{_name}_kept"] = _due & Q(at__lte=F("due_at"))
    _EVENTS[f"{_name}_late"] = _due & Q(at__gt=F("due_at"))
# Every single step, by the name of its action.
STEP = "step_"
_EVENTS |= {STEP + action: Q(action=action) for action in TRANSITIONS}
_EVENTS |= {STEP + code: Q(action="supervise", data__level=code) for code, _label in LEVELS}
# Counted once a case, at the first of these events.
_FIRSTS = {
    "responded": Q(action__in=RESPONSES) & _REACHED,
    "replied": Q(action="approve_reply"),
    "accepted": Q(action="accept"),
    "signed": Q(action="sign"),
    "contacted": Q(action="contact", data__reached=True),
}
_SOLVED = ("solved", "solved_by_word")
_NUMBERED = {"incidents": Incident, "criminal_incidents": Incident, "rules": Rule}

LABELS = {name: label for name, label, _says in COUNTS} | {
    "open": _("未了结"),
    "accepted": _("受理"),
    "signed": _("签收"),
    "contacted": _("联系上"),
    "satisfied": _("评价满意"),
    "accept_kept": _("按时受理"),
    "accept_late": _("逾期受理"),
    "sign_kept": _("按时签收"),
    "sign_late": _("逾期签收"),
    "contact_kept": _("按时联系"),
    "contact_late": _("逾期联系"),
    "feedback_kept": _("按时反馈"),
    "feedback_late": _("逾期反馈"),
    "reply_kept": _("按时答复"),
    "reply_late": _("逾期答复"),
}
LABELS |= {STEP + action: row.label for action, row in TRANSITIONS.items()}
LABELS |= {STEP + code: label for code, label in LEVELS}


class Days(NamedTuple):
    """Days of Guangdong, both inclusive; None: without that end."""

    since: object = None
    until: object = None

    def q(self, field):
        """Return the condition that a moment lies in these days."""
        found = Q()
        if self.since:
            found &= Q(**{f"{field}__gte": _midnight(self.since)})
        if self.until:
            found &= Q(**{f"{field}__lt": _midnight(self.until + timedelta(days=1))})
        return found


ALWAYS = Days()


def narrowed(cases, measure, days=ALWAYS):
    """Return those of the cases that a measure counts in these days; each once.

    measure: a name of LABELS. What was counted and taken back in the days is not among them;
    `taken_back` gives what was counted before them and taken back in them.
    """
    if measure == "received":
        return cases.filter(days.q("received_at"))
    if measure == "open":
        return _open(cases, days)
    if measure in _NUMBERED:
        return cases.filter(pk__in=_things(measure, days).values("case"))
    if measure in _EVENTS:
        return cases.filter(
            pk__in=Event.objects.filter(_EVENTS[measure], days.q("at")).values("case")
        )
    if measure in _FIRSTS:
        return cases.filter(pk__in=_first(_FIRSTS[measure], days))
    return _netted(cases, measure, days, 1)


def taken_back(cases, measure, days):
    """Return the cases that a measure counted before these days and no longer after them."""
    if measure not in (*ENDS, *_SOLVED) or days.since is None:
        return cases.none()
    return _netted(cases, measure, days, -1)


def figure(cases, measure, days=ALWAYS):
    """Return the number that cases/statistics.py counts for these cases in these days."""
    if measure in _NUMBERED:
        return _things(measure, days).filter(case__in=cases).count()
    if measure in _EVENTS:
        events = Event.objects.filter(_EVENTS[measure], days.q("at"))
        return events.filter(case__in=cases).aggregate(n=Count("pk"))["n"]
    counted = narrowed(cases, measure, days).count()
    return counted - taken_back(cases, measure, days).count()


def _things(measure, days):
    things = _NUMBERED[measure].objects.filter(days.q("recorded_at"))
    if measure == "criminal_incidents":
        things = things.filter(case__category__in=CRIMINAL_CATEGORIES)
    return things


def _first(condition, days):
    """Return the ids of the cases whose first such event lies in these days."""
    events = Event.objects.filter(condition).order_by().values("case")
    if days == ALWAYS:
        return events
    return events.annotate(first=Min("at")).filter(days.q("first")).values("case")


def _open(cases, days):
    """The cases that were open when the last of these days ended."""
    if days.until is None:
        return cases.filter(state__in=OPEN)
    then = _net(
        Q(new_state__in=OPEN) & ~Q(old_state__in=OPEN),
        Q(old_state__in=OPEN) & ~Q(new_state__in=OPEN),
    )
    events = Event.objects.filter(Days(until=days.until).q("at")).order_by()
    return cases.filter(
        pk__in=events.values("case").annotate(net=then).filter(net=1).values("case")
    )


def _net(enters, leaves):
    return Sum(Either(When(enters, then=1), When(leaves, then=-1), default=0))


def _netted(cases, measure, days, value):
    """The cases whose count of a measure that can be taken back is `value` in these days."""
    if measure in _SOLVED:
        return _solved(cases, measure, days, value)
    state = next(s for s in State if s == measure)
    if days == ALWAYS:
        return cases.filter(state=state)
    net = _net(Q(new_state=state) & ~Q(old_state=state), Q(old_state=state) & ~Q(new_state=state))
    events = Event.objects.filter(Q(new_state=state) | Q(old_state=state), days.q("at")).order_by()
    return cases.filter(
        pk__in=events.values("case").annotate(net=net).filter(net=value).values("case")
    )


def _solved(cases, measure, days, value):
    if days == ALWAYS:  # what the cases' own columns say is quicker, and the same
        said = Q(solved_said=True)
        if measure == "solved":
            said |= Q(state=State.CLOSED, solved_said__isnull=True)
        return cases.filter(said, kind__in=PROBLEM_KINDS, result="done")
    last = Event.objects.aggregate(last=Max("pk"))["last"]  # the log only grows
    return cases.filter(pk__in=_solved_in(worlds.current().schema, last, measure, days, value))


@lru_cache(maxsize=16)
def _solved_in(schema, last, measure, days, value):
    """Return the ids of the cases of a world whose count of a measure of _SOLVED is `value`.

    Reading the steps of a whole year takes a second or two: once for each page of a list is enough.
    """
    changed = Event.objects.filter(days.q("at"), action__in=SOLVING).values("case")
    done = Event.objects.filter(action="record_result", data__result="done").values("case")
    mine = Case.objects.filter(kind__in=PROBLEM_KINDS, pk__in=changed).filter(pk__in=done)
    events = Event.objects.filter(case__in=mine.values("pk"), action__in=SOLVING)
    rows = events.order_by("case_id", "seq").values_list("case_id", "action", "at", "data")
    its = groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0])
    return tuple(pk for pk, steps in its if _count(measure, steps, days) == value)


class _Step(NamedTuple):
    """As much of an event as is needed to say whether a case is solved."""

    action: str
    at: datetime
    data: dict
    unit_id: int = 0
    old_state: str = ""
    new_state: str = ""
    due_at: None = None


def _count(measure, rows, days):
    """Return the sum of one case's hits of a measure in these days, by the statistics' own steps."""
    step, count = Measuring(PROBLEM_KINDS[0]).step, 0
    start = _midnight(days.since) if days.since else None
    end = _midnight(days.until + timedelta(days=1)) if days.until else None
    for _case, action, at, data in rows:
        for name, _at, _unit, value in step(_Step(action, at, data)):
            if name == measure and (not start or at >= start) and (not end or at < end):
                count += value
    return count


def _midnight(day):
    return datetime.combine(day, time(), CHINA).astimezone(UTC)

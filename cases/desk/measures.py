"""The cases behind a figure: what cases/statistics.py counts, as a list of exactly those.

A measure is counted on the day of its event. Without days it is what it is now. Where a measure
counts things of which a case may have several (thanks, incidents, returns), the list has each
case once, and `figure` gives the number of things. What the daybook knows is looked up there.
"""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from cases import daybook, daybooks, worlds
from cases.desk.figure_labels import COUNTS
from cases.fields import CRIMINAL_CATEGORIES, LEVELS, PROBLEM_KINDS
from cases.models import Event, Incident, Rule
from cases.statistics import CHINA, ENDS
from cases.transitions import OPEN, TRANSITIONS, State

# Every single step, by the name of its action; the daybook counts some of them.
STEP = "step_"
_EVENTS = {STEP + action: Q(action=action) for action in TRANSITIONS}
# Counted once a case, at the first of these events.
_FIRSTS = {
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
    if measure in _NUMBERED:
        return cases.filter(pk__in=_things(measure, days).values("case"))
    if measure in _FIRSTS:
        return cases.filter(pk__in=_first(_FIRSTS[measure], days))
    if days == ALWAYS and measure in (*ENDS, *_SOLVED) or measure == "open" and not days.until:
        return _now(cases, measure)
    if measure == "open" or measure in daybook.WHAT:
        counted = _counted(measure, days)
        if counted.others is not None:
            return cases.exclude(pk__in=_listed(counted.others))
        return cases.filter(pk__in=_listed(counted.more))
    events = Event.objects.filter(_EVENTS[measure], days.q("at"))
    return cases.filter(pk__in=events.values("case"))


def taken_back(cases, measure, days):
    """Return the cases that a measure counted before these days and no longer after them."""
    if measure not in (*ENDS, *_SOLVED) or days.since is None:
        return cases.none()
    return cases.filter(pk__in=_listed(_counted(measure, days).less))


def figure(cases, measure, days, listed, taken):
    """Return the number that cases/statistics.py counts for these cases in these days.

    listed, taken: how many `narrowed` and `taken_back` give.
    """
    if measure in _NUMBERED:
        return _things(measure, days).filter(case__in=cases).count()
    if measure in (*ENDS, *_SOLVED, *_FIRSTS, "received", "open"):
        return listed - taken
    if measure in daybook.WHAT:
        several = _counted(measure, days).several
        mine = cases.filter(pk__in=_listed(list(several))).values_list("pk", flat=True)
        return listed + sum(several[pk] - 1 for pk in mine)
    events = Event.objects.filter(_EVENTS[measure], days.q("at"), case__in=cases)
    return events.order_by().count()


def _things(measure, days):
    things = _NUMBERED[measure].objects.filter(days.q("recorded_at"))
    if measure == "criminal_incidents":
        things = things.filter(case__category__in=CRIMINAL_CATEGORIES)
    return things


def _first(condition, days):
    """Return the ids of the cases whose first such event lies in these days."""
    events = Event.objects.filter(condition, days.q("at")).order_by()
    if days.since:
        earlier = Event.objects.filter(condition, case=OuterRef("case"), seq__lt=OuterRef("seq"))
        events = events.filter(~Exists(earlier))
    return events.values("case")


def _now(cases, measure):
    """Return what a measure counts without days, as the cases' own columns say: quicker, and the same."""
    if measure == "open":
        return cases.filter(state__in=OPEN)
    if measure in ENDS:
        return cases.filter(state=measure)
    said = Q(solved_said=True)
    if measure == "solved":
        said |= Q(state=State.CLOSED, solved_said__isnull=True)
    return cases.filter(said, kind__in=PROBLEM_KINDS, result="done")


class _Counted(NamedTuple):
    """What a measure counts in some days: keys of cases of which it counts more than nothing, and
    less; the keys of all others if these are fewer, or None; and {key: how many}, if several."""

    more: list
    less: list
    others: list | None
    several: dict


def _listed(keys):
    return RawSQL("SELECT unnest(%s::bigint[])", [keys])  # noqa: S611  constant, with a parameter


def _counted(measure, days):
    last = Event.objects.aggregate(last=Max("pk"))["last"]  # the log only grows
    return _counted_up_to(worlds.current().schema, last, measure, days)


@lru_cache(maxsize=8)
def _counted_up_to(schema, last, measure, days):
    """Return _Counted, once for all that a page asks, while no event is added."""
    book = daybooks.current()
    if measure == "open":
        sums = book.sums((daybook.OPENED, 1), (daybook.LEFT, -1), until=days.until)
    else:
        sums = book.sums((measure, 1), since=days.since, until=days.until)
    keys, more, several = book.cases["pk"], sums > 0, sums > 1
    others = keys[~more].tolist() if 2 * more.sum() > len(keys) else None
    counts = dict(zip(keys[several].tolist(), sums[several].tolist(), strict=True))
    return _Counted(keys[more].tolist(), keys[sums < 0].tolist(), others, counts)


def _midnight(day):
    return datetime.combine(day, time(), CHINA).astimezone(UTC)

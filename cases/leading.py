"""What leaders and supervisors have begun and not yet ended, read from the events alone.

Something stands from the event that opens it until one that ends it, or until the same thing is
opened anew: charge of a case, a direct report nobody has read, a meeting that is to be held, a
clue on which police have not decided, a rectification.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KT

from cases.calendars import SHANGHAI
from cases.fields import FAULTS, FILING_DAYS
from cases.models import Case, Event
from cases.models.events import NOTABLE
from cases.transitions import ANSWERED, OPEN, State

CHARGE = ("take_charge", "release_charge")
REPORT = ("escalate", "acknowledge", "instruct", "take_charge")
MEETING = ("arrange_meeting", "cancel_meeting", "meet")
CLUE = ("pass_clue", "decide_filing")
CARD = ("supervise", "answer_supervision")
RECTIFICATION = ("record_rectification", "end_rectification")


@dataclass
class Standing:
    """What stands of one case: the events that opened each thing, or None."""

    charge: Event | None = None
    report: Event | None = None
    meeting: Event | None = None
    clue: Event | None = None
    clue_since: datetime | None = None
    filing: Event | None = None
    finding: Event | None = None
    rectification: Event | None = None
    rectified: Event | None = None

    @property
    def clue_due_at(self):
        """When police must have decided on the clue."""
        return self.clue and filing_due(self.clue_since, self.clue.data["review"])

    @property
    def rectification_due_at(self):
        """The end of the day by which things are to be put right."""
        return self.rectification and day_ends(self.rectification.data["by_date"])

    @property
    def found_faulty(self):
        """Whether the last finding says that something is to be put right."""
        return self.finding is not None and self.finding.data["finding"] in FAULTS


def standing(case):
    """Return what stands of a case; read once, though several guards ask while a page is made."""
    seq, found = getattr(case, "_standing", (None, None))
    if seq != case.seq:
        events = case.events.filter(action__in=NOTABLE).select_related("user__unit", "message")
        found = fold(case, events.order_by("seq"))
        case._standing = (case.seq, found)
    return found


def fold(case, events):
    """Return what stands after these events of a case, given in order."""
    found = Standing()
    for event in events:
        action = event.action
        if action in CHARGE:
            found.charge = event if action == "take_charge" else None
        if action == "escalate":
            found.report = event
        elif action in REPORT and is_main_leader(event.user, case):
            found.report = None
        if action in MEETING:
            found.meeting = event if action == "arrange_meeting" else None
        if action == "pass_clue":
            found.clue_since = found.clue_since if found.clue else event.at
            found.clue = event
        elif action == "decide_filing":
            found.clue, found.filing = None, event
        _fold_finding(found, event)
    return found


def _fold_finding(found, event):
    if event.action == "record_finding":
        found.finding = event
    elif event.action == "record_rectification":
        found.rectification, found.rectified = event, None
    elif event.action == "end_rectification":
        found.rectification, found.rectified = None, event


def is_main_leader(user, case):
    """Return whether an officer stands where direct reports of this case go."""
    unit = user and user.unit
    return user is None or bool(unit) and unit.pk in (case.mailbox_id, case.mailbox.parent_id)


def filing_due(since, review):
    """Return when police must have decided on a clue that was passed on at `since`."""
    return since + timedelta(days=FILING_DAYS[review])


def slot_of(event):
    """Return the moment for which a meeting was arranged."""
    return datetime.fromisoformat(event.data["slot"])


def day_ends(day):
    """Return the moment at which an ISO day of Guangdong ends."""
    return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI) + timedelta(days=1)


def is_about_police(case):
    """Return whether a case brings a complaint about police (检视问题)."""
    return case.category == "conduct" or bool(case.accused_unit_id)


def about_police(cases):
    """Return those of the cases that bring a complaint about police."""
    return cases.filter(Q(category="conduct") | Q(accused_unit__isnull=False))


def events_standing(opens, *ends, by=None):
    """Return the events of action `opens` that no later one of the case has ended or replaced.

    by: a condition on the later events, without which they end nothing.
    """
    later = Q(action=opens) | Q(action__in=ends) & (by or Q())
    after = Event.objects.filter(later, case=OuterRef("case"), seq__gt=OuterRef("seq"))
    return Event.objects.filter(~Exists(after), action=opens)


def charges():
    """Return the events by which leaders are in charge of cases that are not closed."""
    return events_standing(*CHARGE).filter(case__state__in=(*OPEN, State.REPLIED))


def reports():
    """Return the direct reports that their main leader has neither read nor answered."""
    box = OuterRef("case__mailbox")
    main = Q(user__unit=box) | Q(user__unit=OuterRef("case__mailbox__parent")) | Q(user=None)
    return events_standing(*REPORT, by=main).filter(case__state__in=(*OPEN, *ANSWERED))


def meetings():
    """Return the arranged meetings that were neither held nor called off."""
    return events_standing(*MEETING).annotate(slot=KT("data__slot"))


def waiting_ids(user, at):
    """Return the ids of the cases that wait for a leader: reports, charges, minutes to write.

    A list, not a subquery: they are few, and the list of letters stays on its indexes.
    """
    held = meetings().filter(user=user, slot__lt=at.astimezone(SHANGHAI).isoformat())
    mine = [reports().filter(case__mailbox=user.unit_id), charges().filter(user=user), held]
    first, *others = (events.order_by().values_list("case") for events in mine)
    return [pk for (pk,) in first.union(*others)]


def cases_of(ids):
    """Return the cases with these ids, each with what its row in a list shows."""
    shown = ("letter", "mailbox", "unit", "accused_unit")
    return Case.objects.filter(pk__in=ids).select_related(*shown)

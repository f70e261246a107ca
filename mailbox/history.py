"""The steps of a letter as its writer may read them. What is not told in wording.py is not here."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from cases import inputs
from cases.fields import DECLINE_REASONS, ELSEWHERE, FIELDS
from cases.models import Event
from cases.templates_text import render
from cases.transitions import BY_CITIZEN, TRANSITIONS
from mailbox.wording import sentence, unit_name


@dataclass(frozen=True)
class Step:
    """One line of the history: when, what happened, particulars, and the words of it."""

    at: datetime
    action: str
    sentence: str
    details: tuple = ()
    text: str = ""
    by_citizen: bool = False
    link: str = ""
    files: tuple = ()


def read_events(cases):
    """Fetch what the Steps of these cases are made of, for all of them at once."""
    events = Event.objects.select_related("unit", "message").prefetch_related("evidence")
    prefetch_related_objects(cases, Prefetch("events", events.order_by("seq"), "events_read"))


def steps_of(case):
    """Return the case's Steps, oldest first, and no word of what is internal."""
    steps, proposal = [], None
    read_events([case])
    for event in case.events_read:
        if event.action == "propose_reply":
            proposal = event
        told = sentence(event)
        if told:
            # A proposal becomes the reply when it is approved, and not before.
            source = proposal if event.action == "approve_reply" else event
            own = event.role == BY_CITIZEN
            text, link = _text(case, event, source), ""
            if event.action == "arrange_meeting":
                text, link = inputs.split_link(text)
            files = tuple(event.evidence.all()) if own else ()
            steps.append(
                Step(event.at, event.action, told, particulars(event), text, own, link, files)
            )
    return steps


def _text(case, event, source):
    """Return the words that belong to a step, if the citizen may read them."""
    row = TRANSITIONS[event.action]
    if not (row.public or event.role == BY_CITIZEN or event.action == "approve_reply"):
        return ""
    return words_of(case, source)


def words_of(case, source):
    """Return what was written with an event: its own text, or its standard text."""
    template = source.data.get("template")
    if not template:
        return source.message.body if hasattr(source, "message") else ""
    return render(
        template,
        variant=source.case_id + source.seq,
        kind=case.kind,
        category=case.category,
        unit=unit_name(source.unit),
    )


def particulars(event):
    """Return the particulars of a step: [(label, value)]."""
    data, details = event.data, []
    if event.action == "decline":
        details.append((_("理由"), dict(DECLINE_REASONS)[data["decline_reason"]]))
    if event.action in ("decline", "transfer_out"):
        details.append((_("请向这里反映"), dict(ELSEWHERE)[data["elsewhere"]]))
    if event.action == "rate":
        details += [
            (FIELDS[name].label, _("是") if data[name] else _("否"))
            for name in ("solved", "satisfied")
        ]
    if event.action == "thank":
        details.append((FIELDS["form"].label, dict(FIELDS["form"].choices)[data["form"]]))
    return tuple(details)

"""A case's history in words, with a bounded number of queries whatever its length."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases import access, templates_text
from cases.desk.clock_words import span
from cases.fields import FIELDS, MOMENT, YES_NO
from cases.models import Case, Evidence, Officer, Unit
from cases.transitions import BY_CITIZEN, BY_OFFICER, BY_SYSTEM, STATES, TRANSITIONS


@dataclass(frozen=True)
class Line:
    """One event as an officer reads it.

    moved_to: the unit that has the case from here on, if that changed. said: (label, value)
    pairs. late: how late, or "". of: the receipt of the letter inside this case to which it belongs.
    reached: whether a call reached the writer, if it was one. files: laid beside it as evidence.
    by_officer: whether an officer took the step.
    """

    seq: int
    action: str
    at: datetime
    label: str
    who: str
    moved_to: str
    state: str
    said: tuple
    text: str
    late: str
    internal: bool
    of: str = ""
    reached: bool | None = None
    files: tuple = ()
    by_officer: bool = False


def lines(user, case):
    """Return the Lines of a case, the newest first."""
    events = list(case.events.select_related("user__unit", "unit", "message").order_by("-seq"))
    names = _names(user, events)
    before = [event.unit_id for event in events[1:]] + [case.mailbox_id]
    files = defaultdict(list)
    for file in Evidence.objects.filter(event__case=case).order_by("pk"):
        files[file.event_id].append(file)
    return [
        line(case, event, unit, names, files[event.pk])
        for event, unit in zip(events, before, strict=True)
    ]


def _names(user, events):
    """Return the names of officers, units and cases that events mention, as far as the reader sees them."""
    officers = {e.data["officer"] for e in events if "officer" in e.data}
    into = {e.data["into"] for e in events if "into" in e.data}
    found = {("officer", o.pk): str(o) for o in Officer.objects.filter(pk__in=officers)}
    accused = {e.data["accused_unit"] for e in events if "accused_unit" in e.data}
    found |= {("accused_unit", u.pk): u.name for u in Unit.objects.filter(pk__in=accused)}
    seen = access.visible_cases(user).filter(pk__in=into) if into else Case.objects.none()
    for pk, receipt in seen.values_list("pk", "letter__receipt"):
        found["into", pk] = receipt
    return found


def line(case, event, unit_before, names, files=()):
    row = TRANSITIONS[event.action]
    moved = event.new_state != event.old_state
    late = event.due_at is not None and row.clock and event.at > event.due_at
    let_go = event.action == "unmerge" and event.role == BY_SYSTEM
    return Line(
        seq=event.seq,
        action=event.action,
        at=event.at,
        label=_("主件已由来信人撤回，恢复单独办理") if let_go else row.label,
        who=_who(event),
        moved_to=event.unit.name if event.unit_id != unit_before else "",
        state=STATES[event.new_state].label if moved else "",
        said=tuple(_said(name, value, names) for name, value in _shown(event.data)),
        text=text_of(case, event),
        late=span(event.at - event.due_at) if late and event.role == BY_OFFICER else "",
        internal=event.role == BY_OFFICER and not row.public,
        reached=event.data.get("reached"),
        files=tuple(files),
        by_officer=event.role == BY_OFFICER,
    )


def _who(event):
    if event.user:
        return event.user.with_unit()
    made_up = {BY_CITIZEN: _("来信人"), BY_OFFICER: _("民警")}
    return made_up.get(event.role, _("系统"))


def _shown(data):
    return [(name, value) for name, value in data.items() if name in FIELDS]


def _said(name, value, names):
    field = FIELDS[name]
    if field.type == YES_NO:
        value = _("是") if value else _("否")
    elif field.type == MOMENT:
        value = value[:16].replace("T", " ")
    elif (name, value) in names:
        value = names[name, value]
    elif name in ("officer", "into"):
        value = _("（不可见）")
    return field.label, dict(field.choices).get(value, value)


def text_of(case, event):
    """Return what was written with an event: its own text, or its standard text."""
    if hasattr(event, "message"):
        return event.message.body
    template = event.data.get("template")
    if not template:
        return ""
    return templates_text.render(
        template,
        variant=event.data.get("variant", 0),
        kind=case.kind,
        category=case.category,
        unit=event.unit.name,
    )

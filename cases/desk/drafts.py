"""Drafts of the steps: kept while an officer types, found again on the page, thrown away on demand."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import drafts, worlds
from cases.calendars import SHANGHAI
from cases.desk.pages import find_case, officer_page
from cases.desk.rights import READS
from cases.fields import FIELDS
from cases.models import Draft
from cases.refusals import NotFound
from cases.transitions import BY_OFFICER, START, TRANSITIONS

UNKNOWN = -1


@dataclass(frozen=True)
class Unused:
    """A draft of a step that cannot be taken now: its text can be read, copied and thrown away."""

    draft: Draft
    label: str
    said: tuple


def officers_row(user, action):
    """Return the row of a step that this officer has the right to take in some state.

    Raises: NotFound.
    """
    row = TRANSITIONS.get(action)
    if row is None or BY_OFFICER not in row.roles or START in row.sources:
        raise NotFound()
    if not user.has_perm(f"cases.{row.permission}"):
        raise NotFound()
    return row


def typed_for(row, data):
    """Return {field: what was typed} of one step, from a request's data."""
    return {name: data.get(name, "") for name in (*row.requires, *row.allows)}


def seen_in(data):
    """Return the seq that the page showed; UNKNOWN fits no case."""
    seen = data.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else UNKNOWN


@officer_page("POST", needs=READS)
def draft(request, receipt, action):
    """Keep or forget the draft of a step; answer a script in JSON, and a button with the page."""
    case = find_case(request.user, receipt)
    row = officers_row(request.user, action)
    place = reverse("desk:case", args=[case.letter.receipt]) + f"#step-{action}"
    if "forget" in request.POST:
        drafts.wipe(request.user, case, action)
        messages.success(request, _("草稿已丢弃。"))
        return redirect(place)
    try:
        kept = drafts.save(
            request.user,
            case,
            row,
            typed_for(row, request.POST),
            seen_in(request.POST),
            worlds.now(),
        )
    except drafts.TooLong:
        return _too_long(request, place)
    if "keep" not in request.POST:
        return JsonResponse({"saved": clock(kept.saved_at) if kept else ""})
    if kept:
        messages.success(request, _("草稿已保存。"))
    return redirect(place)


def _too_long(request, place):
    message = _("内容超过%(limit)s字，草稿没有保存。") % {"limit": drafts.LONGEST}
    if "keep" not in request.POST:
        return JsonResponse({"error": message}, status=400)
    messages.error(request, message)
    return redirect(place)


def clock(moment):
    """Return the time of day in Guangdong."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def unused(kept, offered):
    """Return the drafts, of {action: Draft}, whose step is not among those that are offered."""
    return [
        Unused(one, TRANSITIONS[action].label, _said(one))
        for action, one in kept.items()
        if action not in offered and action in TRANSITIONS
    ]


def _said(one):
    """Return (label, value) of what a draft holds, codes in words where the field has choices."""
    return tuple(
        (FIELDS[name].label, dict(FIELDS[name].choices).get(value, value))
        for name, value in one.typed.items()
        if name in FIELDS
    )

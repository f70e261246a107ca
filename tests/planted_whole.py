"""What a year must have walked before a search of it says anything: steps, addresses, tables and tasks."""

import re

from django.urls import Resolver404, get_resolver, resolve

from cases.models import Event
from cases.transitions import TRANSITIONS
from config.celery import app
from tests.planted import tables

# Addresses that nobody asks for in that year, and why nothing of a person can stand there.
UNASKED = {
    r"admin/(\w+/\w+/)?(add|<path:object_id>)/": "an empty form, or leads to the page of changing",
    r"admin/(\w+/\w+/)<path:object_id>/delete/": "names its row as its own page does",
    r"admin/.*(autocomplete|jsi18n|unit/import)/": "units and words of ours alone",
    r"admin/(r/.*|.*\(\?P<.*)": "leads on",
    r"admin/cases/officer/<id>/password/": "about an officer",
    r"admin/cases/officer/<int:pk>/sessions/": "about an officer",
    r"desk/practice/.*": "made-up people alone live there",
    r"simulation/(new|staff)/.*": "takes scenarios and numbers alone",
    r"simulation/.*/(again|cancel|delete|resume)/": "leads on",
}
# Tables that stay empty, and why nothing of a person can stand there.
UNFILLED = {
    "public.cases_officer_groups": "numbers of officers and roles",
    "public.cases_rolegrant": "numbers of officers and roles",
    "public.simulation_practice": "as its addresses",
}
# Tasks that are sent only where there is too much for one request.
UNSENT = {r"cases\.tasks\.take_batch_on": "a batch that is not done at once"}


def unwalked(pages, kept):
    """Return what the year has left out: a line for each.

    pages: those that were answered. kept: (where, what) that was found in tables and Redis.
    """
    done = set(Event.objects.values_list("action", flat=True))
    yield from (f"no step: {action}" for action in set(TRANSITIONS) - done)
    asked = {_route(page.path) for page in pages}
    yield from _beside("nobody asked for", set(_routes(get_resolver())) - asked, UNASKED)
    filled = {where for where, _what in kept}
    here = {table for table in tables() if not table.startswith("run_")}
    yield from _beside("empty", here - filled, UNFILLED)
    written = {name for _where, what in kept for name in _tasks_in(what)}
    ours = {name for name in app.tasks if name.startswith(("cases.", "mailbox.", "config."))}
    yield from _beside("never sent", ours - written, UNSENT)


def _beside(fault, missing, reasons):
    for name in sorted(missing):
        if not any(re.fullmatch(reason, name) for reason in reasons):
            yield f"{fault}: {name}"
    for reason in reasons:
        if not any(re.fullmatch(reason, name) for name in missing):
            yield f"not {fault} no more: {reason}"


def _routes(resolver, start=""):
    for pattern in resolver.url_patterns:
        here = start + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern, here)
        else:
            yield here


def _route(path):
    try:
        return resolve(path).route
    except Resolver404:
        return None


def _tasks_in(what):
    if isinstance(what, bytes) and b'"task"' in what:
        yield from re.findall(r'"task": "([\w.]+)"', what.decode())

"""Speed of the officers' pages over a run's letters, beside a page of letters by primary key.

Nothing is left behind: the officers of the bench live in a transaction that is rolled back.
"""

import time
from statistics import median

from django.contrib.auth.models import Permission
from django.test import RequestFactory

from cases import daybooks, worlds
from cases.desk import overview, risk, triage
from cases.models import Case, Officer, Unit

TIMES = 5
# Who looks, at which level of unit, with which rights.
READERS = {
    "department's leader": ("department", ("lead_case", "dispatch_case", "supervise_case")),
    "city's desk": ("city", ("triage_case", "dispatch_case", "note_case")),
    "station's handler": ("station", ("handle_case", "note_case")),
}
LISTS = {
    "waiting": "",
    "all": "?scope=all",
    "closed": "?scope=all&state=closed",
    "open, due first": "?scope=all&state=open&sort=due",
    "all, due first": "?scope=all&sort=due",
    "all, most returned": "?scope=all&sort=returns",
    "hardly any": "?scope=all&kind=praise&category=drugs",
}
FIGURES = {
    "overview, all": (overview.overview, "overview/?period=all"),
    "overview, a month": (overview.overview, "overview/?period=2022-03"),
    "sensing risk": (risk.risk, "risk/"),
}


class _Undo(Exception):
    """Raised so that a world's transaction leaves nothing."""


def lists(world):
    """Return [(reader, list, seconds, times the floor)] of the first pages of lists; medians."""
    found = []
    try:
        with worlds.enter(world):
            floor = median_seconds(page_by_key)
            for reader, (level, rights) in READERS.items():
                officer = _officer(level, rights)
                for name, address in LISTS.items():
                    request = RequestFactory().get(f"/desk/{address}")
                    request.user = officer
                    seconds = median_seconds(lambda request=request: triage.letter_list(request))
                    found.append((reader, name, seconds, seconds / floor))
            raise _Undo
    except _Undo:
        return found


def figures(world):
    """Return [(reader, page, seconds, times the floor)] of pages of figures, and of reading the daybook."""
    found = []
    try:
        with worlds.enter(world):
            floor = median_seconds(page_by_key)
            began = time.perf_counter()
            daybooks.read_anew()
            seconds = time.perf_counter() - began
            found.append(("nobody yet", "daybook read from the events", seconds, seconds / floor))
            for reader, (level, _rights) in list(READERS.items())[:2]:
                officer = _officer(level, ("view_statistics", "lead_case"), "figures")
                for name, (view, address) in FIGURES.items():
                    request = RequestFactory().get(f"/desk/{address}")
                    request.user = officer
                    seconds = median_seconds(lambda view=view, request=request: view(request))
                    found.append((reader, name, seconds, seconds / floor))
            raise _Undo
    except _Undo:
        return found


def _officer(level, rights, mark=""):
    """Return a new officer of the unit of this level that has the most letters."""
    units = Unit.objects.filter(level=level)
    unit = max(units, key=lambda unit: Case.objects.filter(unit=unit)[:1000].count())
    officer = Officer.objects.create(username=f"bench {level} {mark}", unit=unit, is_staff=True)
    officer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return officer


def page_by_key():
    """Fetch a page of letters with their cases by primary key: the floor."""
    list(Case.objects.select_related("letter", "mailbox", "unit", "officer").order_by("-pk")[:50])


def median_seconds(act):
    """Return the median seconds of some times, after one that warms up."""
    act()
    spans = []
    for _time in range(TIMES):
        began = time.perf_counter()
        act()
        spans.append(time.perf_counter() - began)
    return median(spans)

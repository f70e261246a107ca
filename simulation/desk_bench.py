"""Speed of the officers' pages over a run's letters, beside a page of letters by primary key.

Every page of the desk is opened, with every filter, order and link that stands on it
(desk_lists.py). Nothing is left behind: the officers of the bench live in a transaction that is
rolled back.
"""

import time
from dataclasses import dataclass
from statistics import median

from django.contrib.auth.models import Permission
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from django.urls import resolve

from cases import daybooks, units, worlds
from cases.models import Case, Officer, Unit
from simulation import desk_lists

TIMES = 5
# Who looks, at which level of unit, in which role.
READERS = {
    "department's leader": ("department", "leader"),
    "city's leader": ("city", "leader"),
    "city's dispatcher": ("city", "dispatcher"),
    "city's supervisor": ("city", "supervisor"),
    "station's handler": ("station", "handler"),
    "auditor": ("department", "auditor"),
}
# Seconds within which the first page of a list stands, and a page of figures about the whole.
TARGET, TARGET_OF_FIGURES = 0.15, 0.5
FIGURES = ("/desk/overview/", "/desk/risk/", "/desk/bulletin/")


@dataclass(frozen=True)
class Measured:
    """One page for one reader: how many addresses it has, the slowest, and how slow that is."""

    reader: str
    page: str
    addresses: int
    slowest: str
    seconds: float
    floors: float

    @property
    def target(self):
        """The seconds that it may take."""
        return TARGET_OF_FIGURES if self.slowest.startswith(FIGURES) else TARGET


class _Undo(Exception):
    """Raised so that a world's transaction leaves nothing."""


def lists(world):
    """Return a Measured for each page and reader, those nearest to their target or over it last."""
    found = []
    try:
        with worlds.enter(world):
            floor = median_seconds(page_by_key)
            for reader, (level, role) in READERS.items():
                officer = _officer(level, role)
                for page in desk_lists.pages():
                    addresses = _addresses(officer, page)
                    if addresses:
                        slowest, seconds = _slowest(officer, addresses)
                        one = Measured(
                            reader, page, len(addresses), slowest, seconds, seconds / floor
                        )
                        found.append(one)
            raise _Undo
    except _Undo:
        return sorted(found, key=lambda one: one.seconds / one.target)


def reading(world):
    """Return the seconds in which the daybook of a world is read from its events."""
    with worlds.enter(world):
        began = time.perf_counter()
        daybooks.read_anew()
        return time.perf_counter() - began


def _addresses(officer, page):
    """Return the addresses of a page, or [] where there is none for this officer."""
    answer = _get(officer, page)
    if not desk_lists.is_list(answer):
        return []
    return [page, *desk_lists.variants(page, answer.content.decode())]


def _slowest(officer, addresses):
    """Return the slowest address and its median seconds: each is opened once, three of them often."""
    once = {one: _seconds(lambda one=one: _get(officer, one)) for one in addresses}
    often = sorted(once, key=once.get)[-3:]
    found = {one: median_seconds(lambda one=one: _get(officer, one)) for one in often}
    slowest = max(found, key=found.get)
    return slowest, found[slowest]


def _get(officer, address):
    request = RequestFactory().get(address)
    request.user, request.session, request._messages = officer, {}, CookieStorage(request)
    view, args, kwargs = request.resolver_match = resolve(request.path)
    return view(request, *args, **kwargs)


def _officer(level, role):
    """Return a new officer of the unit of this level that has the most letters."""
    found = Unit.objects.filter(level=level)
    unit = max(found, key=lambda unit: Case.objects.filter(unit=unit)[:1000].count())
    officer = Officer.objects.create(username=f"bench {level} {role}", unit=unit, is_staff=True)
    rights = next(one["permissions"] for one in units.roles() if one["code"] == role)
    officer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return officer


def page_by_key():
    """Fetch a page of letters with their cases by primary key: the floor."""
    list(Case.objects.select_related("letter", "mailbox", "unit", "officer").order_by("-pk")[:50])


def median_seconds(act):
    """Return the median seconds of some times, after one that warms up."""
    act()
    return median(_seconds(act) for _time in range(TIMES))


def _seconds(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began

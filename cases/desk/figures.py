"""统计: the counts of a unit and month, what each of them says, and books that balance.

The same functions count live letters and a run's (cases/statistics.py). Every count leads to
the list of exactly the letters behind it (measures.py); a rate to those of its parts.
"""

from collections import namedtuple
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import groupby

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access, worlds
from cases.desk.figure_labels import BOOKS, COUNTS, PROMISES, RATES
from cases.desk.filters import month_bounds
from cases.desk.measures import LABELS
from cases.desk.pages import officer_page, show
from cases.desk.triage import list_address
from cases.fields import KINDS
from cases.models import Event, Unit
from cases.statistics import CHINA, Tally

SMALL = 10  # below this many, a share says more of chance than of the work
_CASE = namedtuple("_CASE", "pk mailbox_id unit_id kind category state seq")
_EVENT = namedtuple("_EVENT", "case_id action at unit_id old_state new_state due_at data")
_ALL = gettext_lazy("全部月份")


@dataclass(frozen=True)
class Figure:
    """One number on the page. link: the list of just these letters, or "".

    parts: of a rate, (label, text, link) of each count that it is made of.
    """

    label: str
    value: str
    says: str
    under: str = ""
    link: str = ""
    parts: tuple = ()


@officer_page("GET", permission="view_statistics")
def figures(request):
    """Show the figures of one unit (with all below it), a month or all, a kind or all."""
    user, month = request.user, request.GET.get("month", "")
    kind = request.GET.get("kind", "")
    kind = kind if kind in dict(KINDS) else ""
    units = _units(user)
    chosen = next((u for u in units if u.code == request.GET.get("unit")), None)
    top = chosen if chosen and chosen.pk != user.unit_id else None
    tally = tally_for(user.unit)
    month = month if month_bounds(month) else ""
    areas = {top.pk} if top else None
    counts = tally.narrowed(areas=areas, kind=kind or None, month=month or None)
    books = tally.books(areas, kind or None)
    link = _linker(user, top, kind)
    behind = _behind(link, month)
    context = {
        "title": _("统计"),
        "months": [("", _ALL), *((m, m) for m in _months(tally))],
        "month": month,
        "kinds": [("", _("全部类别")), *KINDS],
        "kind": kind,
        "units": units,
        "unit": (chosen or user.unit).code if user.unit else "",
        "counts": [_count(row, counts, behind) for row in COUNTS],
        "rates": [_rate(*row, counts, behind) for row in RATES],
        "promises": [_rate(*row, counts, behind) for row in PROMISES],
        "books": [_book(row, books, link) for row in BOOKS],
        "balanced": books["balanced"],
    }
    return show(request, "desk/figures.html", context)


def tally_for(unit):
    """Return the Tally of a unit's cases, by the units directly below it; empty for None."""
    whole = Tally()
    if unit is None:
        return whole
    month = TruncMonth("received_at", tzinfo=CHINA)
    parts = access.cases_of(unit).order_by().annotate(part=month).values_list("part")
    for part, letters, steps in parts.annotate(letters=Count("pk"), steps=Sum("seq")):
        whole.merge(_part(worlds.current().schema, unit, part, letters, steps))
    return whole


@lru_cache(maxsize=200)
def _part(schema, unit, part, letters, steps):
    """Return the Tally of the letters received in one month.

    Counted anew only when it has another letter or another step: nothing else can change a
    figure. So a year of letters costs no more than those of its last, busy months.
    """
    tally, area = Tally(), _areas(unit)
    start, end = month_bounds(f"{part:%Y-%m}")
    cases = access.cases_of(unit).filter(received_at__gte=start, received_at__lt=end)
    by_key = {row.pk: row for row in map(_CASE._make, cases.values_list(*_CASE._fields))}
    events = Event.objects.filter(case__in=cases.values("pk")).order_by("case_id", "seq")
    rows = map(_EVENT._make, events.values_list(*_EVENT._fields).iterator(chunk_size=5000))
    for case_id, its_events in groupby(rows, key=lambda row: row.case_id):
        case = by_key.get(case_id)
        if case:  # only what the row of the case already knows of: someone may be at work
            known = list(its_events)[: case.seq]
            tally.add_case(case, known, area.get(case.unit_id, unit.pk))
    return tally


def _areas(unit):
    """Return {unit id: id of the unit directly below `unit` that it stands under}."""
    ids = dict(Unit.objects.values_list("path", "pk"))
    found = {}
    for path, pk in ids.items():
        if path.startswith(unit.path) and path != unit.path:
            child = path[len(unit.path) :].split("/")[0]
            found[pk] = ids[f"{unit.path}{child}/"]
    return found


def _units(user):
    if user.unit is None:
        return []
    return [user.unit, *Unit.objects.filter(parent=user.unit_id, active=True)]


def _months(tally):
    return sorted({key[1] for key in tally.monthly}, reverse=True)


def _linker(user, top, kind):
    """Return a function that gives the address of a list of letters of this unit and kind."""
    if not access.reads_letters(user):
        return lambda **values: ""
    unit = top.code if top else ""
    return lambda **values: list_address(scope="all", unit=unit, kind=kind, **values)


def _behind(link, month):
    """Return a function that gives the address of the letters which a measure counts in a month."""
    if not month:
        return lambda measure: link(measure=measure)
    start, end = month_bounds(month)
    since, last = start.date().isoformat(), (end - timedelta(days=1)).date().isoformat()
    return lambda measure: link(measure=measure, since=since, until=last)


def _count(row, counts, behind):
    name, label, says = row
    return Figure(label, f"{counts.get(name, 0):,}", says, link=behind(name))


def _book(row, books, link):
    name, label, says, state = row
    return Figure(label, f"{books[name]:,}", says, link=link(state=state))


def _rate(label, parts, wholes, says, counts, behind):
    part = sum(counts.get(name, 0) for name in parts)
    whole = sum(counts.get(name, 0) for name in wholes)
    under, value = f"{part:,} / {whole:,}", "—"
    if whole < SMALL:
        under = _("%(counts)s，不足%(n)s件不计比率") % {"counts": under, "n": SMALL}
    else:
        value = f"{part / whole:.1%}"
    names = dict.fromkeys((*parts, *wholes))
    made_of = tuple((LABELS[n], f"{counts.get(n, 0):,}", behind(n)) for n in names)
    return Figure(label, value, says, under, parts=made_of)

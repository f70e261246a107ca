"""月通报: what a month was like at a unit and those directly below it, as page, print and CSV.

Made anew from the events whenever it is opened, for any month that has begun. Units stand by
pinyin, never by a figure; a share of few letters is not shown.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import access, in_force, worlds
from cases.desk import bulletin_words, figures, periods
from cases.desk.areas import chosen_area
from cases.desk.figure_labels import BULLETIN, BULLETIN_RATES, BULLETIN_UNITS
from cases.desk.measures import Days
from cases.desk.pages import not_found, officer_page, show
from cases.desk.rights import having
from cases.desk.spreadsheets import csv_file
from cases.models import Event, Unit
from cases.transitions import OPEN

_LISTED = 300  # late cases by number; the rest behind a link


@dataclass(frozen=True)
class LateCase:
    """One case that was late in the month, by its number; nothing else of the letter."""

    receipt: str
    unit: str
    due_at: datetime
    replied_at: datetime | None


@officer_page("GET", needs=having("view_statistics"))
def latest(request):
    """Lead to the bulletin of the last month that is over."""
    month = periods.holding(periods.today(), "month").before
    return redirect("desk:bulletin", month.code)


@officer_page("GET", needs=having("view_statistics"))
def bulletin(request, month):
    """Show the bulletin of a month for a unit."""
    period, area = _asked(request, month)
    if period is None:
        return not_found()
    counts, before = _counts(area, period), _counts(area, period.before)
    behind = area.behind(period)
    late = _late(area, period)
    context = {
        "title": _("%(month)s信箱办理情况通报") % {"month": period.label},
        "area": area,
        "period": period,
        "before": period.before,
        "after": period.after if period.after.since <= periods.today() else None,
        "is_over": period.until < periods.today(),
        "told": bulletin_words.told(period, counts, before),
        "lines": [_line(row, counts, before, behind) for row in BULLETIN],
        "shares": [_share(row, counts, before) for row in BULLETIN_RATES],
        "columns": [label for _name, label in BULLETIN_UNITS],
        "rows": _unit_rows(area, period, counts),
        "late": late[:_LISTED],
        "late_more": max(0, len(late) - _LISTED),
        "late_link": area.link(measure="reply_late", since=period.since, until=period.until),
        "reads": access.reads_letters(request.user),
        "minimum": in_force.policy().minimum_count,
        "csv": reverse("desk:bulletin-csv", args=[period.code]),
    }
    return show(request, "desk/bulletin.html", context)


@officer_page("GET", needs=having("view_statistics"))
def bulletin_csv(request, month):
    """Give the figures of a month as a table: a row a unit, and their sum."""
    period, area = _asked(request, month)
    if period is None:
        return not_found()
    rows = _unit_rows(area, period, _counts(area, period))
    head = [_("月份"), _("单位"), *(str(label) for _name, label in BULLETIN_UNITS)]
    table = [[period.code, row["name"], *(text for text, _link in row["cells"])] for row in rows]
    return csv_file(f"bulletin-{period.code}", [head, *table])


def _asked(request, month):
    """Return the month, if it is one that has begun, and the area; else None, None."""
    period = periods.parsed(month)
    if period is None or period.unit != "month" or period.since > periods.today():
        return None, None
    return period, chosen_area(request.user, request.GET.get("unit", ""))


def _counts(area, period):
    counts = area.seen.counts(period.since, period.until)
    counts["open"] = len(area.seen.open_at(period.until))
    return counts


def _line(row, counts, before, behind):
    """Return (label, count, link, count before, change) of a measure."""
    name, label = row
    now, was = counts.get(name, 0), before.get(name, 0)
    return label, now, behind(name), was, f"{now - was:+,}" if now != was else "0"


def _share(row, counts, before):
    """Return (label, share, its counts, share before) of a rate."""
    label, parts, wholes, _says = row
    made_of = f"{figures.summed(parts, counts):,} / {figures.summed(wholes, counts):,}"
    now, was = (figures.percent(figures.share(parts, wholes, c)) for c in (counts, before))
    return label, now, made_of, was


def _unit_rows(area, period, whole):
    """Return a row for each unit that had anything, by pinyin, and one of their sum."""
    parts, table = area.parts()
    counts = area.seen.by_area(table, period.since, period.until)
    opened = area.opened(parts, table, period.until)
    rows = []
    for place, unit in enumerate(parts):
        found = {**counts.get(place, {}), "open": opened[place]}
        if any(found.values()):
            chosen = {"unit": unit.code} if unit else {"unit": area.top.code, "own": "1"}
            name = unit.name if unit else _("%(unit)s本级") % {"unit": area.top.name}
            rows.append(_unit_row(name, found, area.behind(period, **chosen)))
    return [*rows, _unit_row(_("合计"), whole, area.behind(period))] if rows else []


def _unit_row(name, found, behind):
    cells = []
    for column, _label in BULLETIN_UNITS:
        if isinstance(column, tuple):
            cells.append((figures.percent(figures.share(*column, found)), ""))
        else:
            count = found.get(column, 0)
            cells.append((count, behind(column) if count else ""))
    return {"name": name, "cells": cells}


def _late(area, period):
    """Return the LateCases of a month: replied late in it, or unanswered and past due at its end.

    Only those that the officer may see; for who reads no letters, none.
    """
    seen = access.visible_cases(area.user)
    seen = seen.filter(unit__in=area.unit.below) if area.unit else seen
    end = Days(until=period.until)
    late = Event.objects.filter(action="approve_reply", case__in=seen, at__gt=F("due_at"))
    then = late.filter(Days(period.since, period.until).q("at"))
    later = late.exclude(end.q("at")).filter(end.q("due_at"))
    later = later.filter(case__in=_open_at(area, period))
    columns = ("case_id", "case__letter__receipt", "case__unit_id", "due_at", "at")
    found = {row[0]: row for row in [*later.values_list(*columns), *then.values_list(*columns)]}
    # Of a month that isn't over: due by now, not by its end.
    waiting = seen.filter(state__in=OPEN, pk__in=_open_at(area, period))
    waiting = waiting.filter(end.q("reply_due_at"), reply_due_at__lt=worlds.now())
    for pk, *row in waiting.values_list("pk", "letter__receipt", "unit_id", "reply_due_at"):
        found.setdefault(pk, (pk, *row, None))
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in={r[2] for r in found.values()})}
    order = lambda row: (units[row[2]].pinyin, row[3], row[1])  # noqa: E731
    return [
        LateCase(receipt, units[unit].name, due_at, at)
        for _pk, receipt, unit, due_at, at in sorted(found.values(), key=order)
    ]


def _open_at(area, period):
    rows = area.seen.open_at(period.until)
    return area.seen.cases["pk"][rows].tolist()

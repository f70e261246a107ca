"""总览: how a unit and all below it stand: now, in a span of days, and each unit directly below.

Counts come from the daybook (cases/daybook.py); only what is late now is asked of the cases.
"""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import access, in_force, worlds
from cases.daybook import LEFT, OPENED
from cases.desk import figures, periods, waiting
from cases.desk.areas import chosen_area
from cases.desk.charts import bar, chart, spans
from cases.desk.figure_labels import AGES, BOOKS, COUNTS, PROMISES, RATES
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.desk.unit_rows import unit_table
from cases.fields import KINDS
from cases.transitions import IN_OFFICE

_PACE_DAYS = 28  # over which the pace of work is measured: four weeks, so that weekdays cancel out


@officer_page("GET", needs=having("view_statistics"))
def overview(request):
    """Show how one unit with all below it stands, in a span of days, of a kind or of all."""
    user, params = request.user, request.GET
    period = periods.read(params)
    kind = params.get("kind", "")
    kind = kind if kind in dict(KINDS) else ""
    area = chosen_area(user, params.get("unit", ""), kind)
    until = _until(period)
    counts = area.seen.counts(period.since, period.until)
    before = period.before
    was = area.seen.counts(before.since, before.until) if before else None
    behind = area.behind(period)
    books = area.seen.books()
    late = _late_by_unit(user, kind)
    context = {
        "title": _("总览"),
        "area": area,
        "address": _address(area, kind),
        "period": period,
        "before": before,
        "units_of_time": _units_of_time(until),
        "kinds": [("", _("全部类别")), *KINDS],
        "kind": kind,
        "kept": f"kind={kind}&period={period.code}&",
        "now_figures": _now(area, late),
        "ages": _ages(area, until),
        "until": until,
        "today": periods.today(),
        "charts": _charts(area, period, until),
        "counts": [figures.count(row, counts, behind, was) for row in COUNTS],
        "rates": [figures.rate(row, counts, behind, was) for row in RATES],
        "promises": [figures.rate(row, counts, behind, was) for row in PROMISES],
        "books": [figures.book(row, books, area.link) for row in BOOKS],
        "balanced": books["balanced"],
        "table": unit_table(area, period, until, late, params.get("sort", "")),
        "minimum": in_force.policy().minimum_count,
    }
    return show(request, "desk/overview.html", context)


def _until(period):
    """Return the day at whose end the backlog is shown: of the span, but not after today."""
    today = periods.today()
    return min(period.until or today, today)


def _address(area, kind):
    """Return the page's address for this unit and kind, to which a template adds the rest."""
    chosen = f"&unit={area.unit.code}" if area.unit else ""
    return reverse("desk:overview") + "?" + (f"kind={kind}" if kind else "kind=") + chosen


def _units_of_time(day):
    labels = {"week": _("周"), "month": _("月"), "year": _("年")}
    ones = [(unit, label, periods.holding(day, unit).code) for unit, label in labels.items()]
    return [*ones, (periods.ALL, _("全部"), periods.ALL)]


def _late_by_unit(user, kind):
    """Return {unit id: (late now, late within 48 hours)} of the cases that count for an officer."""
    at = worlds.now()
    late = Q(next_due_at__lt=at)
    cases = access.counted_for(user)
    cases = cases.filter(state__in=IN_OFFICE, next_due_at__lt=at + waiting.SOON)
    cases = cases.filter(kind=kind) if kind else cases
    rows = cases.order_by().values_list("unit_id")
    rows = rows.annotate(late=Count("pk", filter=late), soon=Count("pk", filter=~late))
    return {unit: (late, soon) for unit, late, soon in rows}


def _now(area, late):
    """Return the Figures of this moment: what is open, late, soon late, and when it is cleared."""
    found = [late[unit] for unit in late if area.holds(unit)]
    is_open = len(area.seen.open_at())
    link = area.link
    return [
        figures.Figure(
            _("未了结"), f"{is_open:,}", _("现在还在办理或等来信人补充的"), link=link(state="open")
        ),
        figures.Figure(
            _("已超期"),
            f"{sum(n for n, _soon in found):,}",
            _("下一步已过期限的"),
            link=link(colour="red"),
        ),
        figures.Figure(
            _("48小时内将超期"),
            f"{sum(soon for _n, soon in found):,}",
            _("如果不办，48小时内就会超期的"),
            link=link(due="48h"),
        ),
        _clearing(area, is_open),
    ]


def _clearing(area, is_open):
    """Return the Figure that says in how many days the backlog would be cleared, at the pace of late."""
    last = periods.today() - periods.DAY
    counts = area.seen.counts(last - timedelta(days=_PACE_DAYS - 1), last)
    left, came = counts[LEFT] / _PACE_DAYS, counts[OPENED] / _PACE_DAYS
    says = _("未了结 / 近28天每天了结的；答复、不受理、并件、转办、撤回都算了结")
    pace = _("每天了结 %(left)s，新来 %(came)s") % {"left": f"{left:,.1f}", "came": f"{came:,.1f}"}
    if counts[LEFT] < in_force.policy().minimum_count:
        return figures.Figure(_("办清积压需"), "—", says, under=pace)
    days = is_open / left
    value = _("%(n)s天") % {"n": f"{days:,.1f}" if days < 10 else f"{days:,.0f}"}
    return figures.Figure(_("办清积压需"), value, says, under=pace)


def _ages(area, until):
    """Return (label, count, link, length of the bar) of the cases open at a day's end, by age."""
    today = periods.today()
    rows = area.seen.open_at(None if until >= today else until)
    ages = until.toordinal() - area.seen.cases["day"][rows]
    lines = []
    for label, least, most in AGES:
        number = int(((ages >= least) & (ages <= (most or 10**6))).sum())
        came_to = (until - timedelta(days=least)).isoformat()
        came_from = (until - timedelta(days=most)).isoformat() if most else ""
        then = {"state": "open"} if until >= today else {"measure": "open", "until": str(until)}
        lines.append((label, number, area.link(came_from=came_from, came_to=came_to, **then)))
    greatest = max(number for _label, number, _link in lines)
    return [(*line, bar(line[1], greatest)) for line in lines]


def _charts(area, period, until):
    """Return the pictures of what came in, what left and what was open, column by column."""
    known = area.seen.span()
    since = period.since or (known[0] if known else until)
    if since > until:
        return []
    columns = spans(since, until)
    start = columns[0][0]
    received, came, left = (
        area.seen.by_day(name, start, columns[-1][1]) for name in ("received", OPENED, LEFT)
    )
    before = area.seen.counts(None, start - periods.DAY)
    backlog = (came - left).cumsum() + before[OPENED] - before[LEFT]
    return [
        chart(_("收到"), _points(area, columns, _sums(received, columns), "received")),
        chart(_("了结"), _points(area, columns, _sums(left, columns))),
        chart(_("未了结"), _points(area, columns, _lasts(backlog, columns, until), "open")),
    ]


def _sums(daily, columns):
    start = columns[0][0]
    return [
        int(daily[(first - start).days : (last - start).days + 1].sum()) for first, last in columns
    ]


def _lasts(daily, columns, until):
    start = columns[0][0]
    return [int(daily[(min(last, until) - start).days]) for _first, last in columns]


def _points(area, columns, values, measure=""):
    for (first, last), value in zip(columns, values, strict=True):
        label = first.isoformat() if first == last else f"{first.isoformat()} – {last:%m-%d}"
        since = "" if measure == "open" else str(first)
        yield (
            label,
            value,
            area.link(measure=measure, since=since, until=str(last)) if measure else "",
        )

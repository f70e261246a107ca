"""感知风险: of which topic, and where, more letters came in a week than the weeks before explain.

A sign is no finding: it says that somebody should read these letters. How it is reckoned stands
in cases/bands.py, and in words on the page.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from cases import access, bands
from cases.desk import periods
from cases.desk.areas import chosen_area
from cases.desk.charts import Chart, chart
from cases.desk.measures import Days
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.desk.rising import rising
from cases.desk.weekly import FEWEST, SHOWN, label_of, weeks_of

_TITLES = 3000  # of the weeks before, that a word is measured by
_FEW_TITLES = 20  # of a topic; with fewer, the words of all topics are the measure
_SIGNS = 30  # shown; beyond, the whole is the news


@dataclass(frozen=True)
class Sign:
    """One cell that stands out in the week: what was expected, what came, and of what it speaks."""

    topic: str
    place: str
    count: int
    band: bands.Band
    times: str
    link: str
    chart: Chart
    words: list


@officer_page("GET", needs=having("view_statistics"))
def risk(request):
    """Show the topics and places of which a week brought more letters than expected."""
    user, params = request.user, request.GET
    area = chosen_area(user, params.get("unit", ""))
    week = _week(params.get("week", ""))
    weeks = weeks_of(area, week.since)
    last = len(weeks.mondays) - 1
    out = [weeks.standing_out(place) for place in range(last - SHOWN + 1, last + 1)]
    signs = sorted((out[-1] or {}).items(), key=lambda one: one[1])
    after = week.after
    context = {
        "title": _("感知风险"),
        "area": area,
        "week": week,
        "kept": f"week={week.code}&",
        "before": week.before,
        "after": after if after.since <= periods.today() else None,
        "is_over": week.until < periods.today(),
        "judged": out[-1] is not None,
        "compared": len(weeks.cells),
        "measured_by": _measured_by(weeks, last),
        "fewest_weeks": bands.FEWEST_WEEKS,
        "fewest": FEWEST,
        "false_alarms": f"{bands.FALSE_ALARMS:.0%}",
        "signs": [_sign(area, weeks, number, last) for number, _chance in signs[:_SIGNS]],
        "more": max(0, len(signs) - _SIGNS),
        "mondays": weeks.mondays[-SHOWN:],
        "tables": _tables(area, weeks, out),
    }
    return show(request, "desk/risk.html", context)


def _week(code):
    """Return the week of a code; by default the last that is over."""
    asked = periods.parsed(code)
    if asked and asked.unit == "week" and asked.before:
        return asked
    return periods.holding(periods.today() - timedelta(days=7), "week")


def _measured_by(weeks, place):
    span = weeks.before(place)
    return span.stop - span.start if span else 0


def _sign(area, weeks, number, place):
    cell, span = weeks.cells[number], weeks.before(place)
    before = cell.weeks[span]
    found = bands.band(before, weeks.factor(span))
    count = int(cell.weeks[place])
    link = _link(area, cell, weeks.mondays[place], weeks.mondays[place])
    shown = range(span.start, place + 1)
    points = [(weeks.mondays[at].isoformat(), int(cell.weeks[at]), "") for at in shown]
    return Sign(
        topic=label_of(cell.category) if cell.category else _("全部业务"),
        place=cell.unit.name if cell.unit else area.top.name,
        count=count,
        band=found,
        times=f"{count / found.mean:.1f}",
        link=link,
        chart=chart(_("每周件数"), points),
        words=_words(area, cell, weeks, span, place),
    )


def _link(area, cell, first, last):
    unit = {"unit": cell.unit.code} if cell.unit else {}
    until = str(last + timedelta(days=6))
    return area.link(
        category=cell.category, measure="received", since=str(first), until=until, **unit
    )


def _words(area, cell, weeks, span, place):
    """Return the words that rise in the titles of a cell's letters; for who may read letters only."""
    cases = access.visible_cases(area.user)
    top = cell.unit or area.unit
    cases = cases.filter(unit__in=top.below) if top else cases
    topic = cases.filter(category=cell.category) if cell.category else cases
    monday, first = weeks.mondays[place], weeks.mondays[span.start]
    now = Days(monday, monday + timedelta(days=6)).q("received_at")
    then = Days(first, monday - periods.DAY).q("received_at")
    others = _titles(topic.filter(then))
    if len(others) < _FEW_TITLES:
        others = _titles(cases.filter(then))
    return rising(_titles(topic.filter(now)), others)


def _titles(cases):
    return list(cases.order_by("-pk").values_list("letter__title", flat=True)[:_TITLES])


def _tables(area, weeks, out):
    """Return (what the rows are, rows) by topic and by place: for each week (count, link, sign)."""
    by_topic = [n for n, cell in enumerate(weeks.cells) if cell.unit is None]
    by_place = [n for n, cell in enumerate(weeks.cells) if cell.unit and not cell.category]
    return [
        (_("业务"), "topics", [_row(area, weeks, out, n) for n in by_topic]),
        (_("地区"), "places", [_row(area, weeks, out, n) for n in by_place]),
    ]


def _row(area, weeks, out, number):
    cell = weeks.cells[number]
    name = cell.unit.name if cell.unit else _("全部业务")
    name = label_of(cell.category) if cell.category else name
    start = len(weeks.mondays) - SHOWN
    cells = []
    for place in range(start, len(weeks.mondays)):
        monday = weeks.mondays[place]
        stands_out = number in (out[place - start] or {})
        cells.append((int(cell.weeks[place]), _link(area, cell, monday, monday), stands_out))
    return name, cells

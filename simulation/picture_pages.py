"""The pictures of a finished run as CSV, and two runs side by side."""

from django.utils.translation import gettext as _

from cases.desk.spreadsheets import csv_file
from simulation import busy, comparing, gallery, named, pictures, showing
from simulation.models import Run
from simulation.pages import missing, planner_page, show

LISTED = 100


@planner_page("GET")
def picture_csv(request, run, name):
    """Give the numbers of one picture as a table for spreadsheets; "days" are the curves by day."""
    if run.status != Run.DONE:
        return missing(request)
    rows = _rows(run, name)
    return csv_file(f"run-{run.pk}-{name}", rows) if rows else missing(request)


def _rows(run, name):
    found = pictures.of(run)
    if name == "days":
        daily = run.report["daily"]
        columns = [column for column in daily if column != "days"]
        values = zip(daily["days"], *(daily[column] for column in columns), strict=True)
        labels = [named.LABELS[column] for column in columns]
        return [[_("日期"), *labels], *values]
    if name == "checks":
        return _checks(run.report["checks"])
    if name == "hours":
        return busy.table(found["hours"])
    picture = gallery.of(run.report, found).get(name)
    if picture is None:
        return None
    return [picture.head, *([cell.value for cell in row] for row in picture.rows)]


def _checks(checks):
    names = ("key", "measure", "area", "since", "as_of", "published", "simulated", "low", "high",
             "prior_low", "prior_high", "role", "ok")  # fmt: skip
    told = [["" if row.get(n) is None else row[n] for n in names] for row in checks]
    sources = (showing.own_words(row, "source") for row in checks)
    return [
        [*names, "source"],
        *([*row, source] for row, source in zip(told, sources, strict=True)),
    ]


@planner_page("GET")
def compare(request):
    """Show two finished runs side by side: ?a=…&b=…, and what was changed between them."""
    done = Run.objects.filter(status=Run.DONE).defer("stations", "hours")
    choices = list(done.defer("report", "stations", "hours")[:LISTED])
    sides = [_chosen(done, request.GET.get(side, "")) for side in ("a", "b")]
    context = {"title": _("两次运行对照"), "choices": choices, "sides": sides}
    if all(sides):
        rows = comparing.runs(sides[0].report, sides[1].report)
        context["rows"] = [_row(row) for row in rows]
        context["changed"] = _changed(*sides)
    return show(request, "compare", context)


def _chosen(done, typed):
    return done.filter(pk=int(typed)).first() if typed.isdecimal() and len(typed) < 10 else None


def _row(row):
    return {
        "name": row.name,
        "label": row.label,
        "base": comparing.text(row.base, row.kind),
        "changed": comparing.text(row.changed, row.kind),
        "difference": comparing.text(row.difference, row.kind, signed=True),
        "share": f"{100 * row.difference / row.base:+.1f}%" if row.base else "–",
    }


def _changed(run, other):
    """Return what differs between two runs: (what, of the first, of the second)."""
    rows = [
        (_("情景"), run.scenario, other.scenario),
        (_("来信数"), f"{run.letters:,}", f"{other.letters:,}"),
        (_("种子"), run.seed, other.seed),
    ]
    for name in sorted({*run.changes, *other.changes}):
        rows.append((name, run.changes.get(name, "–"), other.changes.get(name, "–")))
    if run.text != other.text and run.scenario == other.scenario:
        rows.append((_("情景全文"), "", _("已修改")))
    return [row for row in rows if row[1] != row[2]]

"""The units directly below one, side by side; by pinyin, or in the order of a figure.

A share of few letters says more of chance than of work: it isn't shown, and its unit stands
last, whatever the order (policy: figures.minimum). Nothing is numbered.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.desk import periods
from cases.desk.figure_labels import RATES
from cases.desk.figures import percent, share, summed

_RATES = {"on_time": RATES[2], "solved_rate": RATES[3], "satisfied_rate": RATES[5]}
NAME = "name"
# (code, label); measures unless they are among _RATES, or of the moment.
COLUMNS = (
    ("received", gettext_lazy("收到")),
    ("replied", gettext_lazy("答复")),
    ("closed", gettext_lazy("办结")),
    ("open", gettext_lazy("未了结")),
    ("late", gettext_lazy("已超期")),
    ("soon", gettext_lazy("48小时内将超期")),
    *((code, row[0]) for code, row in _RATES.items()),
    ("hops", gettext_lazy("流转")),
    ("returned", gettext_lazy("退回")),
    ("reopened", gettext_lazy("重办")),
)


@dataclass(frozen=True)
class Cell:
    """One figure of a unit. value: None where too few letters stand behind a share."""

    text: str
    link: str = ""
    value: float | None = 0
    under: str = ""


@dataclass(frozen=True)
class UnitRow:
    """One unit's figures. unit: its code. code: the same to look further down, where units stand below."""

    name: str
    unit: str
    code: str
    cells: tuple


def unit_table(area, period, until, late, sort=""):
    """Return the table of the units directly below: columns, rows, and by what they are sorted."""
    (*children, _none), table = parts = area.parts()
    sort = sort if sort in dict(COLUMNS) else NAME
    if not children:
        return {"rows": [], "columns": [], "sort": sort, "empty": 0}
    counts = area.seen.by_area(table, period.since, period.until)
    opened = area.opened(*parts, None if until >= periods.today() else until)
    parents = _with_children(area, children)
    rows = []
    for place, unit in enumerate(parts[0]):
        found = dict(counts.get(place, {}))
        found["open"] = opened[place]
        its = [late[pk] for pk in late if area.holds(pk) and table[pk] == place]
        found["late"], found["soon"] = sum(n for n, _s in its), sum(s for _n, s in its)
        if any(found.values()):
            rows.append(_row(area, unit, period, until, found, parents))
    return {
        "columns": [(code, label, code == sort) for code, label in COLUMNS],
        "rows": _ordered(rows, sort),
        "sort": sort,
        "empty": len(children) - sum(bool(row.unit) for row in rows),
    }


def _with_children(area, children):
    ids = {unit.pk for unit in children}
    depth = children[0].path.count("/")
    paths = (p for p in area.tree.paths.values() if p.count("/") > depth)
    above = {"/".join(path.split("/")[:depth]) + "/" for path in paths}
    return {unit.pk for unit in children if unit.path in above} & ids


def _row(area, unit, period, until, found, parents):
    if unit:
        mine = {"unit": unit.code}
        name, code = unit.name, unit.code if unit.pk in parents else ""
    else:
        mine, name, code = {"unit": area.top.code, "own": "1"}, _("%(unit)s本级"), ""
        name %= {"unit": area.top.name}
    behind = area.behind(period, **mine)
    cells = []
    for column, _label in COLUMNS:
        if column in _RATES:
            cells.append(_rate(_RATES[column], found))
        else:
            link = _link(area, column, behind, until, mine)
            cells.append(Cell(f"{found.get(column, 0):,}", link, found.get(column, 0)))
    return UnitRow(name, unit.code if unit else "", code, tuple(cells))


def _link(area, column, behind, until, mine):
    if column == "late":
        return area.link(colour="red", **mine)
    if column == "soon":
        return area.link(due="48h", **mine)
    if column == "open":
        now = until >= periods.today()
        then = {"state": "open"} if now else {"measure": "open", "until": str(until)}
        return area.link(**then, **mine)
    return behind(column)


def _rate(row, found):
    _label, parts, wholes, _says = row
    value = share(parts, wholes, found)
    counts = f"{summed(parts, found):,} / {summed(wholes, found):,}"
    return Cell(percent(value), "", value, counts)


def _ordered(rows, sort):
    """Return the rows by a column, greatest first; pinyin otherwise, and between equals."""
    if sort == NAME:
        return rows
    place = [code for code, _label in COLUMNS].index(sort)
    value = lambda row: row.cells[place].value  # noqa: E731
    return sorted(rows, key=lambda row: (value(row) is None, -(value(row) or 0)))

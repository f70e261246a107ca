"""Registers: pages that list what letters led to, by month and unit, and the same as CSV.

A register says what its rows are; which month, unit and choice are asked for, the frame, the
pages and the file are the same for all.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access, leading, worlds
from cases.desk.filters import month_bounds
from cases.desk.pages import PER_PAGE, around, page_number, show
from cases.desk.spreadsheets import csv_file
from cases.models import Event, Export, Unit
from cases.models.events import NOTABLE
from cases.transitions import STATES

FILE_ROWS = 5000  # as many as a request can carry
# What letters led to, one tab each.
TABS = (
    ("desk:clues", gettext_lazy("案件线索")),
    ("desk:incidents", gettext_lazy("查破案件")),
    ("desk:rules", gettext_lazy("规范性文件")),
    ("desk:thanks", gettext_lazy("感谢信与锦旗")),
    ("desk:inspection", gettext_lazy("检视问题")),
)


@dataclass(frozen=True)
class Asked:
    """What a register is narrowed to. choice: one of its own, or ""."""

    user: object
    at: object
    month: str = ""
    unit: Unit | None = None
    choice: str = ""

    def days(self, name):
        """Return the condition that a moment lies in the month."""
        if not self.month:
            return Q()
        start, end = month_bounds(self.month)
        return Q(**{f"{name}__gte": start, f"{name}__lt": end})

    def place(self, name):
        """Return the condition that a unit is the one asked for or stands below it."""
        return Q(**{f"{name}__in": self.unit.below}) if self.unit else Q()


@dataclass(frozen=True)
class Cell:
    """One cell: its text, a second line, and words and pictures that stay on the page and out of files."""

    text: str = ""
    sub: str = ""
    words: str = ""
    late: bool = False
    badge: str = ""
    letters: tuple = ()
    pictures: tuple = ()

    def in_file(self):
        """Return what a file has of this cell: receipts for letters, never words."""
        receipts = [case.letter.receipt for case in self.letters]
        return " ".join(filter(None, [*receipts, str(self.text), str(self.sub)]))


@dataclass(frozen=True)
class Register:
    """One register. rows: function (Asked, first, end) → lists of Cells; more than asked is fine.

    choices: of its own filter, code → label. summary: function (Asked) → (label, number) pairs.
    by_unit: function (Asked) → (heads, rows) of a table above the list, or None.
    """

    name: str
    title: str
    about: str
    heads: tuple
    rows: object
    empty: str
    choices: dict = field(default_factory=dict)
    summary: object = None
    by_unit: object = None
    tabs: tuple = TABS


def answer(request, register):
    """Return a register as a page, or, to a POST, as a file that is recorded as an export."""
    units = _units(request.user)
    asked = _read(request, register, units)
    if request.method == "POST":
        return _file(register, asked)
    number = page_number(request)
    first = (number - 1) * PER_PAGE
    rows = register.rows(asked, first, first + PER_PAGE + 1)
    address = _address(register, asked)
    context = {
        "title": register.title,
        "register": register,
        "asked": asked,
        "units": units,
        "rows": [list(zip(register.heads, row, strict=True)) for row in rows[:PER_PAGE]],
        "summary": register.summary(asked) if register.summary else (),
        "by_unit": register.by_unit(asked) if register.by_unit else None,
        "tabs": register.tabs,
        **around(number, len(rows) > PER_PAGE, address),
        "file": address,
    }
    return show(request, "desk/register.html", context)


def _read(request, register, units):
    month, choice = request.GET.get("month", ""), request.GET.get("choice", "")
    code = request.GET.get("unit", "")
    return Asked(
        user=request.user,
        at=worlds.now(),
        month=month if month_bounds(month) else "",
        unit=next((unit for unit in units[1:] if unit.code == code), None),
        choice=choice if choice in register.choices else "",
    )


def _units(user):
    return [user.unit, *Unit.objects.filter(parent=user.unit_id, active=True).order_by("pinyin")]


def _address(register, asked):
    unit = asked.unit.code if asked.unit else ""
    values = {"month": asked.month, "unit": unit, "choice": asked.choice}
    return f"{reverse(register.name)}?{urlencode({k: v for k, v in values.items() if v})}"


def _file(register, asked):
    rows = register.rows(asked, 0, FILE_ROWS + 1)
    lines = [[str(head) for head in register.heads]]
    lines += [[cell.in_file() for cell in row] for row in rows[:FILE_ROWS]]
    if len(rows) > FILE_ROWS:
        lines.append([_("只有前%(n)s行，请按月份或单位分开导出。") % {"n": FILE_ROWS}])
    Export.objects.create(
        user=asked.user, at=asked.at, filters=_recorded(register, asked), rows=len(rows[:FILE_ROWS])
    )
    return csv_file(register.name.removeprefix("desk:"), lines)


def _recorded(register, asked):
    """Return what auditors read of an export: the register's name, and what narrowed it."""
    with translation.override("zh-hans"):
        values = {"register": str(register.title), "month": asked.month}
        values["unit"] = asked.unit.code if asked.unit else ""
        values["choice"] = str(register.choices.get(asked.choice, ""))
    return "?" + urlencode({name: value for name, value in values.items() if value})


# -- what registers read -----------------------------------------------------------------------


def events(asked, *actions):
    """Return the events of these actions in the asked unit whose case the officer sees."""
    cases = access.visible_cases(asked.user).filter(asked.place("unit"))
    return Event.objects.filter(action__in=actions, case__in=cases.values("pk"))


def notable(cases):
    """Return {case id: its notable events, in order}, after one query."""
    found = defaultdict(list)
    rows = Event.objects.filter(case__in=[case.pk for case in cases], action__in=NOTABLE)
    for event in rows.select_related("message", "user__unit", "unit").order_by("case_id", "seq"):
        found[event.case_id].append(event)
    return found


def cases_by_id(ids):
    """Return {id: Case} with what a row shows of it."""
    return {case.pk: case for case in leading.cases_of(ids)}


def letter(case):
    """Return the Cell of one letter: its title, receipt and state."""
    return Cell(sub=STATES[case.state].label, letters=(case,))

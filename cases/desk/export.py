"""A list of letters as a file (导出): one row a letter with all its times and its rating.

Nothing of the writer and nothing of the letter but its title; each export is recorded.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import worlds
from cases.desk import filters
from cases.desk.pages import around, officer_page, page_number, page_of, show
from cases.desk.rights import having
from cases.desk.spreadsheets import csv_file
from cases.fields import CATEGORIES, KINDS, LEVELS, RESULTS
from cases.models import Export, Officer, Unit
from cases.transitions import STATES

LIMIT = 100_000
_YES_NO = {True: gettext_lazy("是"), False: gettext_lazy("否"), None: ""}
_STATES = {state.value: info.label for state, info in STATES.items()}
_LOCAL = timedelta(hours=8)  # Guangdong has had no daylight saving since its letters begin


@dataclass(frozen=True)
class Column:
    """A column of the table. words: of its codes; moment: whether it is a time."""

    field: str
    label: str
    words: dict | None = None
    moment: bool = False

    def cell(self):
        """Return the function from a value to its cell."""
        if self.moment:
            return _moment
        if self.words is None:
            return str
        if isinstance(self.words, _Names):
            return self.words.__getitem__
        return {"": "", **{code: str(word) for code, word in self.words.items()}}.__getitem__


def _times(*pairs):
    return [Column(field, label, moment=True) for field, label in pairs]


def _columns():
    units, officers = _Names(Unit, "name"), _Names(Officer)
    return [
        Column("letter__receipt", _("受理编号")),
        Column("letter__title", _("标题")),
        Column("state", _("状态"), _STATES),
        Column("kind", _("信件类别"), dict(KINDS)),
        Column("category", _("业务类别"), dict(CATEGORIES)),
        Column("mailbox_id", _("信箱"), units),
        Column("unit_id", _("办理单位"), units),
        Column("officer_id", _("承办人"), officers),
        Column("urgent", _("紧急"), _YES_NO),
        Column("supervision", _("督办"), dict(LEVELS)),
        *_times(
            ("received_at", _("收到")),
            ("accepted_at", _("受理")),
            ("signed_at", _("签收")),
            ("contacted_at", _("联系来信人")),
            ("feedback_at", _("首次反馈")),
            ("replied_at", _("答复")),
            ("rated_at", _("评价时间")),
            ("closed_at", _("办结")),
            ("next_due_at", _("下一期限")),
            ("reply_due_at", _("答复期限")),
            ("legal_due_at", _("法定期限")),
        ),
        Column("extended_days", _("延期天数")),
        Column("hops", _("流转次数")),
        Column("returns", _("退回次数")),
        Column("reopened", _("重办次数")),
        Column("result", _("办理结果"), dict(RESULTS)),
        Column("satisfied", _("是否满意"), _YES_NO),
        Column("solved_said", _("问题是否解决"), _YES_NO),
    ]


class _Names(dict):
    """The names of units or officers by key, each looked up once: a list has few of them."""

    def __init__(self, model, field=None):
        self.model, self.field = model, field
        super().__init__({None: ""})

    def __missing__(self, key):
        one = self.model.objects.get(pk=key)
        self[key] = getattr(one, self.field) if self.field else str(one)
        return self[key]


@officer_page("POST", needs=having("view_statistics"))
def export(request):
    """Give the letters that a list's filters leave, as a table in the order of the list."""
    at = worlds.now()
    asked = filters.read(QueryDict(request.POST.get("address", "")[1:]), request)
    cases = asked.ordered(asked.cases(request.user, at), at)
    columns = _columns()
    values = cases.values_list(*(column.field for column in columns))
    cells = [column.cell() for column in columns]
    found = values[: LIMIT + 1].iterator(chunk_size=5000)
    rows = [[cell(value) for cell, value in zip(cells, row, strict=True)] for row in found]
    if len(rows) > LIMIT:
        words = {"limit": f"{LIMIT:,}"}
        messages.error(request, _("超过%(limit)s件，请先加条件再导出。") % words)
        return redirect(reverse("desk:list") + asked.address())
    kept = asked.address(words="*" if asked.q else "")
    Export.objects.create(user=request.user, at=at, filters=kept, rows=len(rows))
    return csv_file(f"letters-{_moment(at)[:10]}", [[c.label for c in columns], *rows])


def _moment(moment):
    """Return a time as spreadsheets know it, of Guangdong; much quicker than by time zone."""
    return str(moment + _LOCAL)[:16] if moment else ""


@officer_page("GET", needs=having("view_audit"))
def exports(request):
    """List who of the auditor's unit, or below it, took which list away, the newest first."""
    number, unit = page_number(request), request.user.unit
    made = Export.objects.filter(user__unit__path__startswith=unit.path) if unit else None
    made = Export.objects.none() if made is None else made.select_related("user__unit")
    rows, more = page_of(made.order_by("-pk"), number)
    context = {
        "title": _("导出记录"),
        "rows": [(one, _in_words(one.filters)) for one in rows],
        **around(number, more),
    }
    return show(request, "desk/exports.html", context)


def _in_words(address):
    """Return an address of filters as its labels, for people."""
    values = QueryDict(address[1:]).items()
    return " · ".join(str(filters.CHOICES.get(n, {}).get(v, v)) for n, v in values if n != "sort")

"""What a leader types into the duty roster: one shift on several days, or a file of them."""

import re
from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import uploads
from cases.calendars import SHANGHAI
from cases.identity import fold
from cases.models import Duty, Officer

DAYS = [gettext_lazy(f"周{name}") for name in "一二三四五六日"]
FILE_BYTES, FILE_ROWS = 200_000, 1000
_DAY = timedelta(days=1)


class ShiftForm(forms.Form):
    """An officer, a time of the day, and the days of the shown week."""

    officer = forms.ModelChoiceField(
        Officer.objects.none(),
        label=gettext_lazy("值班民警"),
        empty_label=gettext_lazy("请选择"),
        error_messages={"required": gettext_lazy("请选择值班民警。")},
    )
    start = forms.CharField(label=gettext_lazy("从"), initial="08:30", max_length=8)
    end = forms.CharField(label=gettext_lazy("到"), initial="17:30", max_length=8)
    days = forms.MultipleChoiceField(
        label=gettext_lazy("星期"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选择一天。")},
    )

    def __init__(self, unit, first, data=None):
        super().__init__(data, label_suffix="")
        self.unit, self.first = unit, first
        self.fields["officer"].queryset = officers_of(unit)
        dates = [(first + n * _DAY).date() for n in range(7)]
        self.fields["days"].choices = [
            (str(n), f"{DAYS[n]} {day:%m-%d}") for n, day in enumerate(dates)
        ]
        for name in ("start", "end"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "placeholder": "08:30"}

    def clean_start(self):
        return self._time("start")

    def clean_end(self):
        return self._time("end")

    def _time(self, name):
        try:
            return time_of(self.cleaned_data[name])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def rows(self):
        """Return the rows of the roster that were typed."""
        said = self.cleaned_data
        return [
            shift(
                self.unit,
                said["officer"],
                self.first + int(n) * _DAY,
                said["start"],
                said["end"],
            )
            for n in said["days"]
        ]


def officers_of(unit):
    """Return the officers who can be on duty at a unit."""
    return Officer.objects.filter(unit=unit, is_active=True).order_by("username")


def shift(unit, officer, midnight, start, end):
    """Return the row of a shift; one that ends no later than it starts ends the next day."""
    if end <= start:
        end += _DAY
    return Duty(unit=unit, officer=officer, starts_at=midnight + start, ends_at=midnight + end)


def time_of(typed):
    """Return a time of the day as the length since midnight. Raises: ValueError."""
    match = re.fullmatch(r"(\d{1,2}):?(\d{2})", fold(typed).strip())
    hours, minutes = (int(part) for part in match.groups()) if match else (99, 0)
    if minutes > 59 or hours * 60 + minutes > 24 * 60:
        raise ValueError(_("时间请写成 08:30 的样子，从 00:00 到 24:00。"))
    return timedelta(hours=hours, minutes=minutes)


def read_file(unit, file):
    """Return (rows, faults) of a CSV: account, date, start, end; faults are sentences.

    The first line names the columns and is passed over.
    """
    if file is None or file.size > FILE_BYTES:
        return [], [_("请选择一个不超过%(kb)sKB的CSV文件。") % {"kb": FILE_BYTES // 1000}]
    text = uploads.text_of(file.read())
    if text is None:
        return [], [_("文件编码不认识，请另存为 UTF-8 编码的CSV。")]
    officers = {officer.username: officer for officer in officers_of(unit)}
    rows, faults = [], []
    lines = uploads.table_of(text)[1:]
    if not lines or len(lines) > FILE_ROWS:
        return [], [_("文件应有1至%(n)s行。") % {"n": FILE_ROWS}]
    for number, line in enumerate(lines, 2):
        if not any(cell.strip() for cell in line):
            continue
        try:
            rows.append(_row(unit, officers, line))
        except ValueError as error:
            faults.append(_("第%(n)s行：%(why)s") % {"n": number, "why": error})
    return rows, faults


def _row(unit, officers, line):
    cells = [fold(cell).strip() for cell in line]
    if len(cells) < 4:
        raise ValueError(_("应有四列：账号、日期、开始、结束。"))
    account, day, start, end = cells[:4]
    if account not in officers:
        raise ValueError(_("本单位没有“%(account)s”这个账号。") % {"account": account[:40]})
    try:
        midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), SHANGHAI)
    except ValueError:
        raise ValueError(_("日期请写成 2026-03-02 的样子。")) from None
    if not 2000 <= midnight.year <= 2100:
        raise ValueError(_("日期请写成 2026-03-02 的样子。"))
    return shift(unit, officers[account], midnight, time_of(start), time_of(end))

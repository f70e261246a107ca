"""The policy in words: how long each promise is, for every mailbox and kind, as the program counts it."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import policy
from cases.calendars import HOUR, MINUTE
from cases.desk.clock_words import CLOCKS
from cases.desk.pages import officer_page, show
from cases.fields import KINDS

_LEVELS = {"department": gettext_lazy("厅长信箱"), "city": gettext_lazy("局长信箱")}
# What a clock of the policy file is, where the desk's own words for it do not say it.
_NAMES = {
    **CLOCKS,
    "extension": gettext_lazy("最多延期"),
    "redo": gettext_lazy("重办后答复"),
    "objection": gettext_lazy("对交办提出异议"),
    "legal": gettext_lazy("法定期限（信访条例）"),
    "legal_extension": gettext_lazy("法定延期"),
}
_UNITS = {
    "m": gettext_lazy("%(n)s分钟"),
    "h": gettext_lazy("%(n)s小时"),
    "d": gettext_lazy("%(n)s天"),
    "wm": gettext_lazy("%(n)s分钟工作时间"),
    "wh": gettext_lazy("%(n)s小时工作时间"),
    "wd": gettext_lazy("%(n)s个工作日"),
}


@officer_page("GET")
def rules(request):
    """Show the promises of each level, kinds with the same ones in one column, and the other rules."""
    loaded = policy.load()
    context = {
        "title": _("时限与规则"),
        "levels": [(_LEVELS[level], *_table(loaded, level)) for level in policy.LEVELS],
        "blocks": [_span(start, end) for start, end in loaded.calendar.blocks],
        "yellow": f"{loaded.yellow_share:.0%}",
        "yellow_card": in_words(loaded.yellow_after),
        "red_card": in_words(loaded.red_after),
        "returns": loaded.return_limit,
        "minimum": loaded.minimum_count,
    }
    return show(request, "desk/policy.html", context)


def in_words(length):
    """Return a length as people say it; None, where there is no such limit, is a dash."""
    if length is None:
        return "—"
    number, unit = re.fullmatch(r"(\d+)(\D+)", length.text).groups()
    return _UNITS[unit] % {"n": number}


def _table(loaded, level):
    """Return (heads, rows) of a level: a column for all kinds whose promises are the same."""
    columns = {}
    for kind, label in KINDS:
        lengths = tuple(loaded.length(level, kind, clock) for clock in policy.CLOCKS)
        columns.setdefault(lengths, []).append(str(label))
    heads = ["、".join(labels) for labels in columns.values()]
    rows = [
        (_NAMES[clock], [in_words(lengths[place]) for lengths in columns])
        for place, clock in enumerate(policy.CLOCKS)
    ]
    return heads, rows


def _span(start, end):
    return "–".join(f"{at // HOUR:02}:{at % HOUR // MINUTE:02}" for at in (start, end))

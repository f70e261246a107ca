"""The policy in words: its clocks, its lengths, and what differs between two versions."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import policy, policy_text
from cases.calendars import HOUR, MINUTE
from cases.desk.clock_words import CLOCKS, UNITS
from cases.fields import KINDS

LEVELS = {"department": gettext_lazy("厅长信箱"), "city": gettext_lazy("局长信箱")}
# What a clock of the policy is, where the desk's own words for it do not say it.
NAMES = {
    **CLOCKS,
    "extension": gettext_lazy("最多延期"),
    "redo": gettext_lazy("重办后答复"),
    "objection": gettext_lazy("对交办提出异议"),
    "legal": gettext_lazy("法定期限（信访条例）"),
    "legal_extension": gettext_lazy("法定延期"),
}
LENGTH_UNITS = (
    ("m", gettext_lazy("分钟")),
    ("h", gettext_lazy("小时")),
    ("d", gettext_lazy("天")),
    ("wm", gettext_lazy("分钟（工作时间）")),
    ("wh", gettext_lazy("小时（工作时间）")),
    ("wd", gettext_lazy("个工作日")),
)


def in_words(length):
    """Return a length as people say it; None, where there is no such limit, is a dash."""
    if length is None:
        return "—"
    number, unit = re.fullmatch(r"(\d+)(\D+)", length.text).groups()
    return UNITS[unit] % {"n": int(number)}


def rules(loaded):
    """Return [(name, value)] of the rules that are no promise, in words."""
    return [
        (_("工作时间"), "、".join(_span(start, end) for start, end in loaded.calendar.blocks)),
        (_("剩余时间不到几成显示为将到期"), f"{loaded.yellow_share:.0%}"),
        (_("超期多久亮黄牌"), in_words(loaded.yellow_after)),
        (_("超期多久亮红牌"), in_words(loaded.red_after)),
        (_("退回几次后由领导指定办理单位"), str(loaded.return_limit)),
        (_("不足几件时不显示比率，也不排名"), str(loaded.minimum_count)),
    ]


def table(loaded, level):
    """Return (heads, rows) of a level: a column for all kinds whose promises are the same."""
    columns = {}
    for kind, label in KINDS:
        lengths = tuple(loaded.length(level, kind, clock) for clock in policy.CLOCKS)
        columns.setdefault(lengths, []).append(str(label))
    heads = ["、".join(labels) for labels in columns.values()]
    rows = [
        (NAMES[clock], [in_words(lengths[place]) for lengths in columns])
        for place, clock in enumerate(policy.CLOCKS)
    ]
    return heads, rows


def differences(old, new):
    """Return [(what, old value, new value)] of two policies, in words."""
    kinds, found = dict(KINDS), []
    for level, clock, codes, before, after in policy_text.differing_lengths(old, new):
        which = _("各类") if len(codes) == len(kinds) else "、".join(str(kinds[c]) for c in codes)
        what = f"{LEVELS[level]} · {NAMES[clock]} · {which}"
        found.append((what, in_words(before), in_words(after)))
    pairs = zip(rules(old), rules(new), strict=True)
    return found + [(name, was, now) for (name, was), (_name, now) in pairs if was != now]


def _span(start, end):
    return "–".join(f"{at // HOUR:02}:{at % HOUR // MINUTE:02}" for at in (start, end))

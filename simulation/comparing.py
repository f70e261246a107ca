"""Two scenarios or two runs side by side: what differs, and how surely.

Arms of a study share random numbers, so their differences have an interval pair by pair. Two
stored runs have one outcome each: their differences are shown as they are.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simulation import estimates

BASE, CHANGED = "baseline", "changed"
# Kinds of numbers, as they are written.
LETTERS, SHARE, HOURS, COUNT = "letters", "share", "hours", "count"

# (name in replication.values, label, kind, whether more is better; None: neither)
MEASURES = (
    ("received", gettext_lazy("收到的来信"), COUNT, None),
    ("replied", gettext_lazy("答复的来信"), COUNT, True),
    ("closed", gettext_lazy("办结的来信"), COUNT, True),
    ("solved", gettext_lazy("解决的来信"), COUNT, True),
    ("merged", gettext_lazy("并件的来信"), COUNT, None),
    ("thanks", gettext_lazy("收到的感谢信"), COUNT, True),
    ("on_time", gettext_lazy("按时答复率"), SHARE, True),
    ("contact_on_time", gettext_lazy("按时联系率"), SHARE, True),
    ("satisfied_rate", gettext_lazy("满意率"), SHARE, True),
    ("first_contact_p50", gettext_lazy("首次联系（半数以内）"), HOURS, False),
    ("first_contact_p90", gettext_lazy("首次联系（九成以内）"), HOURS, False),
    ("reply_p50", gettext_lazy("答复用时（半数以内）"), HOURS, False),
    ("reply_p90", gettext_lazy("答复用时（九成以内）"), HOURS, False),
    ("backlog_mean", gettext_lazy("平均积压"), LETTERS, False),
    ("backlog_max", gettext_lazy("最高积压"), LETTERS, False),
    ("backlog_end", gettext_lazy("期末积压"), LETTERS, False),
    ("desk_utilisation", gettext_lazy("专班利用率"), SHARE, None),
    ("duty_utilisation", gettext_lazy("值班利用率"), SHARE, None),
    ("handlers_utilisation", gettext_lazy("承办利用率"), SHARE, None),
    ("review_utilisation", gettext_lazy("审核利用率"), SHARE, None),
)


@dataclass(frozen=True)
class Row:
    """One measure of two sides; low, high: 95 % interval of the difference, or None."""

    name: str
    label: str
    kind: str
    good: bool | None
    base: float
    changed: float
    difference: float
    low: float | None = None
    high: float | None = None

    @property
    def sure(self):
        """Whether the difference is more than chance: its interval leaves out zero."""
        return self.low is not None and (self.low > 0 or self.high < 0)

    @property
    def matters(self):
        """Whether it is sure, and 1 % of what it was or more."""
        return self.sure and abs(self.difference) >= abs(self.base) / 100

    @property
    def better(self):
        """True or False if the change is surely for the better or the worse; None otherwise."""
        if not self.sure or self.good is None:
            return None
        return (self.difference > 0) == self.good


def arms(base, changed):
    """Return a Row for each measure that all replications of both arms have.

    base, changed: lists of replication.values, in the same order of seeds.
    """
    rows = []
    for name, label, kind, good in MEASURES:
        if not all(name in values for values in (*base, *changed)):
            continue
        ours, theirs = ([values[name] for values in arm] for arm in (base, changed))
        difference, low, high = estimates.paired(theirs, ours)
        means = (sum(side) / len(side) for side in (ours, theirs))
        rows.append(Row(name, str(label), kind, good, *means, difference, low, high))
    return rows


def runs(report, other):
    """Return a Row for each measure that the reports of two runs have; intervals are None."""
    ours, theirs = _of_report(report), _of_report(other)
    return [
        Row(name, str(label), kind, good, ours[name], theirs[name], theirs[name] - ours[name])
        for name, label, kind, good in MEASURES
        if name in ours and name in theirs
    ]


def _of_report(report):
    """Return a run's report under the names of replication.values, as far as it has them."""
    counts = {"merged": 0, "thanks": 0, "solved": 0, **report["counts"]}
    shares = {"on_time": "on_time", "contact_on_time": "response", "satisfied_rate": "satisfied"}
    found = {name: report["rates"][key] for name, key in shares.items()}
    found |= {n: report["throughput"][n] for n in ("backlog_mean", "backlog_max", "backlog_end")}
    return {n: v for n, v in {**counts, **found}.items() if v is not None}


def sentences(rows):
    """Return what surely changed by 1 % or more, in words, the largest changes first."""
    sure = [row for row in rows if row.matters and row.good is not None]
    sure.sort(key=lambda row: -abs(row.difference) / (abs(row.base) or 1))
    said = [_sentence(row) for row in sure]
    return said or [_("没有要紧的差别：每项差别都不到 1%，或区间含零。")]


def _sentence(row):
    parts = {
        "label": row.label,
        "base": text(row.base, row.kind),
        "changed": text(row.changed, row.kind),
        "low": text(row.low, row.kind, signed=True),
        "high": text(row.high, row.kind, signed=True),
    }
    if row.better:
        return _("%(label)s变好：从 %(base)s 到 %(changed)s（差 %(low)s 至 %(high)s）。") % parts
    return _("%(label)s变差：从 %(base)s 到 %(changed)s（差 %(low)s 至 %(high)s）。") % parts


def text(value, kind, signed=False):
    """Return a number as it is written: shares in percent, lengths in hours or minutes.

    signed: a difference, of shares in points.
    """
    if value is None:
        return "–"
    sign = "+" if signed and round(value, 4) else ""
    value = value if round(value, 4) else abs(value)  # no minus before a zero
    if kind == SHARE and signed:
        return _("%(points)s 个百分点") % {"points": f"{100 * value:{sign}.1f}"}
    if kind == SHARE:
        return f"{100 * value:.1f}%"
    if kind == HOURS and abs(value) < 2:
        return _("%(n)s 分钟") % {"n": f"{60 * value:{sign},.{_places(60 * value)}f}"}
    shown = f"{value:{sign},.{_places(value)}f}"
    return _("%(n)s 小时") % {"n": shown} if kind == HOURS else shown


def _places(value):
    """Return how many decimals a number needs: small ones more."""
    return 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 1 else 2


def as_text(rows, left, right, intervals=True):
    """Return the rows as a table for the terminal. left, right: what the two sides are called."""
    head = f"{'':34} {left:>14} {right:>14} {'difference':>14}"
    lines = [head + ("  95 % interval" if intervals else "")]
    for row in rows:
        line = (
            f"{row.label:34} {text(row.base, row.kind):>14} {text(row.changed, row.kind):>14} "
            f"{text(row.difference, row.kind, signed=True):>14}"
        )
        if row.low is not None:
            low, high = (text(v, row.kind, signed=True) for v in (row.low, row.high))
            mark = {True: " better", False: " worse", None: ""}[row.better]
            line += f"  {low} – {high}{mark}"
        lines.append(line)
    return "\n".join(lines)

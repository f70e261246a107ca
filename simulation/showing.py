"""A run's report as its page shows it: words, texts of numbers, and data for the pictures."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.desk.figure_labels import BOOKS, RATES
from mailbox.traditional import converted
from simulation import changing, named
from simulation.cells import Cell, count, listed, share
from simulation.named import LABELS
from simulation.report import CURVES

# In the order of RATES; as statistics.rates names them.
RATE_NAMES = ("reply", "response", "on_time", "solved", "solved_by_word", "satisfied")
ROLES = {
    "input": (gettext_lazy("输入"), gettext_lazy("放进模型的数，本来就该对上")),
    "tuned": (gettext_lazy("已调"), gettext_lazy("模型的比率按它调过")),
    "predicted": (gettext_lazy("预测"), gettext_lazy("模型自己得出，可能对不上")),
}
VERDICTS = {
    True: ("within", "✓", gettext_lazy("在区间内")),
    False: ("missed", "✗", gettext_lazy("在区间外")),
    None: ("unjudged", "–", gettext_lazy("不判断")),
}


def report(run):
    """Return what the page of a finished run shows."""
    found = run.report
    flow = found["throughput"]
    return {
        "full_size": found["full_size"],
        "notes": _notes(found),
        "replications": found.get("replications", 0),
        "unfinished": _unfinished(found),
        "title": found["title"],
        "headline": _headline(found),
        "curves": curves(found),
        "checks": _checks(found),
        "apart": apart(found),
        "roles": ROLES.values(),
        "per_day": [(LABELS[n], number(flow[f"{n}_per_day"], 1)) for n in CURVES],
        "backlog": [
            (_("平均"), number(flow["backlog_mean"])),
            (_("最高"), number(flow["backlog_max"])),
            (_("期末"), number(flow["backlog_end"])),
        ],
        "program": _program(found),
        "rates": [
            (label, says, percent(found["rates"][name]))
            for name, (label, _above, _below, says) in zip(RATE_NAMES, RATES, strict=True)
        ],
        "books": _books(found["books"]),
        "balanced": found["balanced"],
        "little": _little(found["little"]),
        "cities": cities(found["cities"]),
        "digest": found["digest"],
    }


def number(value, places=0):
    """Return a number as text, with thousands marked."""
    return f"{value:,.{places}f}"


def percent(share):
    """Return a share between 0 and 1 as text; a dash for none."""
    return "–" if share is None else f"{100 * share:.1f}%"


def duration(seconds):
    """Return a length of time in words, by its largest two units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(h)s 小时 %(m)s 分") % {"h": hours, "m": minutes}
    if minutes:
        return _("%(m)s 分 %(s)s 秒") % {"m": minutes, "s": rest}
    return _("%(s)s 秒") % {"s": rest}


def _headline(found):
    counts = found["counts"]
    names = ("received", "responded", "replied", "closed", "solved", "thanks", "incidents")
    return [(LABELS[name], count(counts.get(name, 0), measure=name)) for name in names]


def curves(found):
    """Return the data of the pictures: days, a list for each curve, labels, published points.

    Points are the published figures of the whole province since the start, one each.
    """
    start = found["daily"]["days"][0]
    points = [
        {"measure": row["measure"], "day": row["as_of"], "value": row["published"]}
        for row in found["checks"]
        if row["measure"] in CURVES
        and row["area"] == "all"
        and row["published"] is not None
        and row.get("since") in (None, start)
    ]
    words = {
        "daily": _("每天收到"),
        "weekly": _("（七日平均）"),
        "published": _("公布："),
    }
    labels = {name: str(LABELS[name]) for name in (*CURVES, "open")}
    return {**found["daily"], "labels": labels, "words": words, "points": points}


def in_order(rows):
    """Return the checks with each variant right behind the figure that it is a variant of."""
    placed = []
    for row in rows:
        if not row["variant_of"]:
            placed.append(row)
            placed += [other for other in rows if other["variant_of"] == row["key"]]
    keys = {row["key"] for row in rows}
    return placed + [row for row in rows if row["variant_of"] and row["variant_of"] not in keys]


def _notes(found):
    """Return what makes this run another than its scenario as it stands."""
    notes = []
    if found.get("changes"):
        notes.append(_("改动：%(changes)s") % {"changes": changing.said(found["changes"])})
    if found.get("scale", 1) != 1:
        scale = f"{found['scale']:.4g}"
        notes.append(_("来信和人员按 %(scale)s 倍缩放，人员向上取整") % {"scale": scale})
    if not found.get("keeps_policy", True):
        notes.append(_("期限按信箱现行的政策算，不按情景里的期限；要看改期限的结果，请做假设比较"))
    return notes


def _unfinished(found):
    """Return how the span begins and ends, in a sentence."""
    counts = {name: number(n) for name, n in found.get("unfinished", found["books"]).items()}
    return (
        _(
            "情景从没有来信的第一天开始，与真实信箱开通时一样，没有剔除起步阶段。到最后一天，"
            "还有 %(open)s 件未了结，%(replied)s 件已答复、未办结；它们算收到，"
            "答复、办结、解决只算到最后一天为止已经发生的。"
        )
        % counts
    )


def _checks(found):
    areas = _areas()
    start = found["daily"]["days"][0]
    return [_check(row, areas, start) for row in in_order(found["checks"])]


def own_words(row, name):
    """Return a check's source or note in the reader's language."""
    if get_language() == "en":
        return row[name]
    chinese = row.get(f"{name}_zh") or row[name]
    return converted(chinese) if get_language() == "zh-hant" else chinese


def _areas():
    return {"all": _("全省"), **named.mailboxes()}


def _check(row, areas, start):
    rate = row["measure"].endswith("_rate")

    def text(value):
        return f"{value:.1f}%" if rate else number(value)

    published = row["published"]
    return {
        "figure": LABELS.get(row["measure"], row["measure"]),
        "area": areas.get(row["area"], row["area"]),
        "variant": bool(row["variant_of"]),
        "as_of": row["as_of"],
        "since": "" if row.get("since") in (None, start) else row["since"],
        "published": "–" if published is None else text(published),
        "simulated": _simulated(row, rate, text(row["simulated"])),
        "parts": _parts(row) if rate else [],
        "difference": "–" if published is None else _difference(row, rate),
        "interval": _interval(row["low"], row["high"], text),
        "prior_interval": _interval(row.get("prior_low"), row.get("prior_high"), text),
        "role": ROLES[row["role"]][0],
        "role_code": row["role"],
        "verdict": VERDICTS[row["ok"]],
        "source": own_words(row, "source"),
        "note": own_words(row, "note"),
    }


def apart(found):
    """Return how far each published figure lies from the run's, in percent of the published one.

    Rows of name, simulated, chance (low, high), with priors (low, high), role; 0 is as published.
    """
    areas = {code: named.short(name) for code, name in _areas().items()}
    ends = (("low", "high"), ("prior_low", "prior_high"))
    rows = []
    for row in in_order(found["checks"]):
        published = row["published"]
        if not published:
            continue

        def away(value, published=published):
            return None if value is None else round(100 * (value / published - 1), 2)

        name = (
            f"{LABELS.get(row['measure'], row['measure'])} · {areas.get(row['area'], row['area'])}"
        )
        spans = [[away(row.get(low)), away(row.get(high))] for low, high in ends]
        rows.append([f"{name} · {row['as_of']}", away(row["simulated"]), *spans, row["role"]])
    words = {
        "simulated": _("模拟"),
        "chance": _("偶然区间"),
        "priors": _("总区间"),
        "axis": _("与公布值相差（%）"),
        "roles": {code: str(label) for code, (label, _says) in ROLES.items()},
    }
    return {"rows": rows, "words": words}


def _behind(row):
    """Return the filters of the letters that a check counts; those of a mailbox have no days."""
    if row["area"] != "all":
        return {"area": row["area"]}
    return {"since": row.get("since"), "until": row["as_of"]}


def _simulated(row, rate, text):
    if rate:
        return Cell(text, row["simulated"])
    return Cell(text, row["simulated"], listed(measure=row["measure"], **_behind(row)))


def _parts(row):
    """Return what a rate is made of: (label, filters of the letters) of each count in it."""
    above = ("closed",) if row["measure"] == "closing_rate" else ("replied", "declined")
    return [(LABELS[name], listed(measure=name, **_behind(row))) for name in (*above, "received")]


def _interval(low, high, text):
    return "–" if low is None else f"{text(low)} – {text(high)}"


def _difference(row, rate):
    apart = row["simulated"] - row["published"]
    if rate:
        return _("%(points)s 个百分点") % {"points": f"{apart:+.1f}"}
    share = f" ({100 * apart / row['published']:+.1f}%)" if row["published"] else ""
    return f"{apart:+,.0f}{share}"


def _program(found):
    rate = found["letters_per_second"]
    return [
        (_("每秒来信"), "–" if rate is None else number(rate)),
        (_("用时"), duration(found["wall_seconds"])),
        (_("工作进程"), number(found["workers"])),
        (_("事件"), number(found["events"])),
    ]


def _books(books):
    """Return (what was received, the lines that must add up to it), each as (label, Cell)."""
    received, *lines = [
        (label, count(books[name], state=state, measure="" if state else "received"))
        for name, label, _says, state in BOOKS
    ]
    return received, lines


def _little(little):
    return {
        "seen": number(little["seen"], 1),
        "own": number(little["own"], 1),
        "difference": f"{100 * little['difference']:+.2f}%",
    }


def cities(rows):
    """Return a row a mailbox, the department first and then by pinyin."""
    names = ("received", "replied", "closed", "solved", "thanks", "incidents")
    return {
        "names": [*(LABELS[name] for name in names), RATES[3][0]],
        "rows": [
            (
                row["name"],
                [*(count(row[n], measure=n, area=row["code"]) for n in names), _solved(row)],
            )
            for row in named.in_order(rows)
        ],
    }


def _solved(row):
    return share(row["solved"], row["received"])

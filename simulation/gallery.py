"""The pictures of a finished run: each with its data, the table under it, and that table as CSV.

A number that is a set of letters carries the filters of the list that holds exactly those.
"""

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.desk import measures
from cases.fields import KINDS
from cases.transitions import TRANSITIONS
from simulation import named
from simulation.cells import Cell, Picture, count, hours, listed, plain, share
from simulation.pictures import REPLY_HOURS, STEPS
from simulation.report import CURVES

FEW = 30  # below so many replies, a share says more of chance than of a city's work
SPANS = (
    gettext_lazy("1 小时内"),
    gettext_lazy("4 小时内"),
    gettext_lazy("12 小时内"),
    gettext_lazy("1 天内"),
    gettext_lazy("2 天内"),
    gettext_lazy("3 天内"),
    gettext_lazy("5 天内"),
    gettext_lazy("7 天内"),
    gettext_lazy("10 天内"),
    gettext_lazy("15 天内"),
    gettext_lazy("20 天内"),
    gettext_lazy("30 天内"),
    gettext_lazy("60 天内"),
    gettext_lazy("60 天以上"),
    gettext_lazy("还没有答复"),
)
PLACES = {
    "letters": gettext_lazy("来信"),
    "department_desk": gettext_lazy("厅专班"),
    "city_desk": gettext_lazy("市局专班"),
    "unit": gettext_lazy("办理单位"),
    "review": gettext_lazy("审核"),
    "replied": gettext_lazy("已答复"),
    "closed": gettext_lazy("已办结"),
    "returned": gettext_lazy("↺ 退回专班"),
    "mended": gettext_lazy("↺ 退回修改"),
    "redone": gettext_lazy("↺ 重办"),
    "ask_citizen": gettext_lazy("↺ 来信人补充"),
    "merge": gettext_lazy("已并件"),
    "decline": gettext_lazy("不予受理"),
    "transfer_out": gettext_lazy("转办外单位"),
    "withdraw": gettext_lazy("已撤回"),
}


def of(report, found):
    """Return the pictures of a report in order, by name. found: as pictures.build counts it."""
    made = [
        curves(report),
        on_time(report["cities"]),
    ]
    if found["funnel"]:
        made += [
            waiting(found["weeks"]),
            funnel(found["funnel"]),
            flow(found["moves"]),
            replies(found["replies"]),
        ]
    return {picture.name: picture for picture in made}


def curves(report):
    """The table under the curves: a row a month, and the open letters at its end."""
    daily, rows = report["daily"], {}
    for n, day in enumerate(daily["days"]):
        row = rows.setdefault(day[:7], {**dict.fromkeys(CURVES, 0), "since": day})
        for name in CURVES:
            row[name] += daily[name][n]
        row |= {"until": day, "open": daily["open"][n]}
    labels = named.LABELS
    return Picture(
        "curves",
        _("图中的数字，按月"),
        "",
        [_("月份"), *(str(labels[name]) for name in CURVES), _("期末未了结")],
        [
            [
                plain(month),
                *(
                    count(row[name], measure=name, since=row["since"], until=row["until"])
                    for name in CURVES
                ),
                count(row["open"], measure="open", until=row["until"]),
            ]
            for month, row in rows.items()
        ],
        None,
    )


def waiting(weeks):
    """How long letters waited, by the week in which they came."""
    rows = []
    for monday, letters, _contacted, _replied, *spans in weeks:
        sunday = (date.fromisoformat(monday) + timedelta(days=6)).isoformat()
        came = count(letters, measure="received", since=monday, until=sunday)
        rows.append([plain(monday), came, *map(hours, spans)])
    names = [
        _("首次联系，半数以内"),
        _("首次联系，九成以内"),
        _("答复，半数以内"),
        _("答复，九成以内"),
    ]
    return Picture(
        "waiting",
        _("等候时间，按来信的那一周"),
        _("从来信到首次联系上、到首次答复的小时数。还没有答复的不在内，所以最后几周偏短。"),
        [_("周一"), _("来信"), *names],
        rows,
        {
            "weeks": [week[0] for week in weeks],
            "lines": [[name, [week[4 + n] for week in weeks]] for n, name in enumerate(names)],
            "unit": _("小时"),
        },
    )


def funnel(steps):
    """How far the letters came."""
    received = steps["received"]
    labels = [str(named.LABELS[name]) for name in STEPS]
    return Picture(
        "funnel",
        _("来信走到了哪一步"),
        _("并件、不予受理、转办的来信走不到后面；只有求助、投诉、举报才谈得上解决。"),
        [_("步骤"), _("来信"), _("占收到的")],
        [
            [plain(label), count(steps[name], measure=name), share(steps[name], received)]
            for name, label in zip(STEPS, labels, strict=True)
        ],
        {"labels": labels, "values": [steps[name] for name in STEPS]},
    )


def flow(moves):
    """The ways that letters took between desks, units, review and writers."""
    once = [action for *_way, action, _times in moves]
    rows, links = [], []
    for start, end, action, times in moves:
        whole = once.count(action) == 1  # else only a part of the steps went this way
        step = measures.STEP + action
        behind = {"measure": step} if whole and step in measures.LABELS else {}
        names = [str(PLACES[start]), str(PLACES[end])]
        rows.append(
            [
                *map(plain, (*names, TRANSITIONS[action].label)),
                Cell(f"{times:,}", times, listed(**behind)),
            ]
        )
        links.append([*names, times])
    return Picture(
        "flow",
        _("来信的去向"),
        _("每走一步算一次；一件来信可以走多次。↺ 是往回走的，之后还会再来。"),
        [_("从"), _("到"), _("步骤"), _("次数")],
        rows,
        {"links": links},
        tall=True,
    )


def on_time(cities):
    """The share of replies in time of each mailbox with enough of them."""
    rows, bars = [], []
    for city in named.in_order(cities):
        kept, late = city.get("reply_kept", 0), city.get("reply_late", 0)
        enough = kept + late >= FEW
        on_time = share(kept, kept + late) if enough else Cell(_("太少"), "")
        rows.append(
            [
                plain(city["name"]),
                count(kept, measure="reply_kept", area=city["code"]),
                count(late, measure="reply_late", area=city["code"]),
                on_time,
            ]
        )
        if enough:
            bars.append([named.short(city["name"]), on_time.value, kept + late])
    return Picture(
        "on_time",
        _("各信箱按时答复率"),
        _("在期限内的答复，占全部答复。不足 %(few)s 次的不计比率，也不在图中。") % {"few": FEW},
        [_("单位"), _("按时答复"), _("逾期答复"), _("按时答复率")],
        rows,
        {"bars": bars},
        tall=True,
    )


def replies(kinds):
    """How soon letters of each kind were answered, as shares within a span."""
    rows, lines = [], []
    for kind, label in KINDS:
        counts = kinds.get(kind)
        if not counts:
            continue
        letters, within, shares = sum(counts), 0, []
        for n in counts[:-1]:
            within += n
            shares.append(round(100 * within / letters, 2))
        cells = [Cell(f"{n:,}", n) for n in counts]
        rows.append([plain(label), count(letters, measure="received", kind=kind), *cells])
        lines.append([str(label), shares[: len(REPLY_HOURS) - 1]])
    return Picture(
        "replies",
        _("多久答复，按类别"),
        _("每类来信中，在多长时间以内已经答复的占多少。表中是件数，各列不重叠。"),
        [_("类别"), _("来信"), *map(str, SPANS)],
        rows,
        {"spans": [str(span) for span in SPANS[: len(REPLY_HOURS) - 1]], "lines": lines},
    )

"""The planner's searches for staffing, made by the command: listed, watched, and read."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simulation import busy, comparing, named, searching, svg, targets
from simulation.cells import Cell, Picture, plain
from simulation.models import Study
from simulation.pages import LISTED, planner_page, show
from simulation.replication import QUEUES
from simulation.showing import number
from simulation.targets import Target
from simulation.whatif_pages import STAFF, progress_of

GROUPS = {
    "department": gettext_lazy("厅专班（日夜班合计）"),
    "desks": gettext_lazy("市专班（日夜班合计）"),
    "duty": gettext_lazy("各单位值班（日夜班合计）"),
    "handlers": gettext_lazy("各单位承办"),
    "review": gettext_lazy("各市审核"),
}
# Beside those of comparing.MEASURES: what else may be a target.
FIGURES = {name: label for name, label, _kind, _good in comparing.MEASURES} | {
    "reply_rate": gettext_lazy("答复率"),
    "closing_rate": gettext_lazy("办结率"),
    "solved_rate": gettext_lazy("解决率"),
    "response_p50": gettext_lazy("首次回应（半数以内）"),
    "response_p90": gettext_lazy("首次回应（九成以内）"),
    "close_p50": gettext_lazy("办结用时（半数以内）"),
    "close_p90": gettext_lazy("办结用时（九成以内）"),
    "contact_mean": gettext_lazy("首次联系（平均）"),
    "response_mean": gettext_lazy("首次回应（平均）"),
    "reply_mean": gettext_lazy("答复用时（平均）"),
    "close_mean": gettext_lazy("办结用时（平均）"),
    "backlog_last_week": gettext_lazy("最后一周积压"),
    "queue_end": gettext_lazy("期末排队"),
    "wait_department": gettext_lazy("来信在厅专班等候"),
}


@planner_page("GET")
def staff_list(request):
    """List the searches for staffing, newest first."""
    found = Study.objects.filter(kind=STAFF).defer("text")[:LISTED]
    rows = [(study, _asked(study), _outcome(study), progress_of(study)) for study in found]
    return show(request, "staff_list", {"title": _("人员测算"), "rows": rows})


@planner_page("GET", of=Study, kind=STAFF)
def staff_page(request, study):
    """Show a search: how far it is, then the smallest staffing, or the best that can be had."""
    context = {
        "title": _("人员测算 %(n)s") % {"n": study.pk},
        "study": study,
        "asked": _asked(study),
        "progress": progress_of(study, ask_workers=True),
        "outcome": _outcome(study),
    }
    if request.GET.get("part") == "progress":
        return show(request, "study_progress", context)
    return show(request, "staff", {**context, **_told(study)})


def _asked(study):
    return [_wanted(target) for target in targets.together(study.spec["targets"])]


def _wanted(target):
    sign = "≥" if target.at_least else "≤"
    return f"{FIGURES[target.name]} {sign} {_text(target.name, target.limit)}"


def _outcome(study):
    """Return in a word how a search ended: "met", "unreachable", or "" while it has not."""
    if study.status != Study.DONE:
        return ""
    return "unreachable" if "unreachable" in study.result else "met"


def _text(name, value):
    """Return a target's figure with its unit; None stands for a letter that never gets so far."""
    unit = targets.NAMES.get(name, "hours")
    if value is None:
        return _("从不")
    if unit == "hours" and abs(value) >= 72:
        return _("%(n)s 天") % {"n": f"{value / 24:.1f}"}
    kinds = {"share": comparing.SHARE, "hours": comparing.HOURS, "letters": comparing.LETTERS}
    return comparing.text(value, kinds[unit])


def _told(study):
    """Return what the page shows of a search that has ended."""
    result = study.result
    if "best" in result:
        return {"best": [_best(row) for row in result["best"]]}
    if "cities" not in result:  # none yet, or one of an older version, which has words alone
        return {"words": result.get("text") or result.get("unreachable", "")}
    now, needed = (sum(result["officers"][side].values()) for side in ("now", "found"))
    return {
        "result": result,
        "now": number(now),
        "needed": number(needed),
        "targets": [_target(row) for row in result["targets"]],
        "groups": _groups(result["officers"]),
        "cities": _cities(result["cities"]),
        "curve": _curve(result),
        "pictures": [_picture(result, n) for n in range(len(result["targets"]))],
        "gain": _gain(result),
        "breaking": [_breaking(result, "now"), _breaking(result, "found")],
        "spells": _spells(result["spells"]),
    }


def _target(row):
    wanted = _wanted(Target(row["name"], row["at_least"], row["limit"]))
    return [wanted, *(_text(row["name"], row[key]) for key in ("now", "found", "bound"))]


def _best(row):
    wanted = _wanted(Target(row["name"], row["at_least"], row["limit"]))
    return {
        "wanted": wanted,
        "best": _text(row["name"], row["best"]),
        "bound": _text(row["name"], row["bound"]),
        "met": row["met"],
    }


def _groups(officers):
    rows = [(GROUPS[group], officers["now"][group], officers["found"][group]) for group in QUEUES]
    rows.append((_("合计"), *(sum(officers[side].values()) for side in ("now", "found"))))
    return [(label, number(a), number(b), f"{b - a:+,}" if b != a else "0") for label, a, b in rows]


def _cities(cities):
    names = named.mailboxes()
    order = [code for code in names if code in cities]
    rows = [
        (
            named.short(names[code]),
            [(a, b, b != a) for a, b in (cities[code][g] for g in QUEUES[1:])],
        )
        for code in order
    ]
    return {"head": [GROUPS[group] for group in QUEUES[1:]], "rows": rows}


def _curve(result):
    names = [row["name"] for row in result["targets"]]
    return {
        "head": [FIGURES[name] for name in names],
        "rows": [
            (
                f"{float(factor):g}",
                number(result["curve_officers"][factor]),
                [_text(*pair) for pair in zip(names, values, strict=True)],
            )
            for factor, values in sorted(result["curve"].items(), key=lambda row: float(row[0]))
        ],
    }


def _picture(result, place):
    """Return the curve of one target as a drawing: officers across, the figure upwards."""
    row = result["targets"][place]
    points = [
        (result["curve_officers"][factor], values[place])
        for factor, values in result["curve"].items()
        if values[place] is not None
    ]
    return svg.line(points, row["limit"], lambda value: _text(row["name"], value)) | {
        "title": FIGURES[row["name"]]
    }


def _gain(result):
    """Return in one sentence what one more officer at the department's desk gains now."""
    told = []
    for row in result["one_more"]:
        low, high = sorted((abs(row["low"]), abs(row["high"])))
        parts = {
            "figure": FIGURES[row["name"]],
            "size": _text(row["name"], abs(row["mean"])),
            "low": _text(row["name"], low),
            "high": _text(row["name"], high),
        }
        less = _("%(figure)s少 %(size)s（%(low)s 至 %(high)s）")
        more = _("%(figure)s多 %(size)s（%(low)s 至 %(high)s）")
        told.append((less if row["mean"] < 0 else more) % parts)
    if told:
        return _("按现有人员，厅专班多一人：%(gains)s。") % {"gains": _("；").join(told)}
    said = _("按现有人员，厅专班多一人，%(n)s 次重复运行看不出差别。")
    return said % {"n": result["replications"]}


def _breaking(result, which):
    factor, staff = result["breaks"][which], _("按现有人员")
    if which == "found":
        staff = _("按测算人员")
    if factor is None:
        said = _("%(staff)s，来信到 %(most)s 倍也不会越积越多。")
        return said % {"staff": staff, "most": f"{searching.MOST_VOLUME:g}"}
    if factor == 0:
        return _("%(staff)s，现在就越积越多。") % {"staff": staff}
    parts = {
        "staff": staff,
        "factor": f"{factor:.2f}",
        "letters": number(factor * result["letters"]),
        "days": result["days"],
    }
    return _("%(staff)s，来信到 %(factor)s 倍（%(days)s 天 %(letters)s 封）就越积越多。") % parts


def _spells(spells):
    names = named.units([row["station"].split()[1] for row in spells])
    rows = [
        [
            plain(busy.desk_label(row["station"], names)),
            plain(f"{row['first']} – {row['last']}"),
            Cell(number(row["letters"]), row["letters"]),
            Cell(number(row["days"], 1), row["days"]),
            Cell(f"{row['utilisation']:.0%}", row["utilisation"]),
            Cell(_text("contact_mean", row["wait"]), row["wait"]),
        ]
        for row in spells
    ]
    head = [_("岗位"), _("时段"), _("最多排队"), _("够全员办几天"), _("利用率"), _("平均等候")]
    return Picture("spells", "", "", head, rows, None)

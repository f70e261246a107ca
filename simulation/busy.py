"""How busy each desk is by weekday and hour, as a picture, a table and a CSV."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from simulation import named, weekly
from simulation.cells import Cell, Picture, plain

WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)
GROUPS = {
    "desk": gettext_lazy("专班"),
    "duty": gettext_lazy("值班"),
    "handlers": gettext_lazy("承办"),
    "review": gettext_lazy("审核"),
}


def desks(hours):
    """Return (name, label) of all whose hours are known: desks first, then by pinyin."""
    units = named.mailboxes()
    order, places = list(GROUPS), list(units)

    def place(name):
        group, code = name.split()
        return order.index(group), places.index(code)

    return [(name, desk_label(name, units)) for name in sorted(hours, key=place)]


def desk_label(name, units):
    """Return how a station is called. name: its group and code. units: as of named.mailboxes."""
    group, code = name.split()
    return f"{GROUPS[group]} · {units.get(code, code)}"


def picture(hours, chosen):
    """How busy one desk is by weekday and hour; None if no hours are known."""
    if not hours:
        return None
    names = dict(desks(hours))
    chosen = chosen if chosen in names else next(iter(names))
    week = hours[chosen]
    days = [str(day) for day in WEEKDAYS]
    rows = [
        [plain(f"{hour:02d}:00"), *(_use(week[24 * day + hour]) for day in range(7))]
        for hour in range(24)
    ]
    return Picture(
        "hours",
        _("一周里的忙闲"),
        _("在岗时间中有多少在办信。空白是没有人在岗。"),
        [_("时间"), *days],
        rows,
        {
            "days": days,
            "use": week,
            "nobody": weekly.NOBODY,
            "label": names[chosen],
            "name": chosen,
        },
    )


def _use(per_mille):
    if per_mille == weekly.NOBODY:
        return Cell("", "")
    return Cell(f"{per_mille / 10:.0f}%", per_mille / 10)


def table(hours):
    """Return the hours of all desks as rows of a CSV: desk, weekday, hour, percent."""
    rows = [[_("岗位"), _("星期"), _("时"), _("忙闲（%）")]]
    for name, label in desks(hours):
        for hour, use in enumerate(hours[name]):
            rows.append([label, str(WEEKDAYS[hour // 24]), hour % 24, _use(use).value])
    return rows

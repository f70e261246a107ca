"""The sentences of a month's bulletin, written by its figures."""

from django.utils.translation import gettext as _

from cases.desk import figures
from cases.desk.figure_labels import PROMISES, RATES


def told(period, counts, before):
    """Return (heading, sentence) of each part of the bulletin of a month."""
    return [
        (_("来信与办理"), _handled(period, counts, before)),
        (_("时限"), _in_time(counts, before)),
        (_("督办"), _pressed(counts)),
        (_("成效"), _brought(counts)),
    ]


def _numbers(counts, *names):
    return {name: f"{counts.get(name, 0):,}" for name in names}


def _handled(period, counts, before):
    words = _numbers(counts, "received", "responded", "replied", "closed", "solved", "open")
    words |= {"month": period.label, "change": _change(counts, before, "received")}
    return (
        _(
            "%(month)s收到来信 %(received)s 件，%(change)s；响应 %(responded)s 件，"
            "答复 %(replied)s 件，办结 %(closed)s 件，解决 %(solved)s 件。"
        )
        + _("月末未了结 %(open)s 件。")
    ) % words


def _change(counts, before, name):
    """Say how a count has changed since the month before, as a share too where it means something."""
    now, was = counts.get(name, 0), before.get(name, 0)
    if now == was:
        return _("与上月持平")
    share = f"（{abs(now - was) / was:.1%}）" if was >= 100 else ""
    words = {"n": f"{abs(now - was):,}", "share": share}
    if now > was:
        return _("比上月多 %(n)s 件%(share)s") % words
    return _("比上月少 %(n)s 件%(share)s") % words


def _in_time(counts, before):
    rows = (PROMISES[1], PROMISES[2], PROMISES[4], RATES[5])
    said = [_share(row, counts, before) for row in rows]
    late = _(
        "逾期答复 %(reply_late)s 件，逾期签收 %(sign_late)s 件，逾期联系 %(contact_late)s 件。"
    )
    names = ("reply_late", "sign_late", "contact_late")
    return _("；").join(said) + _("。") + late % _numbers(counts, *names)


def _share(row, counts, before):
    label, parts, wholes, _says = row
    now, was = (figures.share(parts, wholes, c) for c in (counts, before))
    words = {"label": label, "now": figures.percent(now), "before": figures.percent(was)}
    if now is None:
        return _("%(label)s因件数太少不计") % words
    if was is None:
        return _("%(label)s%(now)s") % words
    return _("%(label)s%(now)s（上月%(before)s）") % words


def _pressed(counts):
    names = ("urged", "step_yellow", "step_red", "step_answer_supervision", "returned", "reopened")
    return _(
        "催办 %(urged)s 次，黄牌 %(step_yellow)s 张，红牌 %(step_red)s 张，"
        "督办回复 %(step_answer_supervision)s 次；退回 %(returned)s 次，重办 %(reopened)s 次。"
    ) % _numbers(counts, *names)


def _brought(counts):
    names = ("incidents", "criminal_incidents", "rules", "thanks", "banners")
    return _(
        "查破案件 %(incidents)s 起，其中刑事案件 %(criminal_incidents)s 起；"
        "出台规范性文件 %(rules)s 件；收到感谢信 %(thanks)s 封、锦旗 %(banners)s 面。"
    ) % _numbers(counts, *names)

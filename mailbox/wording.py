"""The citizen's words: for each step that may be told, and for each thing a citizen can do.

A step that is not in STEPS is never told, on no page and in no mail.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateformat import format as in_words
from django.utils.translation import get_language, gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from cases.calendars import SHANGHAI
from cases.fields import FIELDS
from cases.transitions import BY_CITIZEN
from mailbox.traditional import converted

# action → what the citizen reads. "contact-" is the one that reached nobody.
STEPS = {
    "receive": _("您的来信已收到。"),
    "accept": _("信箱已受理您的来信。"),
    "decline": _("您的来信不予受理。"),
    "reconsider": _("您申请了复核，来信将重新审查。"),
    "ask_citizen": _("请您补充情况。"),
    "supply": _("您补充了情况。"),
    "lapse": _("补充的期限已过，将按现有情况继续办理。"),
    "retract_question": _("不需要您补充情况了，来信继续办理。"),
    "retract_decline": _("不予受理的决定已撤销，来信继续办理。"),
    "add": _("您追加了情况。"),
    "dispatch": _("来信已交%(unit)s办理。"),
    "forward_down": _("来信已转%(unit)s办理。"),
    "sign": _("%(unit)s已签收，开始办理。"),
    "contact": _("%(unit)s已与您联系。"),
    "contact-": _("%(unit)s联系过您，没有联系上。"),
    "feedback": _("%(unit)s向您反馈了进展。"),
    "extend": ngettext_lazy(
        "经批准，办理期限延长%(days)s天。", "经批准，办理期限延长%(days)s天。", "days"
    ),
    "recompute": _("办理期限已重新计算，以本页所示为准。"),
    "forget_writer": _("保存期满，您的姓名、电话、证件号码和邮箱已删除。"),
    "approve_reply": _("%(unit)s已答复您。"),
    "arrange_meeting": _("公安机关负责人约您于%(slot)s会见，方式：%(how)s。"),
    "cancel_meeting": _("原来约定的会见取消了。"),
    "meet": _("公安机关负责人会见了您，听取您的诉求。"),
    "rate": _("您作出了评价。"),
    "reopen": _("来信已重新办理。"),
    "close": _("来信已办结。"),
    "merge": _("来信已与反映同一事项的另一封来信合并办理。"),
    "unmerge": _("合并已撤销，来信单独办理。"),
    "transfer_out": _("来信已转交其他部门。"),
    "withdraw": _("来信已按您的要求撤回。"),
    "urge": _("您催办了一次。"),
    "thank": _("您表达了感谢。"),
}
# Told only when the citizen took the step: the office's own pressing is its own business.
_OWN_ONLY = ("urge",)

# To the writer of a letter that was merged into the one that is answered.
MAIN_ANSWERED = _("您反映的事项已有答复。")
# The same where it ended otherwise.
MAIN_ENDED = _("您反映的事项已有处理结果，请查看。")
# To who asked to have what is kept of them corrected or erased.
REQUEST_DECIDED = _("您的个人资料申请已有结果，请查看。")


@dataclass(frozen=True)
class Doing:
    """How a page offers an action: its heading, what it brings, the label of its text."""

    heading: str
    intro: str
    text_label: str = ""
    button: str = _("提交")


DOINGS = {
    "supply": Doing(
        _("补充情况"),
        _("请回答办理单位的问题。收到后，办理单位会继续办理。"),
        _("您的回答"),
        _("提交回答"),
    ),
    "rate": Doing(
        _("评价这次答复"),
        _("请按实际情况评价。只有您的评价才算数，任何人不能代您评价。"),
        _("还想说的话（可不填）"),
        _("提交评价"),
    ),
    "add": Doing(
        _("追加情况"),
        _("有新的情况，可以随时告诉办理单位。"),
        _("新的情况"),
    ),
    "urge": Doing(
        _("催办这封信"),
        _("办理已超过期限。您可以催办，办理单位会收到提醒。"),
        _("想说的话（可不填）"),
        _("催办这封信"),
    ),
    "reopen": Doing(
        _("申请重办"),
        _("如果答复没有解决问题，您可以申请重新办理，只能申请一次。"),
        _("哪里没有解决"),
        _("申请重办"),
    ),
    "reconsider": Doing(
        _("申请复核"),
        _("如果您不同意不予受理，可以说明理由，请信箱重新审查，只能申请一次。"),
        _("您的理由"),
        _("申请复核"),
    ),
    "close": Doing(
        _("确认办结"),
        _("如果不再需要办理，您可以确认办结。办结后仍可评价、致谢或申请重办。"),
        button=_("确认办结"),
    ),
    "thank": Doing(
        _("致谢"),
        _("您的感谢会转达给承办的民警和单位。送锦旗的，请写下锦旗上的话，可以附上照片。"),
        _("感谢的话"),
        _("送出感谢"),
    ),
    "withdraw": Doing(
        _("撤回来信"),
        _("撤回后，这封信不再办理，也不能恢复。需要时可以另写一封。"),
        _("撤回的原因（可不填）"),
        _("确认撤回"),
    ),
}

# Questions that read better to a citizen than the table's labels.
QUESTIONS = {
    "solved": _("您的问题解决了吗？"),
    "satisfied": _("您对这次办理满意吗？"),
    "form": _("以什么形式致谢"),
}


def unit_name(unit):
    """Return a unit's name in the reader's language."""
    if get_language() == "zh-hant":
        return converted(unit.name)
    return unit.name_en if get_language() == "en" else unit.name


def unit_of(officer):
    """Return the name of an officer's unit, or "" where there is none."""
    return unit_name(officer.unit) if officer and officer.unit else ""


def sentence(event):
    """Return what the citizen reads about an event, or "" if it is not told."""
    key = event.action
    if key in _OWN_ONLY and event.role != BY_CITIZEN:
        return ""
    if key == "contact" and not event.data.get("reached"):
        key = "contact-"
    if key not in STEPS:
        return ""
    return STEPS[key] % {
        "unit": unit_name(event.unit),
        "days": event.data.get("days", ""),
        "slot": _moment(event.data.get("slot")),
        "how": dict(FIELDS["how"].choices).get(event.data.get("how"), ""),
    }


def day_in_words(at):
    """Return the day of Guangdong on which a moment lies, in the reader's language."""
    return in_words(at.astimezone(SHANGHAI), gettext("Y年n月j日（l）"))


def _moment(slot):
    if not slot:
        return ""
    return in_words(datetime.fromisoformat(slot).astimezone(SHANGHAI), gettext("Y年n月j日（l）H:i"))

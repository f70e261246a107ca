"""How a letter stands, in its writer's words: who has it, what comes next and by when, what a redo brought."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import access, leading
from cases.calendars import SHANGHAI
from cases.fields import FIELDS
from cases.models import Event
from cases.transitions import ANSWERED, OPEN, STATES, State
from mailbox.history import Step, particulars, words_of
from mailbox.wording import unit_name

# What the office has promised next, by the clock that runs.
_NEXT = {
    "accept": gettext_lazy("信箱受理来信"),
    "sign": gettext_lazy("办理单位签收"),
    "contact": gettext_lazy("办理单位打电话联系您"),
    "feedback": gettext_lazy("办理单位向您反馈进展"),
}
# What the writer of a letter inside reads of the main one, without what its own writer did.
_MAIN = {
    State.IN_REVIEW: gettext_lazy("答复正在审核"),
    State.AWAITING_CITIZEN: gettext_lazy("办理单位正在核实情况"),
    State.REPLIED: gettext_lazy("已答复"),
    State.CLOSED: gettext_lazy("已答复并办结"),
    State.WITHDRAWN: gettext_lazy("合并办理已停止，信箱会重新安排您的来信"),
}
# Ends of a main letter that are no answer, and the step that says where to turn instead.
_ELSEWHERE = {State.DECLINED: "decline", State.TRANSFERRED_OUT: "transfer_out"}


@dataclass(frozen=True)
class Row:
    """One line of how it stands: text, a moment with how far it is, or both; exact: also the hour.

    note: what the writer may want to know of it.
    """

    label: str
    text: str = ""
    at: datetime | None = None
    left: str = ""
    late: bool = False
    exact: bool = False
    provisional: bool = False
    note: str = ""


@dataclass(frozen=True)
class Redo:
    """What the writer asked to have done again, and the answer that this brought, if any."""

    asked: Step
    answered_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class MainAnswer:
    """The answer to the main letter: when, and its words if they may be read by others."""

    at: datetime
    text: str


def state_of(case):
    """Return the state of a letter in its writer's words: an answer that was rated asks for no rating."""
    rated = case.state == State.REPLIED and case.rated_at
    return _("已答复，您已评价") if rated else STATES[case.state].citizen_label


def days_left(at, now):
    """Return how far a moment is from now, in words and whole days of Guangdong."""
    days = (at.astimezone(SHANGHAI).date() - now.astimezone(SHANGHAI).date()).days
    if at < now:
        near = {0: _("刚过期限"), -1: _("已过期限1天")}
        return near.get(days) or _("已过期限%(n)s天") % {"n": -days}
    near = {0: _("今天"), 1: _("明天"), 2: _("后天")}
    return near.get(days) or _("还有%(n)s天") % {"n": days}


def rows_of(case, now):
    """Return the Rows of a letter; of one that was merged, those of the letter that is handled."""
    acting = case.merged_into if case.state == State.MERGED else case
    is_open = acting.state in OPEN
    rows = [Row(_("现在由谁办理") if is_open else _("办理单位"), unit_name(acting.unit))]
    if acting is not case:
        label = _MAIN.get(acting.state) or STATES[acting.state].citizen_label
        rows.insert(0, Row(_("合并办理的进展"), label))
        rows += [Row(name, value) for name, value in _where_else(acting)]
    if acting is case and case.next_clock in _NEXT:
        said = _NEXT[case.next_clock]
        if case.next_clock == "contact" and access.hides_writer(case):
            said = _("办理单位了解情况，有话要问您会写在这里")
        rows.append(_until(_("下一步"), case.next_due_at, now, text=said, exact=True))
    if is_open and acting is case:
        rows += _meeting(case, now)
    if is_open and acting.reply_due_at:
        rows += _answer_by(acting, now, own=acting is case)
    if acting is case and case.next_clock == "supply":
        rows.append(_until(_("请在此前补充"), case.next_due_at, now))
    if acting is case and case.next_clock == "silence":
        rows.append(_until(_("到期自动办结"), case.next_due_at, now))
    return rows


def _meeting(case, now):
    """Return the Row of a meeting that lies ahead, if one is arranged."""
    arranged = leading.meetings().filter(case=case).first()
    if arranged is None or leading.slot_of(arranged) < now:
        return []
    how = dict(FIELDS["how"].choices)[arranged.data["how"]]
    note = _("方式：%(how)s。详情见下面的经过。") % {"how": how}
    return [_until(_("与负责人会见"), leading.slot_of(arranged), now, exact=True, note=note)]


def _answer_by(case, now, own):
    """Return the Rows that say by when an answer is due. own: its reader wrote this very letter."""
    label = _("最迟答复")
    if own and case.state == State.AWAITING_CITIZEN:
        return [Row(label, _("等您补充期间不计时，补充后接着计算。"))]
    at, provisional = case.reply_due_at, case.due_provisional
    note = ""
    if at < now:
        note = _("没有按时答复您，很抱歉。系统已催促办理单位。")
    elif case.extended_days:
        days = case.extended_days
        note = ngettext(
            "已延期%(days)s天，理由见下面的经过。", "已延期%(days)s天，理由见下面的经过。", days
        )
        note %= {"days": days}
    rows = [_until(label, at, now, provisional=provisional, note=note if own else "")]
    if own and case.legal_due_at:
        legal = {"note": _("这封信属于信访事项，这是法律规定的期限。"), "provisional": provisional}
        rows.append(_until(_("法定期限"), case.legal_due_at, now, **legal))
    return rows


def due_of(case, now):
    """Return the Row that says by when an answer to a letter is due, or None where no time runs."""
    acting = case.merged_into if case.state == State.MERGED else case
    if acting.state not in OPEN or not acting.reply_due_at:
        return None
    first = _answer_by(acting, now, own=acting is case)[0]
    return first if first.at else None


def _where_else(main):
    """Return why a main case ended without an answer, and who is asked instead: codes, no words."""
    if main.state not in _ELSEWHERE:
        return ()
    return particulars(main.events.filter(action=_ELSEWHERE[main.state]).order_by("seq").last())


def _until(label, at, now, **more):
    return Row(label, at=at, left=days_left(at, now), late=at < now, **more)


def redo_of(case, steps):
    """Return the Redo that the writer asked for, or None. steps: the Steps of the letter."""
    asked = next((s for s in steps if s.action == "reopen" and s.by_citizen), None)
    if asked is None:
        return None
    answers = [s.at for s in steps if s.action == "approve_reply" and s.at >= asked.at]
    due = case.reply_due_at if case.state in OPEN else None
    return Redo(asked, answers[-1] if answers and case.state in ANSWERED else None, due)


def main_answer(case):
    """Return the MainAnswer that the writer of a merged letter is led to, or None.

    The words are there only if the officer who wrote them and the one who read them let them go
    to others, and then without anything by which the main letter's writer could be known.
    """
    if case.state != State.MERGED:
        return None
    merged = case.events.filter(action="merge").order_by("-seq").first()
    steps = Event.objects.filter(case=case.merged_into_id, at__gte=merged.at)
    steps = steps.filter(action__in=("propose_reply", "approve_reply"))
    proposal = answer = found = None
    for event in steps.select_related("unit", "message", "case__letter__writer").order_by("seq"):
        if event.action == "propose_reply":
            proposal = event
        else:
            answer, found = event, proposal
    return answer and MainAnswer(answer.at, _for_others(found))


def _for_others(proposal):
    if proposal is None or not proposal.data.get("to_merged"):
        return ""
    main = proposal.case
    if access.hides_writer(main):  # it may have become a report since
        return ""
    return access.without_writer(main.letter, words_of(main, proposal))

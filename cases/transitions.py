"""The workflow, declared once: states, fields and transitions as plain data.

Everything else reads this module: model choices and constraints, rights, the
officers' buttons, the citizen's page, timers, the simulator, statistics, the
generated docs and the tests. To add a state, add one row to STATES, the rows
that lead to it and away from it to TRANSITIONS, and one migration; the tests
say what is still missing.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    """Where a case stands. The values are stored, so they are never reworded."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    IN_HAND = "in_hand"
    AWAITING_CITIZEN = "awaiting_citizen"
    IN_REVIEW = "in_review"
    REPLIED = "replied"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"
    TRANSFERRED_OUT = "transferred_out"
    WITHDRAWN = "withdrawn"


START = ""  # the state before the first event
SAME = "="  # the action leaves the state as it is
RESUME = "<"  # back to the state in which the case was asked, or merged

OFFICE, CITIZEN, NOBODY = "office", "citizen", "nobody"

# Kinds of actor. An officer also needs the row's permission.
BY_CITIZEN, BY_OFFICER, BY_SYSTEM = "citizen", "officer", "system"


@dataclass(frozen=True)
class StateInfo:
    """The officer's label, the citizen's label, and whom the case waits for."""

    label: str
    citizen_label: str
    waits_for: str


STATES = {
    State.RECEIVED: StateInfo(_("待受理"), _("已收到，等待受理"), OFFICE),
    State.ACCEPTED: StateInfo(_("已受理"), _("已受理，正在确定办理单位"), OFFICE),
    State.DISPATCHED: StateInfo(_("待签收"), _("已交办，等待办理单位签收"), OFFICE),
    State.IN_HAND: StateInfo(_("办理中"), _("办理单位正在办理"), OFFICE),
    State.AWAITING_CITIZEN: StateInfo(_("待补充"), _("等待您补充情况"), CITIZEN),
    State.IN_REVIEW: StateInfo(_("待审核"), _("答复正在审核"), OFFICE),
    State.REPLIED: StateInfo(_("已答复"), _("已答复，请您评价"), CITIZEN),
    State.CLOSED: StateInfo(_("已办结"), _("已办结"), NOBODY),
    State.DECLINED: StateInfo(_("不予受理"), _("来信不予受理"), NOBODY),
    State.MERGED: StateInfo(_("已并件"), _("已与反映同一事项的来信合并办理"), NOBODY),
    State.TRANSFERRED_OUT: StateInfo(_("转办外单位"), _("已转交其他部门"), NOBODY),
    State.WITHDRAWN: StateInfo(_("已撤回"), _("您已撤回"), NOBODY),
}

AT_DESK = (State.RECEIVED, State.ACCEPTED)
WITH_UNIT = (State.DISPATCHED, State.IN_HAND)
IN_OFFICE = (*AT_DESK, *WITH_UNIT, State.IN_REVIEW)
OPEN = (*IN_OFFICE, State.AWAITING_CITIZEN)
ANSWERED = (State.REPLIED, State.CLOSED)
ENDED = (State.CLOSED, State.DECLINED, State.MERGED, State.TRANSFERRED_OUT, State.WITHDRAWN)
ANY = tuple(State)


@dataclass(frozen=True)
class Transition:
    """One row of the workflow.

    clock: the promise that this action keeps, or, for the system's actions, the
    timer that calls it; its length stands in the policy file.
    requires, allows: names in FIELDS. public: the citizen may read the text.
    """

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    permission: str
    requires: tuple[str, ...]
    why: str
    allows: tuple[str, ...] = ()
    clock: str = ""
    public: bool = False

    def to(self, source):
        """Return the state after this action in `source`; RESUME stays a sign."""
        return source if self.target == SAME else self.target


# fmt: off
_C, _O, _S = BY_CITIZEN, BY_OFFICER, BY_SYSTEM
_ROWS = (
    Transition("receive", _("收到来信"), (START,), State.RECEIVED, (_C, _O), "enter_letter", (),
               "Every letter kept begins with one event; a clerk enters paper letters."),
    Transition("accept", _("受理"), (State.RECEIVED,), State.ACCEPTED, (_O,), "triage_case", (),
               "The desk takes the letter in (签收) and answers for it from here on.", clock="accept"),
    Transition("decline", _("不予受理"), AT_DESK, State.DECLINED, (_O,), "triage_case",
               ("decline_reason", "elsewhere"),
               "A refusal always says why, and where to go instead.", allows=("text",), public=True),
    Transition("reconsider", _("申请复核"), (State.DECLINED,), State.RECEIVED, (_C,), "", ("text",),
               "The citizen may object to a refusal, once.", public=True),
    Transition("reclassify", _("改类"), (*AT_DESK, *WITH_UNIT), SAME, (_O,), "triage_case",
               ("kind", "category"), "Writers choose the wrong kind; used time is kept."),
    Transition("ask_citizen", _("请来信人补充"), (*AT_DESK, State.IN_HAND), State.AWAITING_CITIZEN, (_O,),
               "ask_citizen", ("text",), "Waiting for the citizen stops the office's clock.", public=True),
    Transition("supply", _("补充情况"), (State.AWAITING_CITIZEN,), RESUME, (_C,), "", ("text",),
               "The answer brings the case back to whoever asked.", public=True),
    Transition("lapse", _("逾期未补充"), (State.AWAITING_CITIZEN,), RESUME, (_S,), "", (),
               "Silence must not hold a case for ever: the office goes on with what it has.",
               clock="supply"),
    Transition("add", _("追加情况"), (*IN_OFFICE, State.MERGED), SAME, (_C,), "", ("text",),
               "Later facts reach the handling unit too, those of a merged letter the main case.", public=True),
    Transition("dispatch", _("交办"), (State.ACCEPTED,), State.DISPATCHED, (_O,), "dispatch_case",
               ("unit",), "One unit answers for the case.", allows=("text",)),
    Transition("sign", _("签收"), (State.DISPATCHED,), State.IN_HAND, (_O,), "handle_case", (),
               "Without a signature nobody has it.", clock="sign"),
    Transition("assign", _("指定承办人"), (State.IN_HAND,), SAME, (_O,), "handle_case", ("officer",),
               "A person, not only a unit, has the case."),
    Transition("contact", _("联系来信人"), (State.IN_HAND,), SAME, (_O,), "handle_case",
               ("how", "reached"), "The promise of a first call within the hour.",
               allows=("text",), clock="contact"),
    Transition("feedback", _("首次反馈"), (State.IN_HAND,), SAME, (_O,), "handle_case", ("text",),
               "The citizen hears early how it stands.", clock="feedback", public=True),
    Transition("note", _("内部备注"), ANY, SAME, (_O,), "note_case", ("text",),
               "Notes are never shown to the citizen."),
    Transition("return_to_desk", _("退回"), WITH_UNIT, State.ACCEPTED, (_O,), "handle_case",
               ("return_reason", "text"), "Wrong dispatches go back, with evidence, and are counted."),
    Transition("forward_down", _("下转"), WITH_UNIT, State.DISPATCHED, (_O,), "handle_case", ("unit",),
               "City to district to station.", allows=("text",)),
    Transition("record_result", _("登记结果"), (State.IN_HAND, State.REPLIED, State.CLOSED), SAME, (_O,),
               "handle_case", ("result",), "Solved is counted from a concrete result, not from a reply."),
    Transition("propose_reply", _("拟答复"), (State.IN_HAND,), State.IN_REVIEW, (_O,), "handle_case",
               ("text",), "No reply leaves on one person's word.", allows=("to_merged",)),
    Transition("approve_reply", _("审核通过并答复"), (State.IN_REVIEW,), State.REPLIED, (_O,), "review_reply",
               (), "A second person reads it; then it is sent.", clock="reply"),
    Transition("send_back_reply", _("退回修改"), (State.IN_REVIEW,), State.IN_HAND, (_O,), "review_reply",
               ("text",), "The reviewer says what to mend."),
    Transition("request_extension", _("申请延期"), (State.IN_HAND,), SAME, (_O,), "handle_case", ("days", "text"),
               "The unit asks a leader for more time, and says why."),
    Transition("extend", _("延期"), (State.IN_HAND,), SAME, (_O,), "lead_case", ("days", "text"),
               "A leader approves it, and the citizen is told why.", public=True),
    Transition("refuse_extension", _("不同意延期"), (State.IN_HAND,), SAME, (_O,), "lead_case", ("text",),
               "The limit stands, and the unit hears why."),
    Transition("call_back", _("回访"), ANSWERED, SAME, (_O,), "call_back_case", ("reached",),
               "Another person than the handler asks how it went.", allows=("text",)),
    Transition("rate", _("评价"), ANSWERED, SAME, (_C,), "", ("satisfied", "solved"),
               "Only the writer says whether it is solved.", allows=("text",)),
    Transition("reopen", _("重办"), ANSWERED, State.IN_HAND, (_C, _O), "supervise_case", ("text",),
               "The citizen may ask once; a supervisor may order it.", public=True),
    Transition("close", _("办结"), (State.REPLIED,), State.CLOSED, (_C, _S), "", (),
               "The citizen ends it, or is silent for the days the policy gives.", clock="silence"),
    Transition("merge", _("并件"), (*AT_DESK, *WITH_UNIT), State.MERGED, (_O,), "triage_case", ("into",),
               "One matter is handled once; every letter still counts as received."),
    Transition("unmerge", _("撤销并件"), (State.MERGED,), RESUME, (_O, _S), "triage_case", (),
               "A wrong merge can be undone; a main letter that is withdrawn lets the others go on."),
    Transition("transfer_out", _("转办外单位"), (*AT_DESK, *WITH_UNIT), State.TRANSFERRED_OUT, (_O,),
               "dispatch_case", ("elsewhere", "text"), "Not ours: passed on, and the citizen told where.",
               public=True),
    Transition("withdraw", _("撤回"), (*OPEN, State.MERGED), State.WITHDRAWN, (_C,), "", (),
               "The writer may take the letter back until it is answered, also one that was merged.", allows=("text",)),
    Transition("urge", _("催办"), IN_OFFICE, SAME, (_C, _O, _S), "supervise_case", (),
               "Late cases are pressed; the citizen may press once it is late.", allows=("text",)),
    Transition("supervise", _("督办"), IN_OFFICE, SAME, (_O, _S), "supervise_case", ("level",),
               "Pressing that stays unanswered gets a yellow, then a red card.", allows=("text",)),
    Transition("answer_supervision", _("督办回复"), IN_OFFICE, SAME, (_O,), "handle_case", ("text",),
               "The unit under supervision explains itself."),
    Transition("escalate", _("直报"), IN_OFFICE, SAME, (_O,), "triage_case", ("text",),
               "Grave matters reach the main leader at once."),
    Transition("acknowledge", _("阅知"), (*OPEN, *ANSWERED), SAME, (_O,), "lead_case", (),
               "A direct report waits until the main leader has read it.", allows=("text",)),
    Transition("instruct", _("领导批示"), OPEN, SAME, (_O,), "lead_case", ("text",),
               "Leaders read letters and say what they want done."),
    Transition("take_charge", _("包案"), OPEN, SAME, (_O,), "lead_case", (),
               "One leader answers for it until it is closed.", allows=("text",)),
    Transition("release_charge", _("交回包案"), (*OPEN, *ANSWERED), SAME, (_O,), "lead_case", (),
               "Charge can be handed back, with a word why.", allows=("text",)),
    Transition("arrange_meeting", _("约定会见"), OPEN, SAME, (_O,), "lead_case", ("how", "slot"),
               "The writer is told when and where the head will meet them.",
               allows=("link", "text"), public=True),
    Transition("cancel_meeting", _("取消会见"), (*OPEN, *ANSWERED), SAME, (_O,), "lead_case", ("text",),
               "A meeting that will not be held is called off, and the writer told why.", public=True),
    Transition("meet", _("登记会见"), (*OPEN, *ANSWERED), SAME, (_O,), "lead_case", ("how",),
               "The head has met the writer, on line or in person; the minutes stay inside.",
               allows=("text",)),
    Transition("pass_clue", _("移送案件线索"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "handle_case", ("review",),
               "A clue of a crime leaves the mailbox, and the legal time to decide on it begins.",
               allows=("text",)),
    Transition("decide_filing", _("登记立案审查结果"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "handle_case", ("filing",), "A clue is filed under a number, or it is said why not.",
               allows=("number", "text")),
    Transition("record_incident", _("登记查破案件"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "handle_case", ("number",), "A clue leaves the mailbox and becomes a case of its own."),
    Transition("record_rule", _("登记规范性文件"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "record_rule", ("number", "title"), "Common faults become rules."),
    Transition("record_finding", _("登记认定"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "review_reply", ("finding", "text"),
               "A complaint about police ends in a finding: true, partly or not."),
    Transition("record_rectification", _("整改措施"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "review_reply", ("by_date", "text"), "What was found true is put right by a day."),
    Transition("end_rectification", _("整改完成"), (State.IN_HAND, State.IN_REVIEW, *ANSWERED), SAME, (_O,),
               "review_reply", ("text",), "Someone other than the accused says that it is done."),
    Transition("thank", _("致谢"), ANSWERED, SAME, (_C,), "", ("form", "text"),
               "Thanks are part of the case, so that they are counted once."),
    Transition("recall", _("收回"), (*WITH_UNIT, State.IN_REVIEW), State.ACCEPTED, (_O,), "dispatch_case",
               ("text",), "A wrong dispatch is taken back by the desk, and from the accused at any time."),
    Transition("name_accused", _("指明被反映单位"), ANY, SAME, (_O,), "triage_case", ("accused_unit",),
               "Whom a letter complains of is often understood only when it is read.", allows=("text",)),
    Transition("clear_accused", _("撤销被反映单位"), ANY, SAME, (_O,), "triage_case", ("text",),
               "A unit that was named by mistake may handle the letter again."),
    Transition("recuse", _("回避"), ANY, SAME, (_O,), "note_case", ("officer", "recusal_reason"),
               "Who has an interest neither handles nor reads the letter.", allows=("text",)),
    Transition("end_recusal", _("撤销回避"), ANY, SAME, (_O,), "lead_case", ("officer", "text"),
               "A recusal that was a mistake is taken back by a leader, with a reason."),
    Transition("hand_over", _("移交承办"), (State.IN_HAND, State.AWAITING_CITIZEN, State.IN_REVIEW, State.REPLIED),
               SAME, (_O,), "hand_over_case", ("officer",),
               "Who leaves or is ill hands over every open case, not only what is in hand.", allows=("text",)),
    Transition("retract_question", _("撤回提问"), (State.AWAITING_CITIZEN,), RESUME, (_O,), "ask_citizen", (),
               "A question asked by mistake holds nobody up: the clock runs on, and the writer is told.",
               allows=("text",), public=True),
    Transition("retract_decline", _("撤销不予受理"), (State.DECLINED,), RESUME, (_O,), "triage_case", (),
               "The office mends its own mistake without waiting for an objection; used time is kept.",
               allows=("text",), public=True),
    Transition("recompute", _("重新计算期限"), IN_OFFICE, SAME, (_S,), "", ("cause",),
               "New rules, or a year's calendar that has come, move limits; each case says so."),
    Transition("forget_writer", _("删除来信人身份"), ENDED, SAME, (_S,), "", (),
               "Who wrote is known no longer than was promised; what was done stays, and every figure."),
)
# fmt: on

TRANSITIONS = {row.action: row for row in _ROWS}

# Permissions of officers; which group has which is data (cases/data/roles.json).
PERMISSIONS = (
    ("enter_letter", _("代录来信")),
    ("triage_case", _("受理与分类")),
    ("ask_citizen", _("请来信人补充")),
    ("dispatch_case", _("交办与转办")),
    ("handle_case", _("签收与办理")),
    ("note_case", _("写内部备注")),
    ("hand_over_case", _("移交承办件")),
    ("review_reply", _("审核答复")),
    ("lead_case", _("批示、会见与延期审批")),
    ("supervise_case", _("催办与督办")),
    ("call_back_case", _("回访")),
    ("record_rule", _("登记规范性文件")),
    ("reveal_identity", _("说明理由后查看来信人身份")),
    ("view_report_writer", _("可查看举报人身份")),
    ("view_statistics", _("查看统计")),
    ("view_audit", _("查看日志与身份查看记录")),
    ("run_simulation", _("运行模拟")),
)


def actions_from(state, role):
    """Return the rows that an actor of this kind may find in `state`, in table order."""
    return [row for row in _ROWS if state in row.sources and role in row.roles]

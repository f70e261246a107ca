"""Rules that go beyond a row of the table: one named list, each a small function.

A guard gets the locked case, the actor, what was said and the time, and raises
GuardRefused with a sentence that says what would be right.
"""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import access, actors, extensions, in_force, leading_guards, replay
from cases.calendars import DAY, MICROSECOND
from cases.fields import PROBLEM_KINDS
from cases.inputs import no_such_letter
from cases.models import Case
from cases.refusals import GuardRefused
from cases.transitions import BY_CITIZEN, BY_SYSTEM, OPEN, State


def check(case, row, actor, said, at):
    """Run the guards of this action, in order."""
    for guard in GUARDS.get(row.action, ()):
        guard(case, actor, said, at)


def _leader_decides_after_returns(case, actor, said, at):
    limit = in_force.policy(at).return_limit
    may_lead = actor.simulated or actor.user.has_perm("cases.lead_case")
    if case.returns >= limit and not may_lead:
        raise GuardRefused(_("已退回%(n)s次，应由领导指定办理单位。") % {"n": case.returns})


def _no_return_after_leader(case, actor, said, at):
    if case.returns >= in_force.policy(at).return_limit:
        raise GuardRefused(_("已由领导指定办理单位，不能再退回。"))


def _not_to_the_accused(case, actor, said, at):
    if case.accused_unit and said.unit.is_within(case.accused_unit):
        raise GuardRefused(_("被反映的单位应当回避，请交其他单位办理。"))


def _only_downwards(case, actor, said, at):
    if said.unit.pk == case.unit_id or not said.unit.is_within(case.unit):
        raise GuardRefused(_("下转只能转给本单位的下级。"))


def _not_to_a_mailbox_desk_itself(case, actor, said, at):
    if said.unit.pk == case.mailbox_id:
        raise GuardRefused(_("来信已在本信箱，请选择办理单位。"))


def _within_the_mailbox(case, actor, said, at):
    if not said.unit.is_within(case.mailbox):
        raise GuardRefused(_("只能交给本信箱所属的单位，其他单位请转办。"))


def _officer_of_the_unit(case, actor, said, at):
    if said.officer.unit_id != case.unit_id:
        raise GuardRefused(_("承办人应是办理单位的民警。"))


def _not_to_the_recused(case, actor, said, at):
    if case.recusals.filter(officer=said.officer).exists():
        raise GuardRefused(_("这名民警已对本件回避，请交其他人办理。"))


def _accused_is_not_the_mailbox(case, actor, said, at):
    if case.mailbox.is_within(said.accused):
        raise GuardRefused(_("这个单位管着本信箱，应当整体回避，请转办上级机关。"))


def _accused_is_named(case, actor, said, at):
    if not case.accused_unit_id:
        raise GuardRefused(_("本件没有指明被反映单位。"))


def _recuse_oneself_or_lead(case, actor, said, at):
    if actor.user and actor.user != said.officer and not access.may_recuse_others(actor.user):
        raise GuardRefused(_("您只能为自己申请回避，他人回避由专班或领导决定。"))


def _recused_once(case, actor, said, at):
    if case.recusals.filter(officer=said.officer).exists():
        raise GuardRefused(_("这名民警已经回避。"))


def _someone_is_recused(case, actor, said, at):
    if not case.recusals.exists():
        raise GuardRefused(_("本件没有人回避。"))


def _is_recused(case, actor, said, at):
    if not case.recusals.filter(officer=said.officer).exists():
        raise GuardRefused(_("这名民警没有回避。"))


def _object_once(case, actor, said, at):
    if case.events.filter(action="reconsider").exists():
        raise GuardRefused(_("已申请过复核，不能再次申请。"))


def _citizen_reopens_once(case, actor, said, at):
    if actor.role == BY_CITIZEN and case.events.filter(action="reopen", role=BY_CITIZEN).exists():
        raise GuardRefused(_("您已申请过一次重办，不能再次申请。"))


def _rate_once_a_reply(case, actor, said, at):
    if case.rated_at:  # a reopening forgets it
        raise GuardRefused(_("您已评价过这次答复。"))


def _thank_once(case, actor, said, at):
    if case.events.filter(action="thank", data__form=said.data["form"]).exists():
        raise GuardRefused(_("已收到您的致谢，谢谢。"))


def _result_before_reply(case, actor, said, at):
    if case.kind in PROBLEM_KINDS and not case.result:
        raise GuardRefused(_("答复求助、投诉、举报前，请先登记办理结果。"))


def _answers_others_openly(case, actor, said, at):
    if said.data.get("to_merged") and access.hides_writer(case):
        raise GuardRefused(_("举报和保密来信的答复不能给其他来信人看，请选“否”。"))


def _not_by_the_author(case, actor, said, at):
    author = case.events.filter(action="propose_reply").order_by("-seq").first()
    if actor.user and author and author.user_id == actor.user.pk:
        raise GuardRefused(_("拟稿人不能审核自己的答复。"))


def _extend_once(case, actor, said, at):
    if case.extended_days:
        raise GuardRefused(_("已延期一次，不能再延。"))


def _extend_within_the_policy(case, actor, said, at):
    most = in_force.policy(at).length(case.mailbox.level, case.kind, "extension")
    if timedelta(days=said.data["days"]) > most.size * MICROSECOND:
        days = most.size // DAY
        said = ngettext("这类来信最多延期%(days)s天。", "这类来信最多延期%(days)s天。", days)
        raise GuardRefused(said % {"days": days})


def _extend_within_the_law(case, actor, said, at):
    """No reply is promised for after the legal limit with all that the law adds to it."""
    most = in_force.policy(at).length(case.mailbox.level, case.kind, "legal_extension")
    if most is None or case.legal_due_at is None:
        return
    latest = case.legal_due_at + timedelta(microseconds=most.size)
    if case.reply_due_at + timedelta(days=said.data["days"]) > latest:
        raise GuardRefused(_("延期后的答复期限超过了法定期限，法定期限最多延长30日。"))


def _extend_before_it_is_late(case, actor, said, at):
    if at > case.reply_due_at:
        raise GuardRefused(_("答复期限已过，不能再延期。"))


def _timer_has_run_out(case, actor, said, at):
    if actor.role == BY_SYSTEM and (case.next_due_at is None or at < case.next_due_at):
        raise GuardRefused(_("期限未到。"))


def _citizen_urges_when_late(case, actor, said, at):
    late = case.next_due_at is not None and at > case.next_due_at
    if actor.role == BY_CITIZEN and not late:
        raise GuardRefused(_("还在办理期限内，暂不能催办。"))


def _supervision_is_open(case, actor, said, at):
    if not case.supervision:
        raise GuardRefused(_("目前没有待回复的督办。"))


def check_finds(user, case):
    """Refuse a main case that is hidden from an officer as one that is not there. Raises: Incomplete."""
    if case and not access.visible_cases(user).filter(pk=case.pk).exists():
        raise no_such_letter("into")


def _into_an_open_case(case, actor, said, at):
    if actor.user:
        check_finds(actor.user, said.into)
    # Locked without waiting, since two cases merged into each other at once would wait for ever.
    main = Case.objects.select_for_update(skip_locked=True).filter(pk=said.into.pk).first()
    if main is None:
        raise GuardRefused(_("主件正由他人办理，请稍后再试。"))
    if main.pk == case.pk or main.state not in OPEN:
        raise GuardRefused(_("只能并入另一件正在办理的来信。"))
    if case.accused_unit_id != main.accused_unit_id:
        raise GuardRefused(_("两件来信反映的单位不同，不能并件。"))
    mine, others = (set(c.recusals.values_list("officer", flat=True)) for c in (case, main))
    if mine != others:
        raise GuardRefused(_("两件来信回避的民警不同，不能并件。"))


def _main_case_is_open(case, actor, said, at):
    if case.state == State.MERGED and case.merged_into.state not in OPEN:
        raise GuardRefused(
            _("合并办理的来信已经办完，不能再追加或撤回。有新的情况，请另写一封信。")
        )


def _no_letters_inside(case, actor, said, at):
    if case.merged.filter(state=State.MERGED).exists():
        raise GuardRefused(_("已有来信并入本件，请先撤销并件。"))


def _extension_is_asked(case, actor, said, at):
    if extensions.asked(case) is None:
        raise GuardRefused(_("没有等待审批的延期申请。"))


def _limits_move(case, actor, said, at):
    if not replay.moved(case, in_force.versions(), case.mailbox.level, at):
        raise GuardRefused(_("期限没有变化。"))


_EXTENDING = (
    _extend_once,
    _extend_within_the_policy,
    _extend_within_the_law,
    _extend_before_it_is_late,
)
GUARDS = {
    "reconsider": (_object_once,),
    "dispatch": (
        _leader_decides_after_returns,
        _not_to_a_mailbox_desk_itself,
        _within_the_mailbox,
        _not_to_the_accused,
    ),
    "forward_down": (_only_downwards, _not_to_the_accused),
    "return_to_desk": (_no_return_after_leader,),
    "assign": (_officer_of_the_unit, _not_to_the_recused),
    "hand_over": (_officer_of_the_unit, _not_to_the_recused),
    "name_accused": (_accused_is_not_the_mailbox,),
    "clear_accused": (_accused_is_named,),
    "recuse": (_recuse_oneself_or_lead, leading_guards.not_who_supervises, _recused_once),
    "end_recusal": (_someone_is_recused, _is_recused),
    "propose_reply": (_result_before_reply, _answers_others_openly),
    "approve_reply": (_not_by_the_author,),
    "extend": _EXTENDING,
    "request_extension": _EXTENDING,
    "refuse_extension": (_extension_is_asked,),
    "rate": (_rate_once_a_reply,),
    "reopen": (_citizen_reopens_once,),
    "thank": (_thank_once,),
    "close": (_timer_has_run_out,),
    "lapse": (_timer_has_run_out,),
    "urge": (_timer_has_run_out, _citizen_urges_when_late),
    "recompute": (_limits_move,),
    "supervise": (_timer_has_run_out,),
    "answer_supervision": (_supervision_is_open,),
    "add": (_main_case_is_open,),
    "withdraw": (_main_case_is_open,),
    "merge": (_into_an_open_case, _no_letters_inside),
    **leading_guards.GUARDS,
}

# Guards that ask nothing of what is said: what they refuse is not offered.
_KNOWN_BEFORE = (
    _leader_decides_after_returns,
    _no_return_after_leader,
    _extend_once,
    _extend_before_it_is_late,
    _extension_is_asked,
    _supervision_is_open,
    _no_letters_inside,
    _accused_is_named,
    _someone_is_recused,
    *leading_guards.KNOWN_BEFORE,
)


def open_to(user, case, at):
    """Return the rows that an officer is offered: the table's, less what a guard would refuse anyway."""
    actor = actors.officer(user)
    rows = access.actions_for(user, case)
    return [row for row in rows if not _refused_already(case, row, actor, at)]


def _refused_already(case, row, actor, at):
    try:
        for guard in GUARDS.get(row.action, ()):
            if guard in _KNOWN_BEFORE:
                guard(case, actor, None, at)
    except GuardRefused:
        return True
    return False

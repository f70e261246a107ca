"""Guards of what leaders and inspectors do: charge, meetings, clues, findings, rectifications.

Part of the one list in cases/guards.py, which says how a guard is called.
"""

from datetime import timedelta

from django.utils.translation import gettext as _

from cases import leading
from cases.refusals import GuardRefused

# How far ahead a meeting may be arranged.
_AHEAD = timedelta(days=90)


def not_who_supervises(case, actor, said, at):
    """Let nobody keep from a letter who supervises from above, or reads who was shown its writer."""
    user, other = actor.user, said.officer
    if user in (None, other):
        return
    near = other.unit and any(other.unit.is_within(u) for u in (case.mailbox, user.unit) if u)
    audits = other.has_perm("cases.view_audit") and not user.has_perm("cases.lead_case")
    if audits or not near:
        raise GuardRefused(_("只能决定本单位、信箱及其下级的民警回避；审计员由本人或领导提出。"))


def _not_in_charge_already(case, actor, said, at):
    charge = leading.standing(case).charge
    if charge and actor.user and charge.user_id == actor.user.pk:
        raise GuardRefused(_("本件已由您包案。"))


def _someone_is_in_charge(case, actor, said, at):
    if not leading.standing(case).charge:
        raise GuardRefused(_("本件没有领导包案。"))


def _slot_lies_ahead(case, actor, said, at):
    slot = leading.slot_of(said)
    if not at < slot <= at + _AHEAD:
        raise GuardRefused(_("会见时间应在今后90天之内。"), ["slot"])


def _meeting_is_arranged(case, actor, said, at):
    if not leading.standing(case).meeting:
        raise GuardRefused(_("目前没有约定的会见。"))


def _meeting_has_begun(case, actor, said, at):
    meeting = leading.standing(case).meeting
    if meeting and at < leading.slot_of(meeting):
        raise GuardRefused(_("约定的会见时间还没有到。"))


def _clue_is_undecided(case, actor, said, at):
    if not leading.standing(case).clue:
        raise GuardRefused(_("没有待审查的案件线索。"))


def _filed_under_a_number(case, actor, said, at):
    if said.data["filing"] == "filed" and "number" not in said.data:
        raise GuardRefused(_("立案的，请填写案件编号。"), ["number"])


def _is_about_police(case, actor, said, at):
    if not leading.is_about_police(case):
        raise GuardRefused(_("只有反映民警或公安单位问题的来信才作认定。"))


def _was_found_true(case, actor, said, at):
    if not leading.standing(case).found_faulty:
        raise GuardRefused(_("先登记属实或部分属实的认定，再定整改措施。"))


def _rectification_is_open(case, actor, said, at):
    if not leading.standing(case).rectification:
        raise GuardRefused(_("目前没有未完成的整改。"))


def _put_right_in_time(case, actor, said, at):
    if leading.day_ends(said.data["by_date"]) <= at:
        raise GuardRefused(_("完成期限不能早于今天。"), ["by_date"])


GUARDS = {
    "take_charge": (_not_in_charge_already,),
    "release_charge": (_someone_is_in_charge,),
    "arrange_meeting": (_slot_lies_ahead,),
    "cancel_meeting": (_meeting_is_arranged,),
    "meet": (_meeting_has_begun,),
    "decide_filing": (_clue_is_undecided, _filed_under_a_number),
    "record_finding": (_is_about_police,),
    "record_rectification": (_was_found_true, _put_right_in_time),
    "end_rectification": (_rectification_is_open,),
}

# Those that ask nothing of what is said.
KNOWN_BEFORE = (
    _not_in_charge_already,
    _someone_is_in_charge,
    _meeting_is_arranged,
    _meeting_has_begun,
    _clue_is_undecided,
    _is_about_police,
    _was_found_true,
    _rectification_is_open,
)

"""Who may see and do what: the only door to a case. Absent and forbidden look the same."""

from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases import crypto, identity, receipts, worlds, writers
from cases.models import Case, Disclosure, Officer, Recusal, Unit
from cases.refusals import Incomplete, NotFound, NotPermitted
from cases.striking import strike
from cases.transitions import BY_CITIZEN, BY_OFFICER, actions_from

# Without one of these an officer sees no letters at all (administrator, statistician).
_READING = (
    "triage_case dispatch_case handle_case review_reply lead_case"
    " supervise_case call_back_case enter_letter view_audit"
).split()
# Of one writer's letters, so many are looked at; nobody writes more.
_MOST_OF_A_WRITER = 500


def check_actor(actor, case, row):
    """Raise NotFound if the case is hidden from this actor, NotPermitted if the step is."""
    allowed = actor.role in row.roles
    if actor.simulated:
        allowed = allowed and not worlds.current().live
    elif actor.role == BY_CITIZEN:
        if actor.case_id != case.pk:
            raise NotFound()
    elif actor.role == BY_OFFICER:
        check_sees(actor.user, case)
        allowed = allowed and actor.user.has_perm(f"cases.{row.permission}")
    if not allowed:
        raise NotPermitted(_("您没有“%(action)s”的权限。") % {"action": row.label})


def check_sees(user, case):
    """Raise NotFound unless this officer sees the case."""
    if not visible_cases(user).filter(pk=case.pk).exists():
        raise NotFound()


def may_enter(user, world):
    """Return whether an officer may go into a world: their own for practice, or a run's."""
    if world.owner_id:
        return user.is_active and world.owner_id == user.pk
    return user.has_perm("cases.run_simulation")


def reads_letters(user):
    """Return whether an officer may read letters at all; in a run's world planners may too."""
    if not (user.is_active and user.unit):
        return False
    in_a_run = not worlds.current().live and user.has_perm("cases.run_simulation")
    return in_a_run or any(user.has_perm(f"cases.{p}") for p in _READING)


def visible_cases(user):
    """Return the cases of the officer's unit and of those below it, less what recusal hides.

    A letter's own mailbox keeps sight of it wherever it is dispatched. Who is accused,
    stands below an accused unit, or is recused, neither handles nor reads the letter.
    """
    if not reads_letters(user):
        return Case.objects.none()
    return counted_for(user)


def counted_for(user):
    """Return the cases that count in the figures an officer is shown, who need not read letters.

    Who is recused is told nothing of a letter, not even that there is one more; and a figure says
    as many as the list that it opens.
    """
    return _less_recused(user, cases_of(user.unit)) if user.unit else Case.objects.none()


def recused_ids(user):
    """Return the ids of the cases that recusal hides from an officer."""
    return list(Recusal.objects.filter(officer=user).values_list("case", flat=True))


def merged_inside(user, case):
    """Return the cases merged into one that the officer sees, less what recusal hides.

    They are handled with it, so who handles it reads them, wherever they lay before.
    """
    return _readable(user, Case.objects.filter(merged_into=case.pk))


def readable(user, keys):
    """Return those of the keys of cases inside one that the officer sees which recusal does not hide."""
    return list(_readable(user, Case.objects.filter(pk__in=keys)).values_list("pk", flat=True))


def _readable(user, cases):
    return _less_recused(user, _less_accused(user.unit, cases))


def _less_recused(user, cases):
    return cases.exclude(pk__in=Recusal.objects.filter(officer=user).values("case"))


def cases_of(unit):
    """Return the cases that count for a unit: what its officers see if they may read at all."""
    every = unit.is_over_all  # then nothing is left to be asked
    mine = Q() if every else Q(unit__in=unit.below) | Q(mailbox__in=unit.below)
    return _less_accused(unit, Case.objects.filter(mine))


def _less_accused(unit, cases):
    return cases.exclude(accused_unit__in=unit.above)


def case_for_officer(user, receipt):
    """Return the case with this receipt if the officer sees it.

    Raises: NotFound, whether it is absent or hidden, after the same query.
    """
    case = (
        visible_cases(user)
        .select_related("letter", "mailbox", "unit", "officer", "accused_unit")
        .filter(letter__receipt=identity.clean(receipt))
        .first()
    )
    if case is None:
        raise NotFound()
    return case


def case_for_citizen(receipt, code):
    """Return the case that this receipt and query code open.

    Raises: NotFound for a wrong receipt or a wrong code alike.
    """
    receipt = identity.clean(receipt)
    case = (
        Case.objects.select_related(
            "letter__renewed_code", "mailbox", "unit", "merged_into__letter"
        )
        .filter(letter__receipt=receipt)
        .first()
    )
    stored = _code_hash(case.letter) if case else ""
    if not receipts.code_fits(receipt, code, stored):
        raise NotFound()
    return case


def _code_hash(letter):
    """Return what is kept of the query code that opens a letter now."""
    return (
        letter.renewed_code.code_hash if hasattr(letter, "renewed_code") else letter.query_code_hash
    )


def actions_for(user, case):
    """Return the rows an officer may take now: those of the table that the officer's rights allow."""
    rows = actions_from(case.state, BY_OFFICER)
    return [row for row in rows if user.has_perm(f"cases.{row.permission}")]


def may_know_writer(user, case):
    """Return whether this officer may ever be shown who wrote."""
    return user.has_perm("cases.reveal_identity") and may_link_writer(user, case)


def may_link_writer(user, case):
    """Return whether this officer may learn that one person wrote this letter and another.

    The writer of a report (举报), or of a letter sent in confidence, is hidden from the
    handling unit: only who has the right `view_report_writer` at the mailbox may see it.
    """
    if not hides_writer(case):
        return True
    at_mailbox = user.unit_id and user.unit_id in (case.mailbox_id, case.mailbox.parent_id)
    return bool(at_mailbox) and user.has_perm("cases.view_report_writer")


def hides_writer(case):
    """Return whether nobody but the mailbox may learn who wrote: of reports and confidential letters."""
    return case.letter.confidential or "report" in (case.letter.kind, case.kind)


_NUMBERS = "phone id_number email company guardian_phone".split()
_NAMES = "name for_person guardian".split()


def without_writer(letter, text):
    """Return a text in which nothing stands by which its reader could tell who wrote a letter."""
    try:
        known = _opened(letter) if letter.writer else {}
    except crypto.SealError:  # what cannot be read cannot be struck out
        return ""
    names = [known.get(name) for name in _NAMES] + known.get("together", "").split("、")
    return strike(text, [letter.receipt, *map(known.get, _NUMBERS)], names)


def identity_for(user, case):
    """Return the writer's identity, masked, or {} if this officer may not know it."""
    if case.letter.writer is None or not may_know_writer(user, case):
        return {}
    return {k: identity.mask(k, v) for k, v in writers.readable(case.letter).items()}


def own_identity(letter, whole=False):
    """Return what is kept of a letter's writer for themself: masked, or whole if they proved who they are."""
    known = writers.readable(letter)
    return known if whole else {k: identity.mask(k, v) for k, v in known.items()}


def reveal(user, case, reason):
    """Return the writer's whole identity, and keep who saw it and why.

    Raises: NotPermitted; Incomplete without a reason.
    """
    check_sees(user, case)
    if case.letter.writer is None or not may_know_writer(user, case):
        raise NotPermitted(_("您不能查看这封信的来信人。"))
    reason = _checked_reason(reason)
    Disclosure.objects.create(letter=case.letter, user=user, reason=reason, at=worlds.now())
    return writers.readable(case.letter)


def cases_of_writer(user, number, reason):
    """Return the newest letters of whoever has this telephone or identity number.

    Only those that the officer sees and whose writer they may know; that each was found is kept
    like a showing of the writer, for it tells the same.
    Raises: NotPermitted; Incomplete without a number or a reason.
    """
    if not user.has_perm("cases.reveal_identity"):
        raise NotPermitted(_("您没有按来信人查找的权限。"))
    if len(identity.squeeze(number)) < 5:
        raise Incomplete(_("请填写完整的电话或证件号码。"), ["number"])
    reason = _checked_reason(reason)
    found = visible_cases(user).filter(_writer_has(number)).select_related("letter__writer")
    found = found.select_related("letter", "mailbox", "unit", "officer").order_by("-pk")
    found = [case for case in found[:_MOST_OF_A_WRITER] if may_know_writer(user, case)]
    at = worlds.now()
    Disclosure.objects.bulk_create(
        Disclosure(letter=case.letter, user=user, reason=reason, at=at) for case in found
    )
    return found


def _writer_has(number):
    """Return the condition that a letter's writer has this number, typed in whatever form."""
    found = Q(letter__writer__id_index__in=crypto.blind_indexes("id_number", number))
    try:
        phone = identity.check_phone(number)
    except identity.BadInput:
        return found
    return found | Q(letter__writer__phone_index__in=crypto.blind_indexes("phone", phone))


def _checked_reason(reason):
    reason = identity.clean(reason or "")
    if not 2 <= len(reason) <= 200:
        raise Incomplete(_("请用2至200字说明查看理由。"), ["reason"])
    return reason


def units_to_choose(case, action):
    """Return the units to which a case may be sent."""
    units = Unit.objects.filter(active=True)
    if action == "forward_down":
        units = units.filter(path__startswith=case.unit.path).exclude(pk=case.unit_id)
    else:
        units = units.filter(path__startswith=case.mailbox.path).exclude(pk=case.mailbox_id)
    if case.accused_unit:
        units = units.exclude(path__startswith=case.accused_unit.path)
    return units.order_by(F("level"), "pinyin")


def units_to_accuse(case):
    """Return the units that a letter to this mailbox may be found to complain of."""
    below = Unit.objects.filter(active=True, path__startswith=case.mailbox.path)
    return below.exclude(pk=case.mailbox_id).order_by(F("level"), "pinyin")


def officers_to_recuse(user, case):
    """Return the officers whom this one may recuse: themself, or anyone near it for a leader."""
    officers = Officer.objects.filter(is_active=True).order_by("username")
    if not may_recuse_others(user):
        return officers.filter(pk=user.pk)
    return officers.filter(unit__in={case.unit_id, case.mailbox_id, user.unit_id})


def may_recuse_others(user):
    """Return whether this officer may say that another has an interest: a leader, or the desk."""
    return user.has_perm("cases.lead_case") or user.has_perm("cases.triage_case")


def _opened(letter):
    return crypto.open_sealed(letter.writer.key_id, letter.writer.sealed)


def notice_address(letter, name):
    """Return the writer's "email" or "phone", or "", for notices to themself; nobody is shown it."""
    return _opened(letter).get(name, "") if letter.writer else ""

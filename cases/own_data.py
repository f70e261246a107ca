"""What writers may do about their letters once a telephone is proved theirs."""

from django.utils.translation import gettext as _

from cases import access, crypto, identity, receipts
from cases.intake import settle_request
from cases.models import Case, DataRequest, RenewedCode
from cases.refusals import GuardRefused, Incomplete, NotFound
from cases.transitions import NOBODY, STATES

# Nobody writes more.
_MOST = 200


def cases_of_phone(indexes):
    """Return the cases whose writers left the telephone with these blind indexes, the newest first.

    indexes: of one telephone under each key, with spaces between.
    """
    mine = Case.objects.filter(letter__writer__phone_index__in=indexes.split())
    mine = mine.select_related("letter", "letter__writer", "mailbox", "unit", "merged_into__unit")
    return list(mine.order_by("-pk")[:_MOST])


def case_of_phone(indexes, receipt):
    """Return the one of these cases with this receipt. Raises: NotFound, absent or another's."""
    for case in cases_of_phone(indexes):
        if case.letter.receipt == identity.clean(receipt):
            return case
    raise NotFound()


def is_own_number(case, id_number):
    """Return whether an identity number is the one that was left with a letter."""
    return case.letter.writer.id_index in crypto.blind_indexes("id_number", id_number)


def renew_code(case, id_number, at):
    """Give a letter a new query code and return it; the old one opens nothing from now on.

    A telephone is often a family's: what is kept secret asks for the identity number too.
    Raises: Incomplete if it is not the writer's; GuardRefused where none was left.
    """
    if access.hides_writer(case):
        if not case.letter.writer.id_index:
            raise GuardRefused(_("这封保密来信没有登记证件号码，请带证件到信箱办理。"))
        if not is_own_number(case, id_number):
            raise Incomplete(_("证件号码与这封信登记的不一致。"), ["id_number"])
    code = receipts.new_query_code()
    kept = {"code_hash": receipts.hash_code(case.letter.receipt, code), "issued_at": at}
    RenewedCode.objects.update_or_create(letter=case.letter, defaults=kept)
    return code


def why_not_erased(case):
    """Return why the writer of a letter cannot have their identity erased now, or ""."""
    acting = case.merged_into or case
    if STATES[acting.state].waits_for != NOBODY:
        return _(
            "来信办结前，公安机关履行法定职责需要您的身份和联系方式"
            "（《个人信息保护法》第十三条第一款第三项），暂时不能删除。办结后可以申请。"
        )
    if not access.own_identity(case.letter):
        return _("这封信没有保存身份资料。")
    return ""


def ask_correction(cases, person, at):
    """Ask for another telephone or e-mail address in these cases; return how many requests are new.

    person: as identity.checked_person returned it. One that waits already is not asked twice.
    """
    found = 0
    for case in cases:
        key_id, sealed = crypto.seal(person)
        more = {"key_id": key_id, "sealed": sealed, "asked_at": at}
        found += _ask(case, DataRequest.CORRECT, **more)
    return found


def ask_erasure(case, at):
    """Ask to have the identity of a letter's writer erased. Raises: GuardRefused with the reason."""
    reason = why_not_erased(case)
    if reason:
        raise GuardRefused(reason)
    return _ask(case, DataRequest.ERASE, asked_at=at)


def is_erasure_asked(case):
    """Say whether a wish to have the writer erased waits to be decided. Reads what was fetched."""
    asked = case.letter.data_requests.all()
    return any(one.kind == DataRequest.ERASE and not one.decision for one in asked)


def _ask(case, kind, **columns):
    waiting = {"letter": case.letter, "kind": kind, "decision": ""}
    return DataRequest.objects.get_or_create(**waiting, defaults=columns)[1]


def to_be_told():
    """Return the requests that were decided and whose writers have not been told so."""
    decided = DataRequest.objects.exclude(decision="").exclude(key_id="")
    return decided.select_related("letter__case", "letter__notice_choice").order_by("pk")


def contact_of(asked):
    """Return where the writer is told of a decided request: "email", "phone", or neither once they were."""
    return crypto.open_sealed(asked.key_id, asked.sealed) if asked.key_id else {}


def forget_contact(asked):
    """Forget where the writer of a decided request was told."""
    DataRequest.objects.filter(pk=asked.pk).exclude(decision="").update(sealed=None, key_id="")


def requests_for(user):
    """Return the requests that wait for an officer who may know the writers, the oldest first."""
    waiting = _seen_by(user).filter(decision="").order_by("pk")
    return [one for one in waiting[:_MOST] if access.may_know_writer(user, one.letter.case)]


def _seen_by(user):
    """Return the requests of the letters that an officer of the desk sees."""
    if not user.has_perm("cases.triage_case"):
        return DataRequest.objects.none()
    seen = DataRequest.objects.filter(letter__case__in=access.visible_cases(user).values("pk"))
    return seen.select_related("letter__case__mailbox", "letter__writer")


def wished(asked):
    """Return what a correction should read, masked."""
    if not asked.key_id or asked.decision:
        return {}
    try:
        person = crypto.open_sealed(asked.key_id, asked.sealed)
    except crypto.SealError:  # its key is lost; the other requests go on
        return {}
    return {name: identity.mask(name, value) for name, value in person.items()}


def decide(user, request_id, reason, at):
    """Settle a request for an officer who may know its writer; return whether it was still waiting.

    reason: "" grants it, a code of DataRequest.REASONS refuses it. Raises: NotFound.
    """
    key = str(request_id)
    asked = _seen_by(user).filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
    if asked is None or not access.may_know_writer(user, asked.letter.case):
        raise NotFound()
    return settle_request(asked.pk, officer=user, reason=reason, at=at)

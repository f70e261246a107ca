"""What writers may do about their letters once a telephone is proved theirs."""

from django.utils.translation import gettext as _

from cases import access, crypto, identity, receipts
from cases.models import Case, RenewedCode
from cases.refusals import GuardRefused, Incomplete, NotFound

# Nobody writes more.
_MOST = 200


def cases_of_phone(index):
    """Return the cases whose writers left the telephone with this blind index, the newest first.

    index: never "", which those without a telephone have.
    """
    if not index:
        return []
    mine = Case.objects.filter(letter__writer__phone_index=index)
    mine = mine.select_related("letter", "letter__writer", "mailbox", "unit", "merged_into__unit")
    return list(mine.order_by("-pk")[:_MOST])


def case_of_phone(index, receipt):
    """Return the one of these cases with this receipt. Raises: NotFound, absent or another's."""
    for case in cases_of_phone(index):
        if case.letter.receipt == identity.clean(receipt):
            return case
    raise NotFound()


def renew_code(case, id_number, at):
    """Give a letter a new query code and return it; the old one opens nothing from now on.

    A telephone is often a family's: what is kept secret asks for the identity number too.
    Raises: Incomplete if it is not the writer's; GuardRefused where none was left.
    """
    if access.hides_writer(case):
        if not case.letter.writer.id_index:
            raise GuardRefused(_("这封保密来信没有登记证件号码，请带证件到信箱办理。"))
        if crypto.blind_index("id_number", id_number) != case.letter.writer.id_index:
            raise Incomplete(_("证件号码与这封信登记的不一致。"), ["id_number"])
    code = receipts.new_query_code()
    kept = {"code_hash": receipts.hash_code(case.letter.receipt, code), "issued_at": at}
    RenewedCode.objects.update_or_create(letter=case.letter, defaults=kept)
    return code

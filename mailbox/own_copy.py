"""A copy of what is kept of a writer and their letters (个人信息保护法 45), as JSON that any program reads."""

from cases import access, own_data
from cases.desk.case_page import labelled
from cases.publishing import has_consented
from mailbox import ways
from mailbox.history import steps_of
from mailbox.letter_form import mailbox_name
from mailbox.models import Notice
from mailbox.wording import unit_of

FORMAT = "ping-an-mailbox-own-data/1"
_PLAIN = "title body place confidential language".split()


def of(cases, id_number, at):
    """Return the copy of these cases; who wrote is whole where their number is given, else masked."""
    letters = [_letter(case, own_data.is_own_number(case, id_number)) for case in cases]
    return {"format": FORMAT, "made_at": at.isoformat(), "letters": letters}


def _letter(case, whole):
    letter = case.letter
    kept = {name: getattr(letter, name) for name in _PLAIN}
    return {
        "receipt": letter.receipt,
        "mailbox": mailbox_name(case.mailbox),
        "received_at": letter.received_at.isoformat(),
        "kind": letter.get_kind_display(),
        "category": letter.get_category_display(),
        "channel": letter.get_channel_display(),
        **kept,
        "attachments": [_file(file) for file in letter.attachments.order_by("pk")],
        "writer": _by_label(labelled(access.own_identity(letter, whole=whole))),
        "writer_is_masked": not whole,
        "steps": [_step(step) for step in steps_of(case)],
        "told_by": ways.ways_to(letter),
        "notices": [_notice(one) for one in Notice.objects.filter(letter=letter).order_by("pk")],
        "identity_seen": [
            {"at": one.at.isoformat(), "unit": unit_of(one.user)}
            for one in letter.disclosures.select_related("user__unit").order_by("pk")
        ],
        "requests": [_asked(one) for one in letter.data_requests.order_by("pk")],
        "publishing_consented": has_consented(letter),
    }


def _by_label(pairs):
    return {str(label): str(said) for label, said in pairs}


def _file(file):
    return {"name": file.name, "bytes": file.size, "sha256": file.sha256}


def _step(step):
    return {
        "at": step.at.isoformat(),
        "what": step.sentence,
        "details": _by_label(step.details),
        "text": step.text,
        "files": [_file(file) for file in step.files],
    }


def _notice(notice):
    sent = notice.sent_at.isoformat() if notice.sent_at else None
    return {"by": notice.channel, "status": notice.status, "sent_at": sent}


def _asked(asked):
    decided = asked.decided_at
    return {
        "what": asked.get_kind_display(),
        "asked_at": asked.asked_at.isoformat(),
        "decision": asked.get_decision_display() if asked.decision else None,
        "reason": asked.get_reason_display() if asked.reason else None,
        "decided_at": decided.isoformat() if decided else None,
    }

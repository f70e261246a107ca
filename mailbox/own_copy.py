"""A copy of what is kept of a writer and their letters (个人信息保护法 45), as JSON that any program reads."""

from collections import defaultdict
from operator import attrgetter

from django.db.models import prefetch_related_objects

from cases import access, own_data
from cases.desk.case_page import labelled
from cases.publishing import has_consented
from mailbox import ways
from mailbox.history import read_events, steps_of
from mailbox.letter_form import mailbox_name
from mailbox.models import Notice
from mailbox.wording import unit_of

FORMAT = "ping-an-mailbox-own-data/1"
_PLAIN = "title body place confidential language".split()
# Read for all letters at once.
_KEPT = (
    "letter__attachments",
    "letter__consent",
    "letter__data_requests",
    "letter__disclosures__user__unit",
    "letter__notice_choice",
)


def of(cases, id_number, at):
    """Return the copy of these cases; who wrote is whole where their number is given, else masked."""
    read_events(cases)
    prefetch_related_objects(cases, *_KEPT)
    told = defaultdict(list)
    for notice in Notice.objects.filter(letter__in=[case.pk for case in cases]).order_by("pk"):
        told[notice.letter_id].append(notice)
    letters = [
        _letter(case, own_data.is_own_number(case, id_number), told[case.pk]) for case in cases
    ]
    return {"format": FORMAT, "made_at": at.isoformat(), "letters": letters}


def _letter(case, whole, notices):
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
        "attachments": [_file(file) for file in in_order(letter.attachments)],
        "writer": _by_label(labelled(access.own_identity(letter, whole=whole))),
        "writer_is_masked": not whole,
        "steps": [_step(step) for step in steps_of(case)],
        "told_by": ways.ways_to(letter),
        "notices": [_notice(one) for one in notices],
        "identity_seen": [
            {"at": one.at.isoformat(), "unit": unit_of(one.user)}
            for one in in_order(letter.disclosures)
        ],
        "requests": [_asked(one) for one in in_order(letter.data_requests)],
        "publishing_consented": has_consented(letter),
    }


def in_order(related):
    """Return rows that were fetched before, the oldest first."""
    return sorted(related.all(), key=attrgetter("pk"))


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

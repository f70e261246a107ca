"""Mails about news of a letter. The event is the source, and the outbox.

For each event of an action in NOTICES there is at most one Notice, since it has the
event's key. Nothing is queued elsewhere: a run of send_notices finds what is missing in
the database, so losing Redis loses no mail, and two quick steps give two right ones.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cases import access, worlds
from cases.models import Event
from mailbox.models import Notice
from mailbox.wording import STEPS, sentence

log = logging.getLogger(__name__)

_MAILED = (
    "receive accept decline ask_citizen lapse feedback extend approve_reply reopen close "
    "merge unmerge transfer_out withdraw arrange_meeting cancel_meeting retract_question "
    "retract_decline"
).split()
NOTICES = {action: STEPS[action] for action in _MAILED}
# Internal steps, the citizen's own, and those that the page tells soon enough.
SILENT = frozenset(
    "reconsider reclassify supply add dispatch forward_down sign assign contact note "
    "return_to_desk request_extension refuse_extension record_result propose_reply "
    "send_back_reply call_back rate urge supervise "
    "answer_supervision escalate acknowledge instruct take_charge release_charge meet "
    "pass_clue decide_filing record_incident record_rule record_finding record_rectification "
    "end_rectification thank recall name_accused clear_accused recuse end_recusal hand_over "
    "recompute".split()
)

MAX_ATTEMPTS = 5
# How long a claim holds, and how the pause grows after each failure.
_PAUSE = timedelta(minutes=1)
# Events may be committed a little out of the order of their numbers.
_OVERLAP = 10_000


def send_notices(limit=200):
    """Send the mails that are due in the live world; return how many were sent.

    Safe to run twice at once: each notice is claimed by a conditional write. A crash
    after the mail server took a mail and before it was marked sends that mail again.
    """
    _collect(limit)
    now = worlds.now()
    due = Notice.objects.filter(status=Notice.PENDING, next_at__lte=now)
    due = due.select_related("event__unit", "event__case__letter__writer").order_by("event_id")
    return sum(_send(notice, now) for notice in due[:limit])


def _collect(limit):
    """Make the missing notices of the newest events, oldest first."""
    newest = Notice.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    fresh = Event.objects.filter(
        id__gt=newest - _OVERLAP, action__in=NOTICES, notice__isnull=True
    ).order_by("id")
    now = worlds.now()
    rows = fresh.values_list("id", "case__letter__writer__has_email")[:limit]
    Notice.objects.bulk_create(
        [
            Notice(
                event_id=event_id,
                status=Notice.PENDING if has_email else Notice.NONE,
                next_at=now,
                created_at=now,
            )
            for event_id, has_email in rows
        ],
        ignore_conflicts=True,
    )


def _send(notice, now):
    """Claim and send one notice; return 1 if its mail was sent."""
    attempt = notice.attempts + 1
    claimed = Notice.objects.filter(
        pk=notice.pk, status=Notice.PENDING, attempts=notice.attempts
    ).update(attempts=attempt, next_at=now + _PAUSE * 2**attempt)
    if not claimed:
        return 0
    mine = Notice.objects.filter(pk=notice.pk)
    try:
        _mail(notice.event).send()
    except Exception as error:  # one bad address or server must not hold up the other mails
        status = Notice.FAILED if attempt >= MAX_ATTEMPTS else Notice.PENDING
        name = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
        mine.update(status=status, error=name[:80])
        log.warning("notice %s: attempt %s failed: %s", notice.pk, attempt, name)
        return 0
    mine.update(status=Notice.SENT, sent_at=worlds.now(), error="")
    return 1


def _mail(event):
    """Return the mail about an event, in the language of the letter and with nothing of its text."""
    letter = event.case.letter
    with translation.override(letter.language):
        subject, news = _("您的来信有新消息"), _("您写给“平安厅”信箱的来信有新消息。")
        if not access.hides_writer(event.case):
            subject = _("来信 %(receipt)s 有新消息") % {"receipt": letter.receipt}
            news = _("受理编号 %(receipt)s：%(sentence)s") % {
                "receipt": letter.receipt,
                "sentence": sentence(event),
            }
        body = "\n\n".join(
            (
                news,
                _("请用受理编号和查询码查看：%(address)s")
                % {"address": settings.SITE_URL + reverse("mailbox:follow")},
                _("我们不会向您索要查询码、密码或钱款。本邮件由系统发出，请勿回复。"),
            )
        )
    return EmailMessage(subject, body, to=[access.notice_address(letter)])

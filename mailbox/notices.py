"""Mails and text messages about news of a letter. The event is the source, and the outbox.

For each event of an action in NOTICES there is at most one Notice to a letter's writer by each
way. Nothing is queued elsewhere: a run of send_notices finds what is missing in
the database, so losing Redis loses none, and two quick steps give two right ones.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cases import access, sms, worlds
from cases.models import Event, Letter
from mailbox.models import Notice
from mailbox.phone_check import takes_messages
from mailbox.ways import ways_to
from mailbox.wording import MAIN_ANSWERED, MAIN_ENDED, STEPS, sentence

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

# News of a main letter for the writers of those merged into it.
_FOR_MERGED = {
    "approve_reply": MAIN_ANSWERED,
    "decline": MAIN_ENDED,
    "transfer_out": MAIN_ENDED,
}

MAX_ATTEMPTS = 5
# How long a claim holds, and how the pause grows after each failure.
_PAUSE = timedelta(minutes=1)
# Events may be committed a little out of the order of their numbers.
_OVERLAP = 10_000


def send_notices(limit=200):
    """Send the notices that are due in the live world; return how many were sent.

    Safe to run twice at once: each notice is claimed by a conditional write. A crash
    after a server took a notice and before it was marked sends that one again.
    """
    _collect(limit)
    now = worlds.now()
    due = Notice.objects.filter(status=Notice.PENDING, next_at__lte=now)
    due = due.select_related("event__unit", "letter__case", "letter__writer")
    return sum(_send(notice, now) for notice in due.order_by("event_id", "pk")[:limit])


def _collect(limit):
    """Make the missing notices of the newest events, oldest first."""
    newest = Notice.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    fresh = Event.objects.filter(
        id__gt=newest - _OVERLAP, action__in=NOTICES, notices__isnull=True
    ).order_by("id")
    now, rows = worlds.now(), []
    for event in fresh.select_related("case__letter__writer", "case__letter__notice_choice")[
        :limit
    ]:
        letters = _readers(event)
        wanted = [(one, way) for one in letters for way in ways_to(one, event.action)]
        status = Notice.PENDING if wanted else Notice.NONE
        rows += [
            Notice(event=event, letter=one, channel=way, status=status, next_at=now, created_at=now)
            for one, way in wanted or [(event.case.letter, Notice.MAIL)]
        ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def _readers(event):
    """Return the letters whose writers an event is news for: also those merged into one that comes to an end."""
    letters = [event.case.letter]
    if event.action in _FOR_MERGED:
        inside = Letter.objects.filter(case__merged_into=event.case_id)
        letters += inside.select_related("writer", "notice_choice").order_by("pk")
    return letters


def _send(notice, now):
    """Claim and send one notice; return 1 if it was sent."""
    attempt = notice.attempts + 1
    claimed = Notice.objects.filter(
        pk=notice.pk, status=Notice.PENDING, attempts=notice.attempts
    ).update(attempts=attempt, next_at=now + _PAUSE * 2**attempt)
    if not claimed:
        return 0
    mine = Notice.objects.filter(pk=notice.pk)
    try:
        gone = _mail(notice).send() if notice.channel == Notice.MAIL else _text(notice)
    except Exception as error:  # one bad address or server must not hold up the other notices
        status = Notice.FAILED if attempt >= MAX_ATTEMPTS else Notice.PENDING
        name = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
        mine.update(status=status, error=name[:80])
        log.warning("notice %s: attempt %s failed: %s", notice.pk, attempt, name)
        return 0
    status = Notice.SENT if gone else Notice.NONE
    mine.update(status=status, sent_at=worlds.now() if gone else None, error="")
    return 1 if gone else 0


def _mail(notice):
    """Return the mail of a notice, in the language of the letter and with nothing of its text."""
    letter = notice.letter
    with translation.override(letter.language):
        subject, news = _("您的来信有新消息"), _("您写给“平安厅”信箱的来信有新消息。")
        if not access.hides_writer(letter.case):
            subject = _("来信 %(receipt)s 有新消息") % {"receipt": letter.receipt}
            news = _("受理编号 %(receipt)s：%(sentence)s") % {
                "receipt": letter.receipt,
                "sentence": _sentence(notice),
            }
        body = "\n\n".join(
            (
                news,
                _("请用受理编号和查询码查看：%(address)s") % {"address": _address()},
                _("我们不会向您索要查询码、密码或钱款。本邮件由系统发出，请勿回复。"),
            )
        )
    return EmailMessage(subject, body, to=[access.notice_address(letter, "email")])


def _sentence(notice):
    if notice.letter_id != notice.event.case_id:
        return _FOR_MERGED[notice.event.action]
    return sentence(notice.event)


def _text(notice):
    """Send the text message of a notice: that there is news, and of which letter; return whether it could be.

    A telephone shows it to whoever is near: of a confidential letter it does not tell the number either.
    """
    letter = notice.letter
    phone = access.notice_address(letter, "phone")
    if not takes_messages(phone):
        return False
    with translation.override(letter.language):
        text = _("“平安厅”信箱：您的来信有新消息，请到 %(address)s 查看。")
        if not access.hides_writer(letter.case):
            text = _("“平安厅”信箱：来信 %(receipt)s 有新消息，请到 %(address)s 查看。")
        text = text % {"receipt": letter.receipt, "address": _address()}
    sms.send(phone, text)
    return True


def _address():
    return settings.SITE_URL + reverse("mailbox:follow")

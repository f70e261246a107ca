"""Mails and text messages about news of a letter. The event is the source, and the outbox.

For each event of an action in NOTICES there is at most one Notice to a letter's writer by each
way. Nothing is queued elsewhere: a run of send_notices finds what is missing in
the database, so losing Redis loses none, and two quick steps give two right ones.
"""

import logging

from django.db.models import Max

from cases import outbox, own_data, troubles, worlds
from cases.models import Event, Letter
from cases.outbox import DIED, MAX_ATTEMPTS
from mailbox import telling
from mailbox.models import Notice
from mailbox.ways import TEXTED, ways_among, ways_to

log = logging.getLogger(__name__)

NOTICES = frozenset(
    "receive accept decline ask_citizen lapse feedback extend approve_reply reopen close "
    "merge unmerge transfer_out withdraw arrange_meeting cancel_meeting retract_question "
    "retract_decline".split()
)
# Internal steps, the citizen's own, and those that the page tells soon enough.
SILENT = frozenset(
    "reconsider reclassify supply add dispatch forward_down sign assign contact note "
    "return_to_desk request_extension refuse_extension record_result propose_reply "
    "send_back_reply call_back rate urge supervise "
    "answer_supervision escalate acknowledge instruct take_charge release_charge meet "
    "pass_clue decide_filing record_incident record_rule record_finding record_rectification "
    "end_rectification thank recall name_accused clear_accused recuse end_recusal hand_over "
    "recompute forget_writer".split()
)

_REQUESTS = "mailbox.tasks.send_notices"


def send_notices(limit=200):
    """Send the notices that are due in the live world; return how many were sent.

    Safe to run twice at once: each notice is claimed by a conditional write. A crash
    after a server took a notice and before it was marked sends that one again.
    """
    _collect(limit)
    _collect_requests(limit)
    now = worlds.now()
    due = Notice.objects.filter(status=Notice.PENDING, next_at__lte=now).select_related(
        "event__unit", "request", "letter__case", "letter__writer", "letter__notice_choice"
    )
    for notice in due.filter(attempts__gte=MAX_ATTEMPTS):
        _failed(notice, now, DIED)
    return sum(_send(notice, now) for notice in due.order_by("event_id", "pk")[:limit])


def _collect(limit):
    """Make the missing notices of the newest events, oldest first."""
    newest = Notice.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    fresh = Event.objects.filter(
        id__gt=newest - outbox.OVERLAP, action__in=NOTICES, notices__isnull=True
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


def _collect_requests(limit):
    """Make the missing notices of what was decided on requests about what is kept of a writer."""
    now = worlds.now()
    untold = own_data.to_be_told().filter(notices__isnull=True)
    for asked in untold.exclude(pk__in=troubles.given_up(_REQUESTS))[:limit]:
        with troubles.counted(_REQUESTS, asked.pk):
            contact = own_data.contact_of(asked)
            ways = ways_among(asked.letter, contact.get("email"), contact.get("phone"))
            row = {"letter": asked.letter, "next_at": now, "created_at": now}
            rows = [Notice(request=asked, channel=w, status=Notice.PENDING, **row) for w in ways]
            none = Notice(request=asked, channel=Notice.MAIL, status=Notice.NONE, **row)
            Notice.objects.bulk_create(rows or [none], ignore_conflicts=True)
            if not ways:
                own_data.forget_contact(asked)


def _readers(event):
    """Return the letters whose writers an event is news for: also those merged into one that comes to an end."""
    letters = [event.case.letter]
    if event.action in telling.FOR_MERGED:
        inside = Letter.objects.filter(case__merged_into=event.case_id)
        letters += inside.select_related("writer", "notice_choice").order_by("pk")
    return letters


def _send(notice, now):
    """Claim and send one notice; return 1 if it was sent."""
    if not outbox.claim(notice, now):
        return 0
    mine, attempt = Notice.objects.filter(pk=notice.pk), notice.attempts + 1
    try:
        gone = telling.hand_over(notice)
    except Exception as error:  # one bad address or server must not hold up the other notices
        name = outbox.fault(error)
        log.warning("notice %s: attempt %s failed: %s", notice.pk, attempt, name)
        if attempt >= MAX_ATTEMPTS:
            _failed(notice, now, name)
        else:
            mine.update(error=name)
        return 0
    status = Notice.SENT if gone else Notice.NONE
    mine.update(status=status, sent_at=worlds.now() if gone else None, error="")
    _forget_contact(notice.request)
    return int(gone)


def _failed(notice, now, error):
    """Give a notice up: a text message may say instead what it could not."""
    given_up = Notice.objects.filter(pk=notice.pk, status=Notice.PENDING)
    if given_up.update(status=Notice.FAILED, error=error):
        _text_instead(notice, now)
        _forget_contact(notice.request)


def _text_instead(notice, now):
    """Have a text message say what no mail could, unless the writer has chosen how to be told."""
    letter = notice.letter
    chosen = hasattr(letter, "notice_choice") or notice.channel != Notice.MAIL
    if chosen or notice.event is None or notice.event.action not in TEXTED:
        return
    if letter.writer and letter.writer.phone_index:
        row = {"letter": letter, "status": Notice.PENDING, "next_at": now, "created_at": now}
        Notice.objects.get_or_create(
            event=notice.event, channel=Notice.SMS, letter=letter, defaults=row
        )


def _forget_contact(asked):
    if asked and not asked.notices.filter(status=Notice.PENDING).exists():
        own_data.forget_contact(asked)

"""Daily anchors of the live event log: fingerprints that can be kept where no administrator reaches.

The chain within a case finds a row changed, removed or inserted. An anchor also finds a whole case
rewritten consistently or removed, as only somebody with all rights to the database could do: its
digest runs over the chain's hashes of all events, in the order of their keys. Whoever could rewrite
the anchors too is found by one line of them kept elsewhere (printed, or mailed to ANCHORS_TO), since
each digest goes on from that of the day before.
"""

import logging
import re
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cases import outbox, worlds
from cases.calendars import SHANGHAI
from cases.models import Anchor

log = logging.getLogger(__name__)
# So long the log's writers may be held up, in all; ten minutes later it is tried again.
LOCK_MS = 2_000
_LINE = re.compile(r"(\d{4}-\d\d-\d\d) (\d+) ([0-9a-f]{64})")

_DIGEST = """
    SELECT count(*), encode(sha256(%s::bytea || coalesce(string_agg(
        int8send(case_id) || int4send(seq) || coalesce(hash, ''::bytea), ''::bytea ORDER BY id
    ), ''::bytea)), 'hex') FROM cases_event WHERE id > %s AND id <= %s
"""


@dataclass(frozen=True)
class Line:
    """An anchor as it is printed and mailed: `2026-05-01 48213 9f…`."""

    day: date
    last_event: int
    digest: str


def make_if_due(at):
    """Make today's anchor if there is none yet; return it, or None.

    at: the moment; its day is that of Shanghai. Safe to run twice, and at once.
    """
    day = at.astimezone(SHANGHAI).date()
    if not worlds.current().live or Anchor.objects.filter(day__gte=day).exists():
        return None
    try:
        last_event = _last_written()
    except OperationalError:
        log.warning("no anchor yet: somebody has been writing the log for %s ms", LOCK_MS)
        return None
    before = Anchor.objects.last()
    events, digest = _digest(before, last_event)
    found, made = Anchor.objects.get_or_create(
        day=day,
        defaults={"at": at, "last_event": last_event, "events": events, "digest": digest},
    )
    return found if made else None


def mail_unsent(at):
    """Mail the lines of anchors that have not been mailed to ANCHORS_TO; return how many.

    Raises: what the mail server answers. They are then mailed the next time.
    """
    unsent = list(Anchor.objects.filter(mailed_at=None)) if settings.ANCHORS_TO else []
    if not unsent:
        return 0
    with translation.override("zh-hans"):
        subject = _("平安厅信箱日志锚 %(day)s") % {"day": unsent[-1].day}
        body = _("请留存这封邮件。要核对全部办理记录未被改动，把下面的行存为文件，运行：")
    lines = "\n".join(map(str, unsent))
    body = (body, "manage.py check_log --against FILE", f"{lines}\n")
    outbox.mail(subject, body, settings.ANCHORS_TO).send()
    return Anchor.objects.filter(pk__in=[one.pk for one in unsent]).update(mailed_at=at)


def read_lines(text):
    """Return the Lines in a text, such as a mail; other lines are passed over.

    Raises: ValueError if there is none.
    """
    found = [
        Line(date.fromisoformat(day), int(last), digest)
        for day, last, digest in _LINE.findall(text)
    ]
    if not found:
        raise ValueError("no anchor in it: lines like “2026-05-01 48213 9f…” are expected")
    return found


def faults(kept=()):
    """Yield a sentence for every anchor that the log, or a line kept elsewhere, contradicts.

    kept: Lines.
    """
    before, stored = None, list(Anchor.objects.all())
    for anchor in stored:
        count, digest = _digest(before, anchor.last_event)
        if (count, digest) != (anchor.events, anchor.digest):
            since = f"after that of {before.day}" if before else "from the first on"
            yield (
                f"anchor {anchor.day}: the events {since}, up to {anchor.last_event}, are not"
                f" those of that day ({count} of {anchor.events})"
            )
        before = anchor
    if before and before.day > worlds.now().astimezone(SHANGHAI).date():
        yield f"anchor {before.day}: that day has not come, and until it has no other is made"
    by_day = {anchor.day: anchor for anchor in stored}
    for line in kept:
        anchor = by_day.get(line.day)
        if anchor is None:
            yield f"anchor {line.day}: it was kept elsewhere and is gone here"
        elif (anchor.last_event, anchor.digest) != (line.last_event, line.digest):
            yield f"anchor {line.day}: it is not the one that was kept elsewhere"


def _last_written():
    """Return the key of the newest event, when no lower one can come any more.

    A writer holds its lock of the table from before it has a key until it commits, so that for a
    moment there are none between.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {LOCK_MS}")
        cursor.execute("LOCK TABLE cases_event IN SHARE MODE")
        cursor.execute("SELECT coalesce(max(id), 0) FROM cases_event")
        return cursor.fetchone()[0]


def _digest(before, last_event):
    """Return (number, digest) of the events after an anchor (None: all) up to a key."""
    known = bytes.fromhex(before.digest) if before else b""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [known, before.last_event if before else 0, last_event])
        return cursor.fetchone()

"""Messages as rows: each is claimed, sent, and given up at the fifth try.

Losing Redis or a worker loses none; a crash between the carrier's answer and our note of it sends
one again. Of a fault only the kind is kept, and a server's number: its words may name an address.
"""

import logging
from datetime import timedelta

from django.core.mail import EmailMessage

from cases import worlds

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
# Events may be committed a little out of the order of their numbers: who looks for new ones looks back.
OVERLAP = 10_000
DIED = "its worker died each time"  # of the last try it told nothing
_PAUSE = timedelta(minutes=1)  # how long a claim holds, doubled with each try
# So long one run goes on: where a mail server says nothing, each message waits EMAIL_TIMEOUT, and
# deadlines wait for the worker. It ends well before its first claim does.
_RUN = timedelta(seconds=20)


def due(rows, at):
    """Return those of the rows that may be tried now; whose worker died at the last try is given up."""
    waiting = rows.filter(status=rows.model.PENDING, next_at__lte=at)
    waiting.filter(attempts__gte=MAX_ATTEMPTS).update(status=rows.model.FAILED, error=DIED)
    return waiting


def claim(row, at):
    """Take a row for this run alone; return whether it was still to be had.

    at: when the run began. One that has lasted for long takes no more, and leaves them to the next.
    """
    if worlds.now() - at > _RUN:
        return False
    attempt = row.attempts + 1
    same = type(row).objects.filter(pk=row.pk, status=row.PENDING, attempts=row.attempts)
    return bool(same.update(attempts=attempt, next_at=at + _PAUSE * 2**attempt))


def send(rows, hand_over):
    """Send the one message that claimed rows are about; return whether it went.

    rows: a query. hand_over: what sends it, and raises if it was not taken.
    """
    try:
        hand_over()
    except Exception as error:  # one bad address or carrier must not hold up the others
        rows.filter(attempts__gte=MAX_ATTEMPTS).update(status=rows.model.FAILED)
        rows.update(error=fault(error))
        log.warning("%s failed: %s", rows.model._meta.model_name, fault(error))
        return False
    rows.update(status=rows.model.SENT, sent_at=worlds.now(), error="")
    return True


def again(rows, at):
    """Let rows that were given up be tried again, counted anew; return how many."""
    failed = rows.filter(status=rows.model.FAILED)
    return failed.update(status=rows.model.PENDING, attempts=0, next_at=at, error="")


def mail(subject, paragraphs, to, **headers):
    """Return a mail of ours, which no machine is to answer (RFC 3834)."""
    headers = {"Auto-Submitted": "auto-generated", **headers}
    return EmailMessage(subject, "\n\n".join(paragraphs), to=to, headers=headers)


def fault(error):
    """Return the class of an error and the number by which a mail server said no, never its words."""
    refused = getattr(error, "recipients", None)  # of each address: (number, words)
    codes = [said[0] for said in refused.values()] if isinstance(refused, dict) else []
    code = getattr(error, "smtp_code", codes[0] if codes else "")
    return f"{type(error).__name__} {code}".strip()[:80]

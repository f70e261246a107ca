"""A letter that somebody is still writing: kept sealed from step to step, and forgotten soon.

The session holds its number alone. Who the writer is comes back only for as long as a letter may
lie open on a computer that others use; the rest of it for a day. Sending and clearing delete it.
"""

import uuid
from datetime import timedelta

from cases import attachments, crypto, worlds
from cases.attachments import Stored
from mailbox import sending
from mailbox.letter_form import ACTING, GUARDIAN, PERSON
from mailbox.models import Unsent

KEPT = timedelta(hours=24)
PERSON_KEPT = timedelta(hours=1)
MOST = 20_000  # characters of one field that are kept as typed; no field may have as many
_OF_PERSON = (*PERSON, *ACTING, *GUARDIAN)


class Writing:
    """What has been typed so far, the files sent up, and which steps are done."""

    def __init__(self, typed=None, files=(), done=(), row=None):
        self.typed = typed or {"key": str(uuid.uuid4())}
        self.files = [Stored(**file) for file in files]
        self.done = list(done)
        self.row = row

    def put(self, typed):
        """Take over what was typed on one page, right or wrong."""
        for name, value in typed.items():
            self.typed[name] = str(value or "")[:MOST]

    def mark(self, step, is_done):
        """Note whether a step is done."""
        self.done = [name for name in self.done if name != step] + [step] * is_done

    def save(self, request):
        """Keep it for this session. Raises: TooMany, for a new one from an address with many."""
        if self.row is None:
            sending.admit(request, "writing")
        content = {"typed": self.typed, "files": [vars(f) for f in self.files], "done": self.done}
        key_id, sealed = crypto.seal(content)
        number = self.row.pk if self.row else uuid.uuid4()
        kept = {"key_id": key_id, "sealed": sealed, "saved_at": worlds.now()}
        self.row, _new = Unsent.objects.update_or_create(pk=number, defaults=kept)
        request.session["writing"] = str(number)


def of(request):
    """Return the Writing of this session, or None."""
    row = Unsent.objects.filter(pk=request.session.get("writing")).first()
    if row is None or worlds.now() - row.saved_at > KEPT:
        return None
    try:
        content = crypto.open_sealed(row.key_id, row.sealed)
    except crypto.SealError:  # its key has been taken away meanwhile
        return None
    writing = Writing(**content, row=row)
    if worlds.now() - row.saved_at > PERSON_KEPT:
        for name in _OF_PERSON:
            writing.typed.pop(name, None)
        for step in ("acting", "person", "guardian"):
            writing.mark(step, is_done=False)
    return writing


def forget(request):
    """Delete the letter of this session and the files that no letter has."""
    writing = of(request)
    if writing:
        _delete([writing.row])
    request.session.pop("writing", None)


def prune(now):
    """Delete what nobody has gone on with for a day; return how many. Idempotent."""
    return _delete(Unsent.objects.filter(saved_at__lt=now - KEPT)[:1000])


def _delete(rows):
    count = 0
    for row in rows:
        try:
            files = crypto.open_sealed(row.key_id, row.sealed)["files"]
        except crypto.SealError:
            files = []
        attachments.discard_unclaimed([Stored(**file) for file in files])
        count += Unsent.objects.filter(pk=row.pk).delete()[0]
    return count

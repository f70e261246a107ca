"""A letter that somebody is still writing: kept sealed from step to step, and forgotten soon.

The session holds its number alone. Who the writer is comes back only for as long as a letter may
lie open on a computer that others use; the rest of it for a day. Sending and clearing delete it.

A page sends by itself what is typed when it is left, beside what its buttons send. Of two at once the
second waits for the first (`alone`), and what comes late gives way to what was typed later (`typed_at`).
"""

import uuid
from datetime import timedelta
from functools import wraps

from django.db import connection

from cases import attachments, crypto, worlds
from cases.attachments import Stored
from cases.identity import BadInput
from mailbox import sending
from mailbox.letter_form import ACTING, GUARDIAN, PERSON
from mailbox.models import Unsent

KEPT = timedelta(hours=24)
PERSON_KEPT = timedelta(hours=1)
MOST = 20_000  # characters of one field that are kept as typed; no field may have as many
_OF_PERSON = (*PERSON, *ACTING, *GUARDIAN)
# The session's keys: for the form in steps, and for the files of the form on one page.
STEPS, PAGE = "writing", "page"


class Writing:
    """What has been typed so far, the files sent up, which steps are done and which left half done."""

    def __init__(self, typed=None, files=(), done=(), half=(), typed_at=None, row=None, slot=STEPS):
        self.typed = typed or {}
        if not typed:
            self.begin_another()
        self.files = [Stored(**file) for file in files]
        self.done, self.half = list(done), list(half)
        self.typed_at = typed_at or {}  # {step: milliseconds of the device's clock}
        self.row, self.slot = row, slot

    def begin_another(self):
        """Take a key that no letter has been sent under."""
        self.typed["key"] = str(uuid.uuid4())

    def put(self, typed):
        """Take over what was typed on one page, right or wrong."""
        for name, value in typed.items():
            self.typed[name] = str(value or "")[:MOST]

    def mark(self, step, is_done):
        """Note whether a step is done."""
        self.done = [name for name in self.done if name != step] + [step] * is_done
        self.half = [name for name in self.half if name != step]

    def leave(self, step):
        """Note that a page was left half filled in: it is shown again without what is wrong."""
        self.mark(step, is_done=False)
        self.half.append(step)

    def take(self, request):
        """Store the files sent with a request, each that is good; return what is wrong, in words."""
        wrong = []
        for upload in request.FILES.getlist("attachments"):
            try:
                sending.admit(request, "upload")
                file = attachments.add(upload, self.files)
            except BadInput as error:
                wrong.append(error.message)
            else:
                self.files += [file] if file else []
        return wrong

    def drop(self, paths):
        """Delete those of the files that have these paths."""
        for file in [file for file in self.files if file.path in paths]:
            self.files.remove(file)
            attachments.discard_unclaimed([file])

    def save(self, request):
        """Keep it for this session, unless it was sent or cleared meanwhile.

        Raises: TooMany, for a new one from an address with many.
        """
        if self.row is None:
            sending.admit(request, "writing")
        content = {name: getattr(self, name) for name in ("typed", "done", "half", "typed_at")}
        key_id, sealed = crypto.seal({**content, "files": [vars(file) for file in self.files]})
        kept = {"key_id": key_id, "sealed": sealed, "saved_at": worlds.now()}
        if self.row:
            Unsent.objects.filter(pk=self.row.pk).update(**kept)
        else:
            self.row = Unsent.objects.create(pk=uuid.uuid4(), **kept)
            request.session[self.slot] = str(self.row.pk)


def alone(view):
    """Make a view one whose forms of one session are taken one after another: none undoes another's."""

    @wraps(view)
    def page(request, *args, **kwargs):
        session = [request.session.session_key]
        if request.method != "POST" or session == [None]:
            return view(request, *args, **kwargs)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", session)
            try:
                return view(request, *args, **kwargs)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", session)

    return page


def of(request, slot=STEPS):
    """Return the Writing of this session, or None."""
    number = request.session.get(slot)
    row = Unsent.objects.filter(pk=number).first() if number else None
    if row is None or worlds.now() - row.saved_at > KEPT:
        return None
    try:
        content = crypto.open_sealed(row.key_id, row.sealed)
    except crypto.SealError:  # its key has been taken away meanwhile
        return None
    writing = Writing(**content, row=row, slot=slot)
    if worlds.now() - row.saved_at > PERSON_KEPT:
        for name in _OF_PERSON:
            writing.typed.pop(name, None)
        for step in ("acting", "others", "person", "guardian"):
            writing.mark(step, is_done=False)
    return writing


def forget(request, *slots):
    """Delete what this session keeps of a letter, and the files that no letter has."""
    for slot in slots:
        writing = of(request, slot)
        if writing:
            _delete([writing.row])
        request.session.pop(slot, None)


def paths():
    """Return the paths of the files of all letters that are still being written."""
    return {file["path"] for row in Unsent.objects.iterator() for file in _files_of(row)}


def prune(now):
    """Delete what nobody has gone on with for a day; return how many. Idempotent."""
    return _delete(Unsent.objects.filter(saved_at__lt=now - KEPT)[:1000])


def _delete(rows):
    count = 0
    for row in rows:
        attachments.discard_unclaimed([Stored(**file) for file in _files_of(row)])
        count += Unsent.objects.filter(pk=row.pk).delete()[0]
    return count


def _files_of(row):
    try:
        return crypto.open_sealed(row.key_id, row.sealed)["files"]
    except crypto.SealError:  # its key has been taken away meanwhile
        return []

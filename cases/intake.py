"""The one function that keeps a letter: for citizens, clerks and the simulator alike."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import acting, alarms, crypto, grams, identity, receipts, worlds, writers
from cases.calendars import SHANGHAI
from cases.fields import CATEGORIES, KINDS
from cases.inputs import Said
from cases.models import Attachment, Case, DataRequest, Letter, Origin, Unit, Writer
from cases.refusals import Incomplete, NotPermitted
from cases.replay import FACTS, start_of
from cases.transitions import BY_OFFICER, TRANSITIONS
from cases.workflow import record

_KEYS = uuid.UUID("0c0a9f4e-6a35-4b0b-9c3f-2f3a5d6f1b77")
TITLE_LIMITS, BODY_LIMITS, PLACE_LIMIT = (5, 50), (10, 2000), 100
LANGUAGE = "zh-hans"  # in which a writer is told of news who has not said otherwise


@dataclass
class Submission:
    """A letter as it was typed. person: as cases/acting.py checks it; may be empty."""

    mailbox: str
    kind: str
    category: str
    title: str
    body: str
    place: str = ""
    person: dict = field(default_factory=dict)
    confidential: bool = False
    emergency: bool | None = None
    accused_unit: str = ""
    channel: str = "web"
    language: str = LANGUAGE
    idempotency_key: uuid.UUID | None = None
    attachments: tuple = ()
    writer_number: int | None = None
    # Of a letter from another platform: (code of the platform, its number there).
    origin: tuple = ()


@dataclass(frozen=True)
class Receipt:
    """What the citizen is shown once: the receipt and the query code, "" if another one opens by now."""

    case_id: int
    receipt: str
    query_code: str


def intake(submission, *, actor, at: datetime, letter_id=None, units=None, is_new=False, also=None):
    """Keep one letter and open its case; return its Receipt.

    actor: citizen, officer (a clerk) or simulated. The same idempotency key gives the
    same receipt and keeps nothing twice, also when two requests come at once.
    letter_id: the letter's number in a run, None otherwise. What the caller has just looked up is
    not looked up again: units, as of units_for, and is_new, that no letter has this key.
    also: called with the letter, to keep in the same transaction what others know of it.
    Raises: Incomplete with the fields' names; NotPermitted. Then nothing is kept.
    """
    _check_actor(actor)
    units = units_for(_codes(submission)) if units is None else units
    clean = checked(submission, at, units)
    known = None if is_new else _known(clean)
    if known:
        return known
    try:
        with transaction.atomic():
            return _keep(clean, actor, at, letter_id, units, also)
    except IntegrityError:
        known = _known(clean)
        if known is None:
            raise
        return known


def intake_many(submissions, *, actor, at: datetime):
    """Keep many letters in one transaction, all or none; return [(Receipt, whether it is new)].

    Raises: as intake, for the first that is not right.
    """
    _check_actor(actor)
    units = units_for({code for s in submissions for code in _codes(s)})
    clean = [checked(s, at, units) for s in submissions]
    try:
        return _keep_many(clean, actor, at, units)
    except IntegrityError:  # somebody sent one of them meanwhile: now it is known
        return _keep_many(clean, actor, at, units)


def _keep_many(clean, actor, at, units):
    with transaction.atomic():
        found = []
        for s in clean:
            known = _known(s)
            found.append((known or _keep(s, actor, at, None, units), known is None))
        return found


def _keep(s, actor, at, letter_id, units, also=None):
    code = receipts.query_code_for(s.idempotency_key) if s.idempotency_key else ""
    if letter_id is None and not worlds.current().live:
        letter_id = worlds.next_number(Letter)
    receipt = _receipt_for(letter_id)
    said = Said()
    if s.accused_unit:
        said.data["accused_unit"] = units[s.accused_unit].pk
    letter = Letter.objects.create(
        id=letter_id,
        receipt=receipt,
        query_code_hash=receipts.hash_code(receipt, code) if code else "",
        idempotency_key=s.idempotency_key,
        mailbox=units[s.mailbox],
        kind=s.kind,
        category=s.category,
        title=s.title,
        body=s.body,
        place=s.place,
        confidential=s.confidential,
        emergency=is_emergency(s),
        channel=s.channel,
        language=s.language,
        received_at=at,
        writer=_writer(s.person),
        writer_number=s.writer_number,
    )
    for stored in s.attachments:
        Attachment.objects.create(letter=letter, **vars(stored))
    if s.origin:
        Origin.objects.create(letter=letter, platform=s.origin[0], number=s.origin[1])
    grams.keep(letter)
    if also:
        also(letter)
    case = open_case(letter)
    record(case, TRANSITIONS["receive"], actor=actor, at=at, said=said)
    return Receipt(case.pk, receipt, code)


def key_of(way, typed):
    """Return the key of a letter by the one that its page brought.

    Of each way of sending they are apart: nobody brings the key that another way would make, which
    of an imported letter anyone can compute, to keep it out or to be shown its query code.
    """
    return uuid.uuid5(_KEYS, f"{way}\0{typed}")


def _receipt_for(number):
    """Return a new receipt: random among live letters, the number in the mark of a run."""
    if number is None:
        return receipts.new_receipt()
    return receipts.run_receipt(worlds.current().mark, number)


def open_case(letter):
    """Return the unsaved case of a letter, before its first event."""
    facts = start_of(letter)
    case = Case(letter=letter, mailbox=letter.mailbox)
    for name in FACTS:
        setattr(case, name, getattr(facts, name))
    return case


def is_emergency(submission):
    """Return whether the writer, or a word in the letter, calls for help at once."""
    if submission.emergency is not None:
        return submission.emergency
    return bool(alarms.find(submission.title, submission.body))


def _known(s):
    """Return the Receipt of a letter that this key has already brought, or None."""
    if not s.idempotency_key:
        return None
    letter = Letter.objects.filter(idempotency_key=s.idempotency_key).first()
    if letter is None:
        return None
    renewed = hasattr(letter, "renewed_code")
    made_with = s.idempotency_key, letter.receipt, letter.query_code_hash
    return Receipt(letter.pk, letter.receipt, "" if renewed else receipts.query_code_of(*made_with))


def _check_actor(actor):
    allowed = actor.role != BY_OFFICER or actor.user.has_perm("cases.enter_letter")
    if actor.simulated:
        allowed = not worlds.current().live
    if not allowed:
        raise NotPermitted(_("您没有代录来信的权限。"))


def units_for(codes):
    """Return {code: Unit} of those of the units that letters may name."""
    found = Unit.objects.filter(active=True, code__in=codes).order_by()
    return {unit.code: unit for unit in found}


def is_mailbox(code, units):
    """Return whether this is the code of a mailbox. units: as of units_for."""
    return code in units and units[code].is_mailbox


def _codes(s):
    """Return the codes of the units that a submission names."""
    named = (s.mailbox, s.accused_unit)
    return {identity.clean(code) for code in named if isinstance(code, str) and code}


def checked(s, at, units):
    """Fold and check everything typed; return the same submission, or raise Incomplete.

    units: as of units_for, of all that it names.
    """
    names = _mistyped(s)
    if names:  # a program's fault, not a person's: nothing else can be looked at
        raise Incomplete(_("来信有几处需要更正。"), names)
    for name in ("title", "body", "place", "mailbox", "accused_unit"):
        setattr(s, name, identity.clean(getattr(s, name)))
    s.title = s.title.replace("\n", " ")
    names = [name for name, bad in _wrong(s, units).items() if bad]
    if s.person:
        s.person, faults = acting.checked(s.person, today=at.astimezone(SHANGHAI).date())
        names += faults
    if names:
        raise Incomplete(_("来信有几处需要更正。"), names)
    return s


def _mistyped(s):
    """Return the names of the fields that are not of the declared type."""
    texts = "mailbox kind category title body place accused_unit channel language".split()
    names = [name for name in texts if not isinstance(getattr(s, name), str)]
    if not isinstance(s.person, dict) or not all(
        isinstance(v, str | None) for v in s.person.values()
    ):
        names.append("person")
    if not isinstance(s.idempotency_key, uuid.UUID | None):
        names.append("idempotency_key")
    return names


def _wrong(s, units):
    """Return {field: whether its value is not allowed}."""
    return {
        "mailbox": not is_mailbox(s.mailbox, units),
        "kind": s.kind not in dict(KINDS),
        "category": s.category not in dict(CATEGORIES),
        "title": not _says_something(s.title, TITLE_LIMITS),
        "body": not _says_something(s.body, BODY_LIMITS),
        "place": len(s.place) > PLACE_LIMIT,
        "accused_unit": bool(s.accused_unit) and s.accused_unit not in units,
        "channel": s.channel not in dict(Letter.CHANNELS),
        "language": s.language not in dict(settings.LANGUAGES),
    }


def _says_something(text, limits):
    return limits[0] <= len(text) <= limits[1] and identity.has_words(text)


def _writer(person):
    """Keep a person as typed with this letter; the blind indexes find their other letters."""
    return Writer.objects.create(**writers.columns(person)) if person else None


def settle_request(request_id, *, officer, reason, at):
    """Settle what a writer asked about who they are, once; granted, it changes what is kept.

    reason: a code of DataRequest.REASONS refuses it, "" grants it.
    Return whether it was waiting.
    """
    with transaction.atomic():
        waiting = DataRequest.objects.select_for_update(of=("self",)).filter(pk=request_id)
        asked = waiting.select_related("letter").filter(decision="").first()
        if asked is None:
            return False
        # Held, or an erasure at this moment would be undone by what was read before it.
        writer = Writer.objects.select_for_update().get(pk=asked.letter.writer_id)
        asked.letter.writer, erases = writer, asked.kind == DataRequest.ERASE
        known = writers.readable(asked.letter)
        if known and not erases and not reason:  # who was erased stays so
            known |= crypto.open_sealed(asked.key_id, asked.sealed)
        if not reason and (known or erases):
            person = {} if erases else known
            Writer.objects.filter(pk=writer.pk).update(**writers.columns(person))
        contact = {name: known[name] for name in ("email", "phone") if known.get(name)}
        asked.decision = DataRequest.REFUSED if reason else DataRequest.GRANTED
        asked.reason, asked.officer, asked.decided_at = reason, officer, at
        # What was asked for is kept no longer; where its writer is told, until they have been.
        asked.key_id, asked.sealed = crypto.seal(contact) if contact else ("", None)
        asked.save()
        return True

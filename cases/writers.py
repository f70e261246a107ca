"""Who wrote, kept sealed: the columns of a person, and forgetting one."""

import logging

from cases import crypto
from cases.models import DataRequest, Writer

log = logging.getLogger(__name__)


def columns(person):
    """Return the columns of a Writer who is this person, sealed and found by the current key."""
    key_id, sealed = crypto.seal(person)
    return {
        "sealed": sealed,
        "key_id": key_id,
        "phone_index": crypto.blind_index("phone", person.get("phone") or ""),
        "id_index": crypto.blind_index("id_number", person.get("id_number") or ""),
        "has_email": bool(person.get("email")),
    }


def readable(letter):
    """Return who wrote, for a page: nothing where no key of ours opens it, which the log says.

    A letter is handled all the same when a key is lost for good, or one row was spoilt.
    """
    if letter.writer is None:
        return {}
    try:
        return crypto.open_sealed(letter.writer.key_id, letter.writer.sealed)
    except crypto.SealError as error:
        log.error("who wrote letter %s is not shown: %s", letter.pk, error)
        return {}


def fits(writer):
    """Return whether what is sealed of a writer opens, and is of whom the indexes beside it are."""
    try:
        person = crypto.open_sealed(writer.key_id, writer.sealed)
    except crypto.SealError:
        return False
    pairs = (("phone", writer.phone_index), ("id_number", writer.id_index))
    return all(
        index in (crypto.blind_indexes(kind, person.get(kind) or "") or [""])
        for kind, index in pairs
    )


def forget(letter):
    """Erase who wrote a letter, and where they were to be told of what they asked for."""
    Writer.objects.filter(pk=letter.writer_id).update(**columns({}))
    DataRequest.objects.filter(letter=letter).exclude(key_id="").update(sealed=None, key_id="")

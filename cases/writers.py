"""Who wrote, kept sealed: the columns of a person, and forgetting one."""

from cases import crypto
from cases.models import DataRequest, Writer


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


def forget(letter):
    """Erase who wrote a letter, and where they were to be told of what they asked for."""
    Writer.objects.filter(pk=letter.writer_id).update(**columns({}))
    DataRequest.objects.filter(letter=letter).exclude(key_id="").update(sealed=None, key_id="")

"""Words that are looked for in letters: often a name or a number, so no address ever holds them.

An officer's session keeps them sealed, and the address has a short key: other filters, the next
page, Back and Reload find them for as long as the officer is signed in. Those of a saved view
stand in its row.
"""

import base64
import secrets

from cases import crypto, identity, searching
from cases.models import SavedView

MOST = 20  # kept for a session, the last ones
_SLOT = "words"
_OF_VIEW = "v"


def typed(request):
    """Return what was typed into a box of a form."""
    return identity.fold(request.POST.get("q", ""))[: searching.LIMIT]


def keep(request, words):
    """Keep words for this session; return their key, the same for the same words, "" for none."""
    if not words:
        return ""
    kept = dict(request.session.get(_SLOT, {}))
    key = next((key for key, sealed in kept.items() if _opened(sealed) == words), None)
    key_id, sealed = crypto.seal({"words": words})
    key = key or secrets.token_hex(4)
    kept.pop(key, None)
    kept[key] = [key_id, base64.b64encode(sealed).decode()]
    request.session[_SLOT] = dict(list(kept.items())[-MOST:])
    return key


def found(request, key):
    """Return the words under a key of an address, or None if there are none, or none any more."""
    sealed = request.session.get(_SLOT, {}).get(key)
    if sealed:
        return _opened(sealed)
    number = key.removeprefix(_OF_VIEW)
    if key == number or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    view = SavedView.objects.filter(officer=request.user, pk=number).first()
    return view.words or None if view else None


def key_of(view):
    """Return the key of a saved view's words, "" if it has none."""
    return f"{_OF_VIEW}{view.pk}" if view.words else ""


def _opened(sealed):
    """Return the words that were sealed, or None once their key has been taken away."""
    key_id, text = sealed
    try:
        return crypto.open_sealed(key_id, base64.b64decode(text))["words"]
    except crypto.SealError:
        return None

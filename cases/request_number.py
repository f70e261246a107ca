"""The number of the request that is being answered: on its error page, and in its lines of the log."""

import secrets
from contextvars import ContextVar

# Read out and typed without mistakes: no 0 and O, no 1, I and L.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
number = ContextVar("number", default="-")


def new() -> str:
    """Return a number for one request, such as K7M2-9QXD; 852,891,037,441 are possible."""
    letters = [secrets.choice(_ALPHABET) for _place in range(8)]
    return "".join([*letters[:4], "-", *letters[4:]])

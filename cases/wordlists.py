"""Looking for many words at once in a text."""

import re

_NEVER = re.compile(r"(?!)")


def any_of(words):
    """Return a pattern for any of these words, the longest first; Latin ones as whole words."""
    ordered = sorted(words, key=len, reverse=True)
    parts = [rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in ordered]
    return re.compile("|".join(parts)) if parts else _NEVER

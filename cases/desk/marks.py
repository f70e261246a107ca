"""Texts as pieces of which some are marked; a template escapes each and wraps the marked ones."""

import re

from cases import searching

_BEFORE, _AFTER = 30, 90


def pieces(text, words):
    """Return a text as [(piece, whether a word that was looked for)]."""
    if not words:
        return [(text, False)]
    found, end = [], 0
    for match in _any_of(words).finditer(text):
        found += [(text[end : match.start()], False), (match[0], True)]
        end = match.end()
    return [(piece, marked) for piece, marked in (*found, (text[end:], False)) if piece]


def snippet(text, words):
    """Return the part of a text around the first word found in it, in marked pieces."""
    text = " ".join(text.split())
    first = _any_of(words).search(text) if words else None
    start = max(first.start() - _BEFORE, 0) if first else 0
    end = (first.end() if first else _BEFORE) + _AFTER
    found = pieces(text[start:end], words)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return [(piece, marked) for piece, marked in ((before, False), *found, (after, False)) if piece]


def _any_of(words):
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(
        "|".join(searching.pattern(word).pattern for word in longest_first), re.IGNORECASE
    )

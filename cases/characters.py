"""Traditional and Simplified characters as one: to look for words and to compare, never to show.

The table (data/characters.json) has for each Traditional character the Simplified one that it is
read as. Names and letters are kept and shown as they were written.
"""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data" / "characters.json"


def simplified(text):
    """Return a text with the Simplified form of every character, of the same length."""
    return text if text.isascii() else text.translate(_table())


def is_traditional(text):
    """Return whether a text has a character that is not written in Simplified Chinese."""
    return any(c in _only_traditional() for c in text)


def either(character):
    """Return a regular expression for one character in whichever form it is written."""
    forms = _forms().get(character.translate(_table()))
    return f"[{forms}]" if forms else re.escape(character)


@cache
def halves():
    """Return for each of the 65,536 halves of UTF-16 the one that it is read as."""
    found = np.arange(1 << 16, dtype="<u2")
    found[list(_table())] = list(map(ord, _table().values()))
    return found


@cache
def _table():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    return {ord(one): two for one, two in zip(data["traditional"], data["simplified"], strict=True)}


@cache
def _only_traditional():
    """Return the Traditional characters but for those that mean something else in Simplified."""
    return {c for c in map(chr, _table()) if not _is_on_the_mainland(c)}


def _is_on_the_mainland(character):
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


@cache
def _forms():
    """Return {Simplified character: it and all that are read as it}."""
    found = {}
    for code, simple in _table().items():
        found[simple] = found.get(simple, simple) + chr(code)
    return found

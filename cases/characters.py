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
_CHINESE, _LATIN = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{2}")


def simplified(text):
    """Return a text with the Simplified form of every character, of the same length."""
    return text if text.isascii() else text.translate(_table())


def language_of(text):
    """Return the language in which a text is written: zh-hant, zh-hans, zh for either, en, or ""."""
    if not _CHINESE.search(text):
        return "en" if _LATIN.search(text) else ""
    ours = sum(c in _only("gb2312") for c in text) - sum(c in _only("big5") for c in text)
    return ("zh-hans", "zh", "zh-hant")[(ours > 0) - (ours < 0) + 1]


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
def _only(standard):
    """Return the characters of the table that a standard (gb2312, big5) of the other form lacks."""
    one_side = map(chr, _table()) if standard == "gb2312" else _table().values()
    return {c for c in one_side if c.encode(standard, "ignore") == b""}


@cache
def _forms():
    """Return {Simplified character: it and all that are read as it}."""
    found = {}
    for code, simple in _table().items():
        found[simple] = found.get(simple, simple) + chr(code)
    return found

"""Traditional Chinese, as it is read in Hong Kong, made from Simplified: OpenCC and a table of terms.

Texts of the program are converted once, into the catalogue (config/messages.py), where they are
corrected by hand; names of units and places on the page. What a person wrote is never converted.
"""

import json
import re
from functools import cache, lru_cache
from pathlib import Path

import opencc

DATA = Path(__file__).parent / "data" / "traditional.json"


@lru_cache(4096)
def converted(text):
    """Return a Simplified text in Traditional characters and in the words of Hong Kong."""
    words, pattern, characters, table = _tables()
    pieces = pattern.split(text)
    made = [
        words[piece] if place % 2 else table.convert(piece) for place, piece in enumerate(pieces)
    ]
    return "".join(made).translate(characters)


@cache
def _tables():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    words = data["words"]
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")
    return words, pattern, str.maketrans(data["characters"]), opencc.OpenCC("s2t")

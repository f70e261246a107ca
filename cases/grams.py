"""Two-character grams of letters, by which words are found and letters compared.

Chinese is written without spaces: a word is found by the pairs of characters in it. What is
folded here is only looked up, never shown. Traditional and Simplified characters are one.
"""

import re
import sys
from array import array

import numpy as np
from django.db import connection

from cases import characters, worlds
from cases.models import Letter, LetterGrams

# Full-width letters, digits and signs, and the marks that nobody sees.
_FOLDS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_FOLDS |= dict.fromkeys(map(ord, INVISIBLE))
_FOLDABLE = re.compile(f"[\uff01-\uff5e\u3000{INVISIBLE}]")
_UNSEEN = re.compile(f"[{INVISIBLE}]")
# What stands between two words joins no pair.
_GAP = re.compile(r"[\W_]+")
_SPACE, _HALF = ord(" "), 0xFFFF


def folded(text):
    """Return a text in half width, lower case and Simplified, without invisible marks, to compare by."""
    return characters.simplified(_half_width(text))


def _half_width(text):
    if _FOLDABLE.search(text):  # few texts need it, and it takes longer than all the rest
        text = text.translate(_FOLDS)
    return text.lower()


def of(text):
    """Return the grams of a text: a set of integers of four bytes, one for each pair of neighbours.

    A character outside the basic plane is two halves, and so a pair by itself.
    """
    code = coded(text)
    # The pairs that begin at even places, and those that begin at odd ones.
    found = set(_integers(code)).union(_integers(code[2:]))
    return {one for one in found if one & _HALF != _SPACE and one >> 16 != _SPACE}


def coded(text):
    """Return a text as its pairs are read: folded, blanks for all that joins none, in halves."""
    plain = _half_width(_GAP.sub(" ", _UNSEEN.sub("", text)))
    code = np.frombuffer(plain.encode("utf-16-le", "surrogatepass"), "<u2")
    return characters.halves()[code].tobytes()


def _integers(code):
    pairs = array("i", code[: len(code) // 4 * 4])
    if sys.byteorder == "big":
        pairs.byteswap()
    return pairs


def runs(text):
    """Return the runs of letters, digits and Chinese characters in a text, as they are compared."""
    return _GAP.sub(" ", folded(text)).split()


def of_letter(letter):
    """Return the grams of all that a letter may be found by: title, text, place and receipt."""
    return of(text_of(letter.title, letter.body, letter.place, letter.receipt))


def text_of(title, body, place, receipt):
    """Return what a letter may be found by as one text."""
    return "\n".join((title, body, place, receipt.replace("-", "")))


def keep(letter):
    """Store the grams of a letter that is being kept, in the transaction of its intake."""
    LetterGrams.objects.create(letter=letter, grams=sorted(of_letter(letter)))


def total():
    """Return how many letters this world has."""
    return Letter.objects.count()


def analyse():
    """Have the database count how common each gram is: by that letters are compared."""
    with connection.cursor() as cursor:
        # The usual statistics know only the most common ones. The live table's own setting
        # (migration 0008) says the same, and is not copied to a run's.
        if not worlds.current().live:
            cursor.execute("SET LOCAL default_statistics_target = 1000")
        cursor.execute("ANALYZE cases_lettergrams")

"""What texts are compared by: their grams, but words of Latin letters whole.

Two texts in English share most of their pairs of letters, whatever they are about. Letters are
still looked up by all their grams (cases/grams.py): by these they are compared.
"""

import re

from cases import grams

_LATIN = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[a-z]{2,}")
# English words that say nothing of what a text is about.
_COMMON = frozenset(
    "about after again all also am an and any are as at be because been before but by can could "
    "did do does for from get had has have he hello help her here him his how if in into is it its "
    "just know me more my no not now of off on one or our out over please said she should so some "
    "thank thanks that the their them then there they this time to too two up us very was we were "
    "what when where which who why will with would you your".split()
)


def of(text):
    """Return what a text is compared by: grams, and Latin words in lower case."""
    if not _LATIN.search(text):
        return grams.of(text)
    plain = grams.folded(text)
    return grams.of(_WORD.sub(" ", plain)) | words(plain)


def words(plain):
    """Return the Latin words of a folded text that may say what it is about."""
    return set(_WORD.findall(plain)) - _COMMON


def runs(text):
    """Return the runs of other characters in a text, as they are compared."""
    return grams.runs(_WORD.sub(" ", grams.folded(text)))

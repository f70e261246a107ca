"""Two-character grams of letters, by which words are found and letters compared.

Chinese is written without spaces: a word is found by the pairs of characters in it. What is
folded here is only looked up, never shown.
"""

import re
import sys
from array import array

from django.db import connection
from django.db.models import Min

from cases import worlds
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
CHUNK = 5_000


def folded(text):
    """Return a text in half width and lower case, without invisible marks, to compare by."""
    if _FOLDABLE.search(text):  # few texts need it, and it takes longer than all the rest
        text = text.translate(_FOLDS)
    return text.lower()


def of(text):
    """Return the grams of a text: a set of integers of four bytes, one for each pair of neighbours.

    A character outside the basic plane is two halves, and so a pair by itself.
    """
    code = folded(_GAP.sub(" ", _UNSEEN.sub("", text))).encode("utf-16-le", "surrogatepass")
    # The pairs that begin at even places, and those that begin at odd ones.
    found = set(_integers(code)).union(_integers(code[2:]))
    return {one for one in found if one & _HALF != _SPACE and one >> 16 != _SPACE}


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
    receipt = letter.receipt.replace("-", "")
    return of("\n".join((letter.title, letter.body, letter.place, receipt)))


def keep(letter):
    """Store the grams of a letter that is being kept, in the transaction of its intake."""
    LetterGrams.objects.create(letter=letter, grams=sorted(of_letter(letter)))


def total():
    """Return how many letters this world has."""
    return Letter.objects.count()


def missing():
    """Return how many letters of this world have no grams yet, in their order from the oldest.

    They are filled in from the newest on, so the oldest that has any tells where that stopped.
    """
    lowest = LetterGrams.objects.aggregate(lowest=Min("pk"))["lowest"]
    oldest = Letter.objects.aggregate(oldest=Min("pk"))["oldest"]
    if oldest is None or lowest == oldest:
        return 0
    return (Letter.objects.filter(pk__lt=lowest) if lowest else Letter.objects).count()


def fill(most=CHUNK):
    """Store the grams of the newest letters that have none, at most so many; return how many.

    One statement, so that a fill that dies has done nothing, and two at once do it once.
    """
    lowest = LetterGrams.objects.aggregate(lowest=Min("pk"))["lowest"]
    letters = Letter.objects.filter(pk__lt=lowest) if lowest else Letter.objects.all()
    letters = letters.only("title", "body", "place", "receipt").order_by("-pk")[: most + 1]
    rows = [(one.pk, _as_array(sorted(of_letter(one)))) for one in letters]
    rows, last = rows[:most], len(rows) <= most
    if not rows:
        return 0
    if not worlds.current().live:
        _let_wait(64 if last else 4096)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_lettergrams (letter_id, grams) SELECT letter, grams::integer[]"
            " FROM unnest(%s::bigint[], %s::text[]) AS made (letter, grams)"
            " ON CONFLICT DO NOTHING",
            [list(column) for column in zip(*rows, strict=True)],
        )
    if last:
        analyse()
    return len(rows)


def _let_wait(size):
    """Set for how many kB new grams of a run wait for their place in the index.

    With many they are put there five times as fast; but each look-up reads what still waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER INDEX letter_grams SET (gin_pending_list_limit = {size:d})")


def analyse():
    """Have the database count how common each gram is: by that letters are compared."""
    with connection.cursor() as cursor:
        # The usual statistics know only the most common ones. The live table's own setting
        # (migration 0008) says the same, and is not copied to a run's.
        if not worlds.current().live:
            cursor.execute("SET LOCAL default_statistics_target = 1000")
        cursor.execute("ANALYZE cases_lettergrams")


def _as_array(numbers):
    return "{" + ",".join(map(str, numbers)) + "}"

"""Making the letters of a world findable: the grams of many at once, then the index over them.

A run is loaded and sealed without them; its worker fills them in when the run is done, or else
its first search does, part by part. The grams of thousands of letters are columns that are sorted
once, and go to the database as it keeps them; the index is made last, by several processes, which
takes a tenth of adding to it.
"""

import numpy as np
from django.db import connection
from django.db.models import Min

from cases import grams, worlds
from cases.models import Letter, LetterGrams

CHUNK = 5_000
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_INTEGER = 23  # the type of the grams, as the database numbers it
# One row of COPY in binary: two fields, the letter's key and the head of an array of integers …
_ROW = np.dtype(
    [("fields", ">i2"), ("key_size", ">i4"), ("key", ">i8"), ("size", ">i4")]
    + [(name, ">i4") for name in ("dimensions", "nulls", "type", "count", "first")]
)
# … and each of these.
_ITEM = np.dtype([("size", ">i4"), ("gram", ">u4")])
# Grams are signed in the database, and sorted so: this turns one order into the other.
_SIGN = 1 << 31


def missing():
    """Return how many letters of this world have no grams yet, in their order from the oldest.

    They are filled in from the newest on, so the oldest that has any tells where that stopped.
    """
    lowest = LetterGrams.objects.aggregate(lowest=Min("pk"))["lowest"]
    oldest = Letter.objects.aggregate(oldest=Min("pk"))["oldest"]
    if oldest is None or lowest == oldest:
        return 0
    return (Letter.objects.filter(pk__lt=lowest) if lowest else Letter.objects).count()


def ready():
    """Return whether every letter of this world can be found: the grams and their index are there."""
    return not missing() and worlds.has_index(worlds.LATE_INDEX)


def fill(most=CHUNK):
    """Store the grams of the newest letters that have none, at most so many; return how many.

    The last part makes the index too. In one transaction, so that a fill that dies has done
    nothing; of two at once, the second waits and goes on from there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [worlds.current().schema])
        lowest = LetterGrams.objects.aggregate(lowest=Min("pk"))["lowest"]
        letters = Letter.objects.filter(pk__lt=lowest) if lowest else Letter.objects
        letters = letters.filter(grams=None).order_by("-pk")
        rows = list(letters.values_list("pk", "title", "body", "place", "receipt")[: most + 1])
        part, last = rows[:most], len(rows) <= most
        if part:
            keys = [row[0] for row in part]
            texts = [grams.text_of(*row[1:]) for row in part]
            query = "COPY cases_lettergrams (letter_id, grams) FROM STDIN (FORMAT binary)"
            with cursor.copy(query) as copy:
                copy.write(_as_rows(keys, *of_many(texts)))
        if last and (part or not worlds.has_index(worlds.LATE_INDEX)):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            worlds.add_late_index()
            grams.analyse()
    return len(part)


def of_many(texts):
    """Return (place of its text, gram) as two columns, sorted: of each text what grams.of gives."""
    codes = [grams.coded(text) for text in texts]
    sizes = np.array([len(code) // 2 for code in codes])
    gap = grams.coded(" ")  # between two texts, so that no pair has a part of both
    halves = np.frombuffer(gap.join([*codes, b""]), "<u2")
    place = np.repeat(np.arange(len(codes)), sizes + 1)[:-1]
    first, second = halves[:-1], halves[1:]
    whole = (first != ord(" ")) & (second != ord(" "))
    found = first[whole].astype("u4") | second[whole].astype("u4") << 16
    found = place[whole] << 32 | (found ^ _SIGN)
    found.sort()
    found = found[np.append(True, found[1:] != found[:-1])[: len(found)]]
    return found >> 32, ((found & 0xFFFF_FFFF) ^ _SIGN).astype("u4")


def _as_rows(keys, places, found):
    """Return rows of keys and grams as COPY reads them in binary."""
    counts = np.bincount(places, minlength=len(keys))
    rows = np.zeros(len(keys), _ROW)
    rows["fields"], rows["key_size"], rows["key"] = 2, 8, keys
    rows["size"] = 20 + _ITEM.itemsize * counts
    rows["dimensions"], rows["type"], rows["count"], rows["first"] = 1, _INTEGER, counts, 1
    items = np.zeros(len(found), _ITEM)
    items["size"], items["gram"] = 4, found
    heads, bodies = rows.tobytes(), items.tobytes()
    pieces, start = [_SIGNATURE], 0
    for number, end in enumerate((np.cumsum(counts) * _ITEM.itemsize).tolist()):
        pieces += (heads[number * _ROW.itemsize : (number + 1) * _ROW.itemsize], bodies[start:end])
        start = end
    return b"".join([*pieces, b"\xff\xff"])

"""The daybook of the current world: read from the events, and kept up to date step by step.

A case's rows are made anew when it has another step, and only then, since the log only grows.
Each process keeps what it has read; a copy in the cache, which may be lost or old, spares the
next process the reading of a whole year.
"""

import json
from collections import OrderedDict, namedtuple
from datetime import date
from io import BytesIO
from threading import Lock

import numpy as np
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from redis.exceptions import RedisError

from cases import worlds
from cases.daybook import (
    CASE,
    CATEGORY,
    HIT,
    KIND,
    SEPARATED,
    SPEAKING,
    STATE,
    Daybook,
    Tree,
    hits_of,
)
from cases.models import Case, Unit
from cases.statistics import CHINA

_KEPT = 4  # worlds that a process remembers
_WORTH = 2000  # so many cases read make a new copy worth its while
_AT_ONCE = 2000  # cases whose events are read by one query
_WEEK = 7 * 86400
_CASE = namedtuple(
    "_CASE", "pk seq unit_id mailbox_id accused_unit_id kind category state received_at"
)
# Turning moments and codes that nobody counts into objects would take most of the time: a case
# comes as one row, with the numbers of the days of its steps and a text for each (daybook.py).
_STEPS = """
SELECT case_id, array_agg(day ORDER BY seq), array_agg(step ORDER BY seq)
FROM (SELECT case_id, seq,
             (at AT TIME ZONE 'Asia/Shanghai')::date - DATE '0001-01-01' + 1 AS day,
             concat_ws(%s, action, old_state, new_state,
                       CASE WHEN due_at >= at THEN '1' WHEN due_at < at THEN '0' ELSE '' END,
                       CASE WHEN action = ANY(%s) THEN data::text ELSE '' END) AS step
      FROM cases_event WHERE case_id = ANY(%s)) AS event
GROUP BY case_id
"""
_EMPTY = Daybook(np.zeros(0, CASE), np.zeros(0, HIT), ())
_books, _lock = OrderedDict(), Lock()


def current():
    """Return the Daybook of the current world as of now."""
    key = _key()
    with _lock:
        book = _books.pop(key, None)
        known = book or _copied(key) or _EMPTY
        book, read = _up_to_date(known)
        if read >= _WORTH:
            _copy(key, book)
        _books[key] = book
        while len(_books) > _KEPT:
            _books.popitem(last=False)
    return book


def read_anew():
    """Return the Daybook of the current world without what is remembered, and remember nothing."""
    return _up_to_date(_EMPTY)[0]


def tree():
    """Return the Tree of all units."""
    return Tree(Unit.objects.order_by().values_list("pk", "path"))


def _key():
    """Return what no other table of cases was ever called: a world may be made again by its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), 'cases_case'::regclass::oid::bigint")
        name, table = cursor.fetchone()
    return f"daybook:{worlds.current().mark}:{name}:{table}"


def _up_to_date(book):
    """Return the daybook with the rows of changed cases made anew, and how many these were."""
    now = _signature()
    changed = [day for day in {*now, *book.signature} if now.get(day) != book.signature.get(day)]
    if not changed:
        return book, 0
    cases = Case.objects.order_by("pk")
    if len(changed) < len(now):
        cases = cases.annotate(day=TruncDate("received_at", tzinfo=CHINA)).filter(
            day__in=[date.fromordinal(day) for day in changed]
        )
    rows = map(_CASE._make, cases.values_list(*_CASE._fields).iterator(chunk_size=5000))
    there = {row.pk: row for row in rows}
    known = dict(zip(book.cases["pk"].tolist(), book.cases["seq"].tolist(), strict=True))
    anew = [row for row in there.values() if known.get(row.pk) != row.seq]
    old = np.isin(book.cases["day"], changed)
    old &= ~np.isin(book.cases["pk"], [*(there.keys() - {row.pk for row in anew})])
    return _changed(book, set(book.cases["pk"][old].tolist()), anew), len(anew)


def _signature():
    days = Case.objects.annotate(day=TruncDate("received_at", tzinfo=CHINA)).order_by()
    sums = days.values("day").annotate(n=Count("pk"), pks=Sum("pk"), steps=Sum("seq"))
    return {row["day"].toordinal(): (row["n"], int(row["pks"]), int(row["steps"])) for row in sums}


def _changed(book, dropped, anew):
    """Return the daybook without the cases dropped, and with the rows of others made anew."""
    hits, numbers = [], []
    for start in range(0, len(anew), _AT_ONCE):
        part = {row.pk: row for row in anew[start : start + _AT_ONCE]}
        rows, their_numbers = _read(part)
        hits.append(np.array(rows, HIT))
        numbers += their_numbers
    added = np.array([_columns(row) for row in anew], CASE)
    gone = np.array(sorted(dropped), "i8")
    cases = np.append(book.cases[~np.isin(book.cases["pk"], gone)], added)
    kept = book.hits[~np.isin(book.hits["pk"], gone)]
    hits = np.concatenate([kept, *hits])
    kept = [row for row in book.numbers if row[3] not in dropped]
    return Daybook(
        cases[np.argsort(cases["pk"])],
        hits[np.argsort(hits["day"], kind="stable")],
        tuple(kept + numbers),
    )


def _columns(row):
    codes = (KIND[row.kind], CATEGORY[row.category], STATE[row.state])
    day = row.received_at.astimezone(CHINA).toordinal()
    ids = (row.unit_id, row.mailbox_id, row.accused_unit_id or 0)
    return (row.pk, row.seq, *ids, *codes, day)


def _read(cases):
    """Return the rows and the numbers of the events of some cases, {pk: _CASE}."""
    hits, numbers = [], []
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [SEPARATED, list(SPEAKING), list(cases)])
        for pk, days, steps in cursor.fetchall():
            case = cases[pk]
            # Someone may be at work: no more than the case's row knows of.
            known = days[: case.seq], steps[: case.seq]
            its_hits, its_numbers = hits_of(case.kind, case.category, pk, *known)
            hits += its_hits
            numbers += its_numbers
    return hits, numbers


def _copied(key):
    """Return the daybook that the cache holds, or None; any age will do."""
    try:
        packed = cache.get(key)
        if not packed:
            return None
        with np.load(BytesIO(packed), allow_pickle=False) as file:
            numbers = tuple(map(tuple, json.loads(file["numbers"].tobytes())))
            return Daybook(file["cases"], file["hits"], numbers)
    except (OSError, RedisError, ValueError, KeyError):
        return None


def _copy(key, book):
    packed = BytesIO()
    numbers = np.frombuffer(json.dumps(book.numbers).encode(), "u1")
    np.savez_compressed(packed, cases=book.cases, hits=book.hits, numbers=numbers)
    try:
        cache.set(key, packed.getvalue(), _WEEK)
    except (OSError, RedisError):
        return

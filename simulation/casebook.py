"""A log read as one row a letter: what happened to it, and when, for measuring.

Live events and those of a run's world are read here; playbook.py makes the same of a scenario just
played, so a measured figure and a simulated one mean the same. Only letters received in the
span are in a book, and only what happened before its end: a book knows nothing of the future,
and neither has it a past.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock
from itertools import groupby

import numpy as np
from django.db.models import BooleanField, CharField, ExpressionWrapper, F, Q, Value, Window
from django.db.models.functions import Cast, Coalesce, Lag, NullIf

from cases.fields import RESULTS
from cases.models import Case, Event, Unit
from cases.statistics import CHINA
from cases.transitions import BY_CITIZEN
from simulation.scenario import (
    CATEGORY_CODES,
    DECLINE_CODES,
    DEPARTMENT,
    ELSEWHERE_CODES,
    KIND_CODES,
    RETURN_CODES,
)

NONE = -1
RESULT_CODES = tuple(code for code, _label in RESULTS)
# Columns whose value is the second of the first event of an action.
FIRST = {
    "accept": "accepted", "decline": "declined", "reconsider": "reconsidered", "merge": "merged",
    "transfer_out": "transferred", "dispatch": "dispatched", "contact": "contacted",
    "ask_citizen": "asked", "supply": "supplied", "lapse": "lapsed", "feedback": "fed_back",
    "extend": "extended", "record_result": "resulted", "send_back_reply": "sent_back",
    "approve_reply": "replied", "rate": "rated", "reopen": "reopened", "close": "closed",
    "thank": "thanked", "record_incident": "incident", "record_rule": "rule",
}  # fmt: skip
# Columns with an index or a yes (1) and no (0), from what was said at that first event.
SAID = {
    "decline": ("decline_reason", "decline_reason", DECLINE_CODES),
    "transfer_out": ("elsewhere", "elsewhere", ELSEWHERE_CODES),
    "record_result": ("result", "result", RESULT_CODES),
    "thank": ("form", "form", ("letter", "banner")),
    "contact": ("reached", "reached", (False, True)),
    "close": ("by_writer", "by", (None, BY_CITIZEN)),
}
OF_LETTER = (
    "received", "to_department", "city", "kind", "category", "emergency", "confidential",
    "wrote_before",
)  # fmt: skip
COLUMNS = (
    *OF_LETTER, *FIRST.values(), *(column for column, _key, _codes in SAID.values()),
    "satisfied", "solved", "returns",
)  # fmt: skip
READ = (*FIRST, "forward_down", "return_to_desk")
_PLACE = {name: n for n, name in enumerate(COLUMNS)}
_RETURNS, _CITY = _PLACE["returns"], _PLACE["city"]
_FIRST = {action: _PLACE[column] for action, column in FIRST.items()}
_SAID = {
    action: (_PLACE[column], key, {code: n for n, code in enumerate(codes)})
    for action, (column, key, codes) in SAID.items()
}


@dataclass(frozen=True)
class Book:
    """Letters of a span, one row each, as columns; -1 where nothing happened.

    start: a date. days: how many. cities: their codes, which `city` counts.
    columns: {name: int64[n]}, times in seconds from the start; wrote_before: seconds since the
    writer's letter before. return_reasons: {code: count}.
    """

    start: object
    days: int
    cities: tuple
    columns: dict
    return_reasons: dict

    def __getitem__(self, name):
        return self.columns[name]

    def __len__(self):
        return len(self.columns["received"])


def joined(books):
    """Return one Book of several of the same span: as if all their letters had come in it."""
    first = books[0]
    columns = {name: np.concatenate([book[name] for book in books]) for name in COLUMNS}
    reasons = {c: sum(book.return_reasons[c] for book in books) for c in first.return_reasons}
    return Book(first.start, first.days, first.cities, columns, reasons)


class _Writer:
    """Collects rows for a Book."""

    def __init__(self, start, days, cities):
        self._about = start, days, cities
        self._rows, self._reasons = [], dict.fromkeys(RETURN_CODES, 0)

    def add(self, of_letter, events):
        """Add one letter. of_letter: values of OF_LETTER. events: (second, action, said, city)."""
        row = [*of_letter, *[NONE] * (len(COLUMNS) - len(OF_LETTER))]
        row[_RETURNS] = 0
        for at, action, said, city in events:
            if city >= 0:
                row[_CITY] = city
            if action == "return_to_desk":
                row[_RETURNS] += 1
                if said["return_reason"] in self._reasons:
                    self._reasons[said["return_reason"]] += 1
            place = _FIRST.get(action)
            if place is None or row[place] != NONE:
                continue
            row[place] = at
            if action in _SAID:
                column, key, codes = _SAID[action]
                row[column] = codes.get(said.get(key), NONE)
            elif action == "rate":
                row[_PLACE["satisfied"]], row[_PLACE["solved"]] = said["satisfied"], said["solved"]
        self._rows.append(row)

    def book(self):
        """Return the Book of all that was added."""
        table = np.array(self._rows, np.int64).reshape(-1, len(COLUMNS)).T
        return Book(*self._about, dict(zip(COLUMNS, table, strict=True)), self._reasons)


def of_log(first, last, cities):
    """Return the Book of the world one is in, of letters received from a day to a day.

    first, last: dates, inclusive. cities: codes. Events come in order by a server-side cursor.
    """
    start = datetime.combine(first, clock(), CHINA)
    end = datetime.combine(last + timedelta(days=1), clock(), CHINA)
    writer = _Writer(first, (last - first).days + 1, cities)
    city_of = _city_of(cities)
    rows = _letters(start, end, city_of)
    events = Event.objects.filter(
        case__received_at__gte=start, case__received_at__lt=end, at__lt=end, action__in=READ
    ).order_by("case_id", "seq")
    found = events.values_list("case_id", "at", "action", "data", "role", "unit_id")
    for case_id, its in groupby(found.iterator(chunk_size=10_000), key=lambda event: event[0]):
        writer.add(rows.pop(case_id), [_read(event, start, city_of) for event in its])
    for row in rows.values():
        writer.add(row, ())
    return writer.book()


def _read(event, start, city_of):
    _case, at, action, said, role, unit = event
    city = city_of.get(unit, NONE) if action in ("dispatch", "forward_down") else NONE
    if action == "close":
        said = {"by": BY_CITIZEN} if role == BY_CITIZEN else {}
    return int((at - start).total_seconds()), action, said, city


def _city_of(cities):
    """Return {unit id: index of its city}."""
    found = {}
    for pk, path in Unit.objects.values_list("pk", "path"):
        for code in path.split("/"):
            if code in cities:
                found[pk] = cities.index(code)
    return found


def _letters(start, end, city_of):
    """Return {case id: values of OF_LETTER}. Who wrote stays in the database."""
    index = NullIf("letter__writer__phone_index", Value(""))
    who = Coalesce(index, Cast("letter__writer_number", CharField()))
    cases = Case.objects.filter(received_at__gte=start, received_at__lt=end).annotate(
        who=who,
        before=Window(Lag("received_at"), partition_by=[F("who")], order_by=["received_at", "pk"]),
        nobody=ExpressionWrapper(Q(who__isnull=True), BooleanField()),
    )
    found = cases.values_list(
        "pk", "received_at", "mailbox_id", "mailbox__code", "kind", "category",
        "letter__emergency", "letter__confidential", "nobody", "before",
    )  # fmt: skip
    rows = {}
    for pk, at, box, code, kind, category, emergency, secret, nobody, before in found.iterator(
        chunk_size=10_000
    ):
        rows[pk] = (
            int((at - start).total_seconds()),
            code == DEPARTMENT,
            city_of.get(box, NONE),
            KIND_CODES.index(kind),
            CATEGORY_CODES.index(category),
            emergency,
            secret,
            NONE if nobody or before is None else int((at - before).total_seconds()),
        )
    return rows

"""Rows in PostgreSQL's binary COPY format, written by compiled code from arrays.

A row is its number columns first, then its pieces: runs of whole fields that many rows share,
or that were written for this one row. https://www.postgresql.org/docs/current/sql-copy.html
"""

import json
from datetime import UTC, datetime

import numpy as np
from django.db import models

from cases.calendars import EPOCH, MICROSECOND
from simulation.compiled import compiled_whole
from simulation.walks import NULL

HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL = b"\xff\xff"
# PostgreSQL counts microseconds from here.
EPOCH_THERE = (datetime(2000, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
_WIDTHS = {
    models.BooleanField: 1,
    models.PositiveSmallIntegerField: 2,
    models.PositiveIntegerField: 4,
}
_NOTHING = (-1).to_bytes(4, "big", signed=True)


def moments(times):
    """Return times in microseconds since 1970 as PostgreSQL counts them; NULL stays."""
    return np.where(times == NULL, NULL, times - EPOCH_THERE)


def width(field):
    """Return the bytes of a model's field that is a number, a moment or a key."""
    return _WIDTHS.get(type(field), 8)


def cell(field, value):
    """Return the bytes of one field of a row. field: of a model, not a moment."""
    if value is None:
        return _NOTHING
    if isinstance(field, models.JSONField):
        data = b"\1" + json.dumps(value, ensure_ascii=False).encode()
    elif isinstance(value, str):
        data = value.encode()
    else:
        data = int(value).to_bytes(width(field), "big", signed=True)
    return len(data).to_bytes(4, "big") + data


class Pieces:
    """Runs of fields, by number; those that are equal only once."""

    def __init__(self):
        self._numbers, self._pieces, self._flat = {}, [], None

    def number(self, piece):
        """Return the number of a piece."""
        found = self._numbers.setdefault(piece, len(self._pieces))
        if found == len(self._pieces):
            self._pieces.append(piece)
            self._flat = None
        return found

    def __len__(self):
        return len(self._pieces)

    def flat(self):
        """Return (bytes, offsets) of all pieces."""
        if self._flat is None:
            self._flat = flat(self._pieces)
        return self._flat


def flat(pieces):
    """Return (bytes, offsets) of a list of bytes, as two arrays."""
    return np.frombuffer(b"".join(pieces), np.uint8), np.cumsum([0, *map(len, pieces)])


def joined(first, second):
    """Return the (bytes, offsets) of two such lists, one after the other."""
    return (
        np.concatenate([first[0], second[0]]),
        np.concatenate([first[1], first[1][-1] + second[1][1:]]),
    )


def rows(numbers, pieces, flat, texts=(), text_flat=None):
    """Return (bytes, offsets) of rows.

    numbers: [(array, width in bytes)], NULL for none. pieces: [(array of numbers of pieces,
    how many fields they have)], and flat: as of Pieces.flat. texts: matrices of numbers of
    pieces that are joined to one field each, and text_flat: those pieces.
    """
    columns = np.column_stack([array.astype(np.int64, copy=False) for array, _width in numbers])
    widths = np.array([width for _array, width in numbers])
    chosen = np.column_stack([array.astype(np.int64, copy=False) for array, _fields in pieces])
    fields = len(numbers) + sum(count for _array, count in pieces) + len(texts)
    sizes = 2 + np.where(columns == NULL, 4, 4 + widths).sum(axis=1)
    sizes += np.diff(flat[1])[chosen].sum(axis=1)
    for joined in texts:
        sizes += 4 + np.diff(text_flat[1])[joined].sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    into, places = np.empty(offsets[-1], np.uint8), offsets[:-1].copy()
    _write_numbers(into, places, fields, columns, widths)
    _write_pieces(into, places, chosen, *flat)
    for joined in texts:
        _write_text(into, places, joined, *text_flat)
    return into, offsets


@compiled_whole
def _write_numbers(into, places, fields, columns, widths):
    for row in range(len(columns)):
        place = places[row]
        into[place] = fields >> 8
        into[place + 1] = fields & 255
        place += 2
        for column in range(columns.shape[1]):
            value = columns[row, column]
            if value == NULL:
                for byte in range(4):
                    into[place + byte] = 255
                place += 4
                continue
            size = widths[column]
            for byte in range(3):
                into[place + byte] = 0
            into[place + 3] = size
            place += 4
            for byte in range(size):
                into[place + size - 1 - byte] = (value >> (8 * byte)) & 255
            place += size
        places[row] = place


@compiled_whole
def _write_pieces(into, places, chosen, data, offsets):
    for row in range(len(chosen)):
        place = places[row]
        for column in range(chosen.shape[1]):
            first, last = offsets[chosen[row, column]], offsets[chosen[row, column] + 1]
            for byte in range(first, last):
                into[place + byte - first] = data[byte]
            place += last - first
        places[row] = place


@compiled_whole
def _write_text(into, places, chosen, data, offsets):
    for row in range(len(chosen)):
        head = places[row]
        place = head + 4
        for column in range(chosen.shape[1]):
            first, last = offsets[chosen[row, column]], offsets[chosen[row, column] + 1]
            for byte in range(first, last):
                into[place + byte - first] = data[byte]
            place += last - first
        for byte in range(4):
            into[head + 3 - byte] = ((place - head - 4) >> (8 * byte)) & 255
        places[row] = place

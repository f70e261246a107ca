"""Arrays as compressed bytes and back, for the rows of shards: nothing in them can be run."""

import json
import zlib
from dataclasses import fields

import numpy as np

from simulation.arrivals import Columns
from simulation.blocks import Block

_EVENTS = ("start", "at", "action", "said", "arg")
_LETTERS = tuple(field.name for field in fields(Columns) if field.name != "scenario")


def pack(arrays, **plain):
    """Return the bytes of {name: one-dimensional array}, and of plain JSON values beside them."""
    columns = [(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    head = json.dumps([columns, plain]).encode()
    parts = [len(head).to_bytes(4, "big"), head, *(a.tobytes() for a in arrays.values())]
    return zlib.compress(b"".join(parts), 1)


def unpack(packed):
    """Return ({name: array}, {name: plain value}) of what `pack` was given."""
    data = zlib.decompress(packed)
    place = 4 + int.from_bytes(data[:4], "big")
    columns, plain = json.loads(data[4:place])
    arrays = {}
    for name, dtype, count in columns:
        arrays[name] = np.frombuffer(data, dtype, count, place)
        place += arrays[name].nbytes
    return arrays, plain


def pack_block(block):
    """Return the bytes of a Block, its letters in the order of their numbers."""
    order = np.argsort(block.letters.number, kind="stable")
    letters, lengths = block.letters.take(order), np.diff(block.start)[order]
    start = np.concatenate([[0], np.cumsum(lengths)])
    events = np.repeat(block.start[order] - start[:-1], lengths) + np.arange(start[-1])
    columns = {f"letter_{name}": getattr(letters, name) for name in _LETTERS}
    columns |= {name: getattr(block, name)[events] for name in _EVENTS[1:]}
    return pack({**columns, "start": start})


def unpack_block(packed, scenario):
    """Return the Block, given the scenario that was played."""
    columns, _plain = unpack(packed)
    letters = Columns(scenario=scenario, **{name: columns[f"letter_{name}"] for name in _LETTERS})
    return Block(letters=letters, **{name: columns[name] for name in _EVENTS})

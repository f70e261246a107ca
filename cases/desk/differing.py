"""What differs between two texts: first by clauses, then by characters within those that changed."""

import re
from difflib import SequenceMatcher

from cases import grams

# A clause with the marks that end it.
_CLAUSE = re.compile(r"[^，。！？；：、,.!?;:\n]*[，。！？；：、,.!?;:\n]*")
# Longer stretches are not compared by character, and shorter matches in them mean nothing.
_LONGEST, _SHORTEST = 400, 2


def differing(one, two):
    """Return two texts as pieces: ([(piece, whether it differs)], the same of the other)."""
    ours, theirs = (_CLAUSE.findall(text) for text in (one, two))
    left, right = [], []
    for same, mine, other in _opcodes(
        *([grams.folded(c) for c in side] for side in (ours, theirs))
    ):
        mine, other = "".join(ours[mine]), "".join(theirs[other])
        if same:
            left.append((mine, False))
            right.append((other, False))
        else:
            _by_character(mine, other, left, right)
    return _joined(left), _joined(right)


def _opcodes(one, two):
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        yield tag == "equal", slice(start, end), slice(other_start, other_end)


def _by_character(mine, other, left, right):
    if max(len(mine), len(other)) > _LONGEST:
        left.append((mine, True))
        right.append((other, True))
        return
    for same, at, there in _opcodes(mine, other):
        at_an_end = 0 in (at.start, there.start) or at.stop == len(mine) or there.stop == len(other)
        alike = same and (at_an_end or len(mine[at]) >= _SHORTEST)
        left.append((mine[at], not alike))
        right.append((other[there], not alike))


def _joined(pieces):
    """Return the pieces without empty ones, neighbours of one sort made one."""
    joined = []
    for piece, differs in pieces:
        if joined and joined[-1][1] == differs:
            joined[-1] = (joined[-1][0] + piece, differs)
        elif piece:
            joined.append((piece, differs))
    return joined

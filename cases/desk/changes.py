"""What has changed between two versions of a text, in pieces that a page can mark."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"
# Sentences are compared first; inside changed ones characters, unless they are too long for that.
_SENTENCE = re.compile(r"[^。！？；，,;!?\n]*[。！？；，,;!?\n]?")
_MOST = 600
# Fewer equal characters than this between two changes are read as a part of the change.
_LEAST_SAME = 3


@dataclass(frozen=True)
class Piece:
    """A run of text that is the same in both versions, gone from the old one, or new."""

    kind: str
    text: str


def changes(old, new):
    """Return the Pieces that lead from the old text to the new; without the new ones it is the old."""
    pieces = []
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            pieces.append((SAME, gone))
        elif max(len(gone), len(come)) > _MOST:
            pieces += [(GONE, gone), (NEW, come)]
        else:
            pieces += _inside(gone, come)
    return _joined(pieces)


def _inside(gone, come):
    """Return the pieces of one change, character by character."""
    pieces = []
    codes = SequenceMatcher(None, gone, come, autojunk=False).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(codes):
        within = 0 < number < len(codes) - 1
        if kind == "equal" and not (within and b - a < _LEAST_SAME):
            pieces.append((SAME, gone[a:b]))
        else:
            pieces += [(GONE, gone[a:b]), (NEW, come[c:d])]
    return pieces


def _joined(pieces):
    """Return Pieces with neighbours of a kind as one, what is gone before what is new."""
    joined, gone, new = [], "", ""
    for kind, text in [*pieces, (SAME, "")]:
        if kind == GONE:
            gone += text
        elif kind == NEW:
            new += text
        elif text or gone or new:
            joined += [(GONE, gone), (NEW, new), (SAME, text)]
            gone = new = ""
    found = []
    for kind, text in joined:
        if text and found and found[-1].kind == kind:
            found[-1] = Piece(kind, found[-1].text + text)
        elif text:
            found.append(Piece(kind, text))
    return found

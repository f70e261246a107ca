"""Words in a letter that call for 110 at once, or for a human eye first.

The words are data (data/alarms.json). They never decide anything: they raise a banner and
put the letter first. A false alarm costs a glance, a missed one may cost a life; so only
phrases that plainly mean something else are struck out.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cases.characters import simplified
from cases.identity import fold
from cases.models import Message
from cases.transitions import BY_CITIZEN
from cases.wordlists import any_of

DATA = Path(__file__).parent / "data" / "alarms.json"
DANGER, SELF_HARM = "danger", "self_harm"

# Spaces and marks with which a word is spelled apart; a full stop or comma ends a thought.
_APART = re.compile(r"[ \t\u3000*·.\-_~～•|/]+")
# What may stand between a word and what takes the alarm away: a few characters of the same clause.
_NEAR = "[^,;:!?。、\\n]{0,4}"
_STRUCK = "□"


@dataclass(frozen=True)
class Alarm:
    """The words found, in the order of the text, and what they point to: danger, self_harm."""

    words: tuple[str, ...] = ()
    kinds: frozenset = frozenset()

    def __bool__(self):
        return bool(self.words)

    @property
    def self_harm(self):
        """Whether someone may harm themself."""
        return SELF_HARM in self.kinds


def find(*texts):
    """Return the Alarm that these texts raise; an empty one is false."""
    found = {}
    for text in texts:
        plain = simplified(fold(text).lower())
        joined = _APART.sub("", plain)
        for place in (joined, " ".join(plain.split())):
            found |= _search(place)
    return Alarm(tuple(found), frozenset(found.values()))


def of_case(case):
    """Return the Alarm of a case: of its letter, and of what the writer has added since."""
    said = Message.objects.filter(event__case=case.pk, event__role=BY_CITIZEN)
    texts = said.order_by("event__seq").values_list("body", flat=True)
    return find(case.letter.title, case.letter.body, *texts)


def words():
    """Return every word of the list, for the tests."""
    return tuple(_rules()["kind_of"])


def _search(text):
    """Return {word: kind} of the words in one text that something else does not explain."""
    rules = _rules()
    text = rules["harmless"].sub(_STRUCK, text)
    return {
        match.group(): rules["kind_of"][match.group()]
        for match in rules["word"].finditer(text)
        if not rules["after"].match(text, match.end())
    }


@cache
def _rules():
    data = json.loads(DATA.read_text(encoding="utf-8"))
    kind_of = {
        word: kind for kind in (DANGER, SELF_HARM) for word in data[kind] + data[f"{kind}_en"]
    }
    return {
        "kind_of": kind_of,
        "word": any_of(kind_of),
        "harmless": any_of(data["harmless"]),
        "after": re.compile(_NEAR + f"(?:{'|'.join(data['unless_followed_by'])})"),
    }

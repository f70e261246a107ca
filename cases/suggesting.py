"""Where a letter should go: a suggested kind, category and unit, each with its reason.

`suggest(case)` is the interface; what stands behind it are words, names of places, the
writer's own choice and the history of the mailbox. A learned model may take its place. It
suggests, and never decides: an officer does.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from cases import access, past_units, places
from cases.characters import simplified
from cases.fields import CATEGORIES, KINDS
from cases.identity import fold
from cases.wordlists import any_of

DATA = Path(__file__).parent / "data" / "keywords.json"

_FIRST, _IN_TITLE, _IN_BODY = 4, 2, 1  # what a word weighs that begins the title, and so on
_OWN, _OFFICERS = 2.5, 100  # what a choice of the writer weighs, and one that an officer made
_ENOUGH = 2  # below this a unit is offered, but not chosen beforehand
_SHOWN = 9  # as many as there are number keys


@dataclass(frozen=True)
class Choice:
    """One of the ranked answers: its code, what people call it, its weight and the reasons."""

    code: str
    label: str
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """The ranked kinds, categories and units of a letter, the best first; units may be none."""

    kinds: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    units: tuple[Choice, ...]

    @property
    def kind(self):
        """The code of the best kind."""
        return self.kinds[0].code

    @property
    def category(self):
        """The code of the best category."""
        return self.categories[0].code

    @property
    def unit(self):
        """The code of the best unit, or "" where nothing speaks clearly for one."""
        best = self.units[0] if self.units else None
        return best.code if best and best.score >= _ENOUGH else ""

    @property
    def reasons(self):
        """The reasons of the best kind, category and unit."""
        best = (self.kinds[0], self.categories[0], *self.units[:1])
        return tuple(reason for choice in best for reason in choice.reasons)


def suggest(case):
    """Return the Suggestion for a case, from its letter and its mailbox's history."""
    letter = case.letter
    title, body = _plain(letter.title, letter.body)
    kinds = _ranked("kinds", KINDS, title, body, case.kind, letter.kind)
    categories = _ranked("categories", CATEGORIES, title, body, case.category, letter.category)
    return Suggestion(kinds, categories, _units(case, title, body, categories[0].code))


def category_of(title, body):
    """Return the code of the category that a letter's words speak for most, or ""."""
    best = _ranked("categories", CATEGORIES, *_plain(title, body), "", "other")[0]
    return best.code if best.score > 0 else ""


def _plain(*texts):
    """Return texts as the words are listed, without the phrases that mean nothing."""
    plain = [simplified(fold(text)).lower().replace("’", "'") for text in texts]
    return [_words()["not"].sub("　", text) for text in plain]


def _ranked(name, labels, title, body, now, own):
    """Return the Choices of kinds or categories: words found, and what was chosen already."""
    scores, found = Counter(), {}
    for code, pattern, in_title in _words()[name]:
        words = dict.fromkeys(pattern.findall(body), _IN_BODY)
        words |= dict.fromkeys(in_title.findall(title), _IN_TITLE)
        if name == "kinds" and (first := in_title.match(title)):
            words[first.group()] = _FIRST
        if words:
            scores[code] = sum(words.values())
            found[code] = _("提到“%(words)s”") % {"words": "”“".join(list(words)[:3])}
    scores[now] += _OFFICERS if now != own else _OWN if own != "other" else 0
    ranked = sorted(labels, key=lambda pair: -scores[pair[0]])  # stable: ties as in the list
    return tuple(
        Choice(code, str(label), scores[code], _why(code, now, own, found))
        for code, label in ranked
    )


def _why(code, now, own, found):
    reasons = [found[code]] if code in found else []
    if code == now != own:
        reasons.append(_("已改为此类"))
    elif code == own:
        reasons.append(_("来信人所选"))
    return tuple(reasons)


def _units(case, title, body, category):
    """Return the Choices of units: places named, the line of the category, and who replied."""
    allowed = {unit.code: unit for unit in access.units_to_choose(case, "dispatch")}
    scores, reasons = Counter(), {}

    def add(code, score, reason):
        if code in allowed and score > 0:
            scores[code] += score
            reasons.setdefault(code, []).append(reason)

    named = places.named(
        allowed.values(), case.mailbox, place=fold(case.letter.place), title=title, body=body
    )
    for code, (score, name) in named.items():
        add(code, score, _("地点“%(name)s”") % {"name": name})
    code, weight = _words()["lines"].get(category, ("", 0))
    add(code, weight, _("业务归口"))
    for code, score, reason in past_units.replied(case, category, placed=bool(named)):
        add(code, score, reason)
    for code in _not_chosen(case, category, allowed, title + body) & set(scores):
        scores[code] = 0
        reasons[code] = [_("曾退回本件，或信中反映的可能就是它")]
    best = sorted(scores, key=lambda code: (-scores[code], code))
    return tuple(
        Choice(code, allowed[code].name, scores[code], tuple(reasons[code]))
        for code in best[:_SHOWN]
    )


def _not_chosen(case, category, allowed, text):
    """Return the codes of units that returned this case, or of which it may complain."""
    about = category == "conduct"
    named = {code for code, unit in allowed.items() if about and unit.name in text}
    return named | past_units.returned(case)


@cache
def _words():
    """Return kinds and categories as [(code, pattern of words, pattern for titles)], lines, not."""
    data = json.loads(DATA.read_text(encoding="utf-8"))

    def patterns(lists):
        return [
            (
                code,
                any_of([w for w in words if not w.startswith("^")]),
                any_of([w.lstrip("^") for w in words]),
            )
            for code, words in lists.items()
        ]

    return {
        "kinds": patterns(data["kinds"]),
        "categories": patterns(data["categories"]),
        "lines": data["lines"],
        "not": any_of(data["not"]),
    }

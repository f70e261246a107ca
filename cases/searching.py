"""Finding letters by words: every word must stand in the title, text, place or receipt.

The grams narrow the letters down; words of three characters and more are then looked for in
the letters themselves, since their grams may also stand apart.
"""

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL

from cases import characters, gram_filling, grams, identity
from cases.models import LetterGrams

LIMIT, MOST_WORDS = 60, 8
_FEW = 2000
_PAGE, _LOOKS = 50, 20
_SHOWN = ("letter", "mailbox", "unit", "officer")
# Materialized: the planner believes that matches are far apart, and would try each case by itself.
_MATCHING = (
    "WITH hit AS MATERIALIZED (SELECT letter_id FROM cases_lettergrams"
    " WHERE grams @> %s::integer[]) SELECT letter_id FROM hit"
)
_DAY = re.compile(r"\b(?:19|20)[0-9]{2}-[0-9]{1,2}(?:-[0-9]{1,2})?\b", re.ASCII)
_BETWEEN = f"[{grams.INVISIBLE}]*"


@dataclass(frozen=True)
class Found:
    """One page of letters that were found, newest first; last: after which to go on, or None."""

    cases: list
    last: int | None


def may_tell_who(text: str) -> bool:
    """Return whether a text holds an e-mail address, or a number as long as that of a permit."""
    text = _DAY.sub("", text)
    return "@" in text or re.search("(?:[0-9][ -]?){6}", text) is not None


def words_of(typed):
    """Return the words to look for in what was typed, folded; the same word once."""
    words = grams.folded(identity.clean(typed))[:LIMIT].split()
    return list(dict.fromkeys(words))[:MOST_WORDS]


def can_find(words):
    """Return whether the words are enough to look for: one of them has two characters."""
    return any(map(grams.of, words))


def find(cases, words, after=None, size=_PAGE):
    """Return a Found of those among `cases` in whose letters all words stand.

    cases: as access.visible_cases gives them. after: the key with which the last page ended.
    """
    needed = sorted(set().union(*map(_narrowing, words)))
    if not needed:
        return Found([], None)
    rows = cases.filter(pk__in=RawSQL(_MATCHING, [needed]))  # noqa: S611  constant, with a parameter
    rows = rows.select_related(*_SHOWN).order_by("-pk")
    patterns = [pattern(word) for word in words]
    exact = all(_is_one_gram(word) for word in words)
    found = []
    for _look in range(_LOOKS):
        chunk = list((rows.filter(pk__lt=after) if after else rows)[: size + 1])
        for case in chunk:
            if len(found) == size:
                return Found(found, found[-1].pk)
            if exact or stands_in(case.letter, words, patterns):
                found.append(case)
        if len(chunk) <= size:
            return Found(found, None)
        after = chunk[-1].pk
    return Found(found, after)


def looks_in_titles_only(words):
    """Return whether words are looked for in titles and receipts alone: too short, or no grams yet."""
    return bool(words) and (not can_find(words) or not gram_filling.ready())


def condition(words, titles_only=False):
    """Return the condition that all words stand in a case's letter, for a list among other filters.

    The keys of a few letters are looked up here and now, since a page asks for them many times;
    where many have the grams, each case of the list is asked, and the first page is soon full.
    """
    if titles_only:
        return _stand(words, ("title",))
    needed = sorted(set().union(*map(_narrowing, words)))
    if not needed:
        return Q()
    exact = _stand([word for word in words if not _is_one_gram(word)])
    hits = LetterGrams.objects.filter(grams__contains=needed)
    few = list(hits.values_list("pk", flat=True)[: _FEW + 1])
    if len(few) > _FEW:
        return exact & Q(Exists(hits.filter(pk=OuterRef("pk"))))
    if exact:
        few = list(hits.filter(exact, pk__in=few).values_list("pk", flat=True))
    return Q(pk__in=few)


def _stand(words, columns=("title", "body", "place")):
    """Return the condition that every word stands in one of these columns, or in the receipt."""
    found = Q()
    for word in words:
        signs = identity.squeeze(word)
        if signs:
            places = {f"letter__{name}__iregex": pattern(word).pattern for name in columns}
            places["letter__receipt__iregex"] = "-?".join(map(re.escape, signs))
            found &= Q(*places.items(), _connector=Q.OR)
    return found


def _narrowing(word):
    """Return grams that cover a word: every second one and the last, for the rest follows below."""
    found = set()
    for run in grams.runs(word):
        found |= grams.of(run[-2:]).union(
            *(grams.of(run[i : i + 2]) for i in range(0, len(run), 2))
        )
    return found


def _is_one_gram(word):
    return len(word) == 2 and len(grams.of(word)) == 1


def pattern(word):
    """Return what finds a folded word in a text as it was written: in any width, case and form."""
    return re.compile(_BETWEEN.join(map(_any_width, word)), re.IGNORECASE)


def _any_width(character):
    code = ord(character)
    if not 0x21 <= code < 0x7F:
        return characters.either(character)
    wide = {chr(code + 0xFEE0), chr(ord(character.upper()) + 0xFEE0)}
    return f"(?:{re.escape(character)}|{'|'.join(sorted(wide))})"


def stands_in(letter, words, patterns):
    """Return whether every word stands somewhere in the letter, or in its receipt."""
    texts = (letter.title, letter.body, letter.place)
    receipt = identity.squeeze(letter.receipt)
    return all(
        any(map(found.search, texts)) or identity.squeeze(word) in receipt
        for word, found in zip(words, patterns, strict=True)
        if identity.squeeze(word)
    )

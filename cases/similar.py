"""Have we had this? Letters whose words are like those of a letter, and others of its writer.

A gram weighs the more, the fewer letters have it: -log of its share, from the database's own
statistics of the column. Letters that share the rarest grams are looked up, then compared by the
cosine of their grams, words of Latin letters whole. Measured by `manage.py similar_check`.
"""

import math
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from cases import alike, grams, worlds
from cases.models import Case, LetterGrams

# Below this likeness letters are about different things; see similar_check.
THRESHOLD = 0.15
# So many of the rarest grams are looked up, as long as they stand in so many letters in all.
_RAREST, _POSTINGS, _CANDIDATES, _COMPARED = 60, 20_000, 300, 80
_OF_A_WRITER = 20
# Among letters that are alike: the same writer's first, then the same mailbox's, then near in time.
_SAME_WRITER, _SAME_MAILBOX, _NEAR, _NEAR_DAYS = 0.2, 0.03, 0.05, 30
_SHARED, _LONGEST = 4, 12
# Letters from which the shares of grams mean something.
_ENOUGH = 500
_LOOK_UP = """
    SELECT found.letter_id FROM unnest(%s::integer[], %s::float8[]) AS rare (gram, weight)
    JOIN cases_lettergrams AS found ON found.grams @> ARRAY[rare.gram]
    WHERE found.letter_id <> %s
    GROUP BY found.letter_id ORDER BY sum(rare.weight) DESC, found.letter_id DESC LIMIT %s
"""
_SHARES = """
    SELECT gram, share FROM pg_stats, unnest(
        most_common_elems::text::integer[],
        most_common_elem_freqs[1:cardinality(most_common_elems::text::integer[])]
    ) AS common (gram, share)
    WHERE schemaname = %s AND tablename = 'cases_lettergrams' AND attname = 'grams'
"""


@dataclass(frozen=True)
class Similar:
    """A letter that is like another: its case, from 0 to 1 how much, and words that both have."""

    case: Case
    score: float
    same_writer: bool
    words: tuple


def similar(case, among, may_link=lambda other: True, limit=5, threshold=THRESHOLD):
    """Return the Similar letters among these cases, the likest first.

    among: cases that the reader sees. may_link: whether the reader may learn that another case has
    the same writer. A letter of the same writer is there however little it is like this one.
    """
    weights = Weights()
    mine = alike.of(_text(case.letter))
    others = _candidates(case, among, grams.of(_text(case.letter)), weights)
    written = {pk for pk, other in others.items() if is_same_writer(case, other)}
    found = []
    for other in others.values():
        theirs = alike.of(_text(other.letter))
        score = weights.likeness(mine, theirs)
        same = other.pk in written and may_link(other)
        if same or score >= threshold:
            words = shared_words(case.letter, theirs, weights)
            found.append(Similar(other, score, same, words))
    return sorted(found, key=lambda one: _rank(case, one), reverse=True)[:limit]


class Weights:
    """How much each gram tells in this world."""

    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute(_SHARES, [worlds.current().schema])
            self.shares = dict(cursor.fetchall())
        # What few letters have in common says nothing about letters.
        if self.shares and LetterGrams.objects.all()[:_ENOUGH].count() < _ENOUGH:
            self.shares = {}
        # What is not among the common ones is rarer than the rarest of them.
        self.rarest = min(self.shares.values(), default=0.001)

    def of(self, gram):
        """Return the weight of one gram."""
        return -math.log(min(self.shares.get(gram, self.rarest), 0.999))

    def all(self, some):
        """Return the weight of a set of grams."""
        return sum(map(self.of, some))

    def likeness(self, mine, theirs):
        """Return the cosine of two sets of grams: 1 for the same, 0 for nothing in common."""
        both = math.sqrt(self.all(mine) * self.all(theirs))
        return self.all(mine & theirs) / both if both else 0.0

    def rare(self, some):
        """Return the grams to look up: the rarest, as long as they stand in few enough letters."""
        left, chosen = float(_POSTINGS), []
        letters = max(grams.total(), 1) if self.shares else 0
        for gram in sorted(some, key=lambda one: self.shares.get(one, 0.0))[:_RAREST]:
            left -= self.shares.get(gram, 0.0) * letters
            if left < 0 and chosen:
                break
            chosen.append(gram)
        return chosen


def _text(letter):
    return f"{letter.title}\n{letter.body}\n{letter.place}"


def _candidates(case, among, mine, weights):
    """Return {pk: case} of the letters that share the rarest grams, and of the same writer's newest."""
    rare = weights.rare(mine)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [rare, [weights.of(g) for g in rare], case.pk, _CANDIDATES])
        keys = [pk for (pk,) in cursor.fetchall()]
    seen = set(among.filter(pk__in=keys).values_list("pk", flat=True))
    keys = [pk for pk in keys if pk in seen][:_COMPARED]
    writer = _writer_of(case.letter)
    if writer is not None:
        same = among.filter(writer).exclude(pk=case.pk).order_by("-pk")
        keys += same.values_list("pk", flat=True)[:_OF_A_WRITER]
    shown = Case.objects.select_related("letter__writer", "mailbox", "unit", "officer")
    return shown.in_bulk(keys)


def _writer_of(letter):
    """Return the condition that a letter has the same writer, or None if that can't be known.

    Writers of a run are numbers without an index: they are only compared, not looked for.
    """
    indexes = _indexes(letter)
    if not indexes:
        return None
    found = Q()
    for name, value in indexes.items():
        found |= Q(**{f"letter__writer__{name}": value})
    return found


def _indexes(letter):
    if letter.writer is None:
        return {}
    names = ("phone_index", "id_index")
    return {name: getattr(letter.writer, name) for name in names if getattr(letter.writer, name)}


def likeness_of(letter, other):
    """Return how much two letters are alike, from 0 to 1."""
    return Weights().likeness(alike.of(_text(letter)), alike.of(_text(other)))


def is_same_writer(case, other):
    """Return whether two letters have one writer, by telephone, identity number or number in a run."""
    mine, theirs = case.letter, other.letter
    if mine.writer_number is not None and mine.writer_number == theirs.writer_number:
        return True
    other_indexes = _indexes(theirs)
    return any(other_indexes.get(name) == value for name, value in _indexes(mine).items())


def _rank(case, one):
    days = abs(case.received_at - one.case.received_at).total_seconds() / 86_400
    near = _NEAR * math.exp(-days / _NEAR_DAYS)
    mailbox = _SAME_MAILBOX * (case.mailbox_id == one.case.mailbox_id)
    return one.score + _SAME_WRITER * one.same_writer + mailbox + near, one.case.pk


def shared_words(letter, theirs, weights):
    """Return the few runs of a letter's characters that tell most and that another has too.

    theirs: what the other is compared by.
    """
    found = {word: weights.of(word) for word in alike.words(grams.folded(_text(letter))) & theirs}
    for run in alike.runs(_text(letter)):
        word, weight = "", 0.0
        for one, two in zip(run, run[1:], strict=False):
            pair = grams.of(one + two)
            if pair <= theirs and len(word) < _LONGEST:
                word, weight = (word or one) + two, weight + weights.all(pair)
            else:
                found[word], word, weight = weight, "", 0.0
        found[word] = weight
    best = sorted((word for word in found if len(word) > 1), key=found.get, reverse=True)
    return tuple(best[:_SHARED])

"""Common questions and their answers, to browse and to search, in the language of the page.

They are kept in the admin (cases/question_admin.py). A letter that says what a row's `signs` are
is shown it.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from cases import grams
from cases.models import CommonQuestion
from cases.models.questions import GROUPS
from cases.wordlists import any_of
from mailbox.traditional import converted

_OFFERED = 2
_ENOUGH = 2


@dataclass(frozen=True)
class Question:
    """One common question as a page shows it; name: in its address."""

    name: str
    question: str
    answer: str


def any_shown():
    """Return whether there is any question to show."""
    return CommonQuestion.objects.filter(shown=True).exists()


def found(words="", group=""):
    """Return [(label of a group, its questions)] of those that hold all words, in any language."""
    wanted = grams.folded(words).split()
    rows = CommonQuestion.objects.filter(shown=True)
    rows = [
        row
        for row in (rows.filter(group=group) if group else rows)
        if all(word in _searched(row) for word in wanted)
    ]
    groups = [(label, [_said(r) for r in rows if r.group == code]) for code, label in GROUPS]
    return [(label, questions) for label, questions in groups if questions]


def offered(title, body):
    """Return the questions that a letter seems to ask, at most two."""
    rows = CommonQuestion.objects.filter(shown=True).exclude(signs="")
    return [_said(row) for row in likeliest(rows, title, body)]


def likeliest(rows, title, body):
    """Return those of the rows of which a letter says most signs, at most two."""
    text = grams.folded(f"{title}\n{body}")
    hits = [(_weight(row.signs, text), row) for row in rows]
    best = sorted((hit for hit in hits if hit[0] >= _ENOUGH), key=lambda hit: -hit[0])
    return [row for _weight, row in best[:_OFFERED]]


def _weight(signs, text):
    sure, rest = _patterns(signs)
    return _ENOUGH * len(set(sure.findall(text))) + len(set(rest.findall(text)))


@lru_cache(500)
def _patterns(signs):
    sure, _bar, rest = grams.folded(signs).partition("|")
    return any_of(sure.split()), any_of(rest.split())


def _said(row):
    """Return a row in the language of the page: Traditional is made from the Chinese."""
    language = get_language()
    if language == "en" and row.question_en:
        return Question(row.name, row.question_en, row.answer_en)
    said = converted if language == "zh-hant" else str
    return Question(row.name, said(row.question), said(row.answer))


def _searched(row):
    texts = (row.question, row.answer, row.question_en, row.answer_en, row.signs)
    return grams.folded("\n".join(texts))

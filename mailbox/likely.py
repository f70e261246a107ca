"""Published answers that may spare somebody their letter: offered beside the form, never in its way."""

from collections import Counter
from math import log

from cases import alike, publishing

_AMONG = 300  # of the newest answers
_SHOWN = 3
_ENOUGH = 0.3  # of what a question says in its rarer grams, the letter says as much


def answers(title, body):
    """Return the published answers whose questions are most like a letter, at most three."""
    own = alike.of(f"{title}\n{body}")
    rows = list(publishing.published()[:_AMONG])
    asked = [alike.of(f"{row.title}\n{row.question}") for row in rows]
    seen = Counter(gram for one in asked for gram in one)
    weight = {gram: log((len(rows) + 1) / count) for gram, count in seen.items()}
    ranked = []
    for row, one in zip(rows, asked, strict=True):
        whole = sum(weight[gram] for gram in one)
        shared = sum(weight[gram] for gram in one & own) / whole if whole else 0
        if shared >= _ENOUGH:
            ranked.append((-shared, -row.pk, row))
    return [row for *_order, row in sorted(ranked, key=lambda found: found[:2])[:_SHOWN]]

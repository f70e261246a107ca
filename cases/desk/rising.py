"""Words that titles of some letters have far oftener than those of other letters.

Runs of two to four Chinese characters, counted once a letter; by Dunning's log-likelihood (1993).
"""

import re
from collections import Counter
from math import log

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_LENGTHS = (2, 3, 4)
_FEWEST = 3  # letters that have a word
_WORTH = 20  # a chance of 1 in 100,000 for one word: thousands are looked at


def rising(titles, others, most=5):
    """Return up to `most` (word, letters that have it), the most telling first."""
    here, there = _counted(titles), _counted(others)
    scored = []
    for word, count in here.items():
        score = _score(count, len(titles), there[word], len(others))
        if count >= _FEWEST and score >= _WORTH:
            scored.append((score, len(word), word))
    found = []
    for *_rank, word in sorted(scored, reverse=True):
        if not any(word in other or other in word or _overlap(word, other) for other in found):
            found.append(word)
    return [(word, here[word]) for word in found[:most]]


def _counted(titles):
    return Counter(word for title in titles for word in _words(title))


def _words(title):
    return {
        run[start : start + length]
        for run in _CHINESE.findall(title)
        for length in _LENGTHS
        for start in range(len(run) - length + 1)
    }


def _overlap(one, other):
    """Return whether one ends as the other begins: pieces of the same longer word."""
    return any(one[-n:] == other[:n] or other[-n:] == one[:n] for n in range(2, len(one)))


def _score(k, n, others, m):
    """Return the log-likelihood ratio of k of n against `others` of m; 0 where it is not more."""
    if not n or not m or k / n <= others / m:
        return 0.0
    both = (k + others) / (n + m)
    pairs = (
        (k, n * both),
        (n - k, n * (1 - both)),
        (others, m * both),
        (m - others, m * (1 - both)),
    )
    return 2 * sum(seen * log(seen / expected) for seen, expected in pairs if seen)

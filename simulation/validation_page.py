"""The page docs/validation.md, made from a comparison: numbers alone, nothing of the letters."""

from collections import Counter

from simulation.validating import NEAR, OFF, PARTS, SAME, TOLD

HEAD = """# Simulated against real shapes

Made by `manage.py validate`; do not edit. The files compared with are not part of the project, so
without them this page stays as it was made last.

| | |
|---|---|
| made on | {day} |
| scenario | {name}, SHA-256 of its text {fingerprint} |
| seed | {seed} |
| letters | {letters:,} |
| not there, so not compared | {missing} |

**{counts}.**

No other mailbox is this one: other cities, other subjects. What is compared is the shape, and levels
(medians, indexes that grow with the number of letters) are only told.

How to read a row. *Distance*: between shares, half the sum of their differences (total variation);
between the shapes of waits, the largest difference of their distribution functions
(Kolmogorov-Smirnov), each over its own median; between numbers, their difference, and for ratios and
sigmas the absolute logarithm of their quotient. *By chance*: what 19 of 20 samples of that size
stay below. Verdict: *within chance*; *near*, up to the limit; *OFF* beyond it. The limits were
set before the first comparison was made, and stay whatever comes out.

*Scatter* is the coefficient of variation of the level beyond Poisson, from one window to the next
one like it; the *index of dispersion* is variance over mean, 1 for Poisson. Waits of files that know
days alone are counted in whole days on both sides, the day of receipt as the first. Waits and replies
of "no consultations" are those that units handle in office hours. An officer's own work times are
in no file, so their shape (lognormal) is a guess.
"""
TABLE = """
## {title}

| what | compared with | n | real | simulated | distance | by chance | limit | verdict |
|---|---|---|---|---|---|---|---|---|
"""


def render(rows, scenario, fingerprint, seed, day, letters, missing):
    """Return the page of a comparison's rows. missing: files that were not there."""
    verdicts = Counter(row.verdict for row in rows)
    counts = ", ".join(f"{verdicts[v]} {v}" for v in (SAME, NEAR, OFF, TOLD) if verdicts[v])
    page = HEAD.format(
        day=day, name=scenario, fingerprint=fingerprint[:16], seed=seed, letters=letters,
        missing=", ".join(missing) or "nothing", counts=counts[0].upper() + counts[1:],
    )  # fmt: skip
    for part, title in PARTS.items():
        mine = [row for row in rows if row.part == part]
        if mine:
            page += TABLE.format(title=title) + "".join(map(_line, mine)) + _meanings(mine)
    return page


def summary(rows):
    """Return a line a row for the terminal."""
    return "\n".join(
        f"{row.verdict:13} {row.what:52} {_told(row.distance):>6} {_told(row.limit):>6}  {row.source}"
        for row in rows
    )


def _line(row):
    numbers = " | ".join(_told(x) for x in (row.distance, row.chance, row.limit))
    verdict = f"**{row.verdict}**" if row.verdict == OFF else row.verdict
    return (
        f"| {row.what} | {row.source} | {row.size:,} | {row.real} | {row.simulated} "
        f"| {numbers} | {verdict} |\n"
    )


def _meanings(rows):
    """Say once what a difference means, of rows that are not within chance."""
    found = {}
    for row in rows:
        if row.verdict in (NEAR, OFF) and row.meaning:
            found.setdefault(row.meaning, {})[row.what] = True
    lines = [f"- {'; '.join(whats)}: {meaning}." for meaning, whats in found.items()]
    return "\nWhat a difference means:\n\n" + "\n".join(lines) + "\n" if found else ""


def _told(number):
    return "" if number is None else f"{number:.3f}"

"""What was published about the mailbox, and how a run's figures are set beside it.

The figures stand in data/published.toml and nowhere else; each says what it counts and where
it was printed. What role it has, a scenario says (simulation/priors.py).
"""

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("data") / "published.toml"
_PARTS = ("closed", "replied", "declined")
WIDE = 1.96  # of a normal distribution: 95 of 100


@dataclass(frozen=True)
class Figure:
    """One published figure. area: "all" or a city's code. until, since: dates, inclusive."""

    key: str
    measure: str
    area: str
    until: date
    value: float
    verb: str
    source: str
    source_zh: str
    since: date | None = None
    note: str = ""
    note_zh: str = ""
    variant_of: str = ""

    @property
    def is_rate(self):
        """Whether it is printed in percent."""
        return self.measure.endswith("_rate")


@cache
def figures():
    """Return all published figures, in the order of the file."""
    with PATH.open("rb") as file:
        return tuple(Figure(**row) for row in tomllib.load(file)["figure"])


def within(scenario):
    """Return the figures that end within a scenario's span."""
    ends = scenario.start.toordinal() + scenario.days - 1
    return [figure for figure in figures() if figure.until.toordinal() <= ends]


def counts(tally, figure, area=None):
    """Return {measure: count} of a figure's span and area. area: its id in the tally; None: all."""
    if area is not None:
        return tally.narrowed(areas={area})
    names = {"received", *_PARTS, figure.measure}
    return {n: tally.total(n, until=figure.until, since=figure.since) for n in names}


def part(figure, found):
    """Return what stands above the line of a rate's figure in these counts."""
    if figure.measure == "closing_rate":
        return found["closed"]
    return found["replied"] + found["declined"]


def value(figure, found):
    """Return the figure that these counts give; a rate in percent, or None of nothing."""
    if not figure.is_rate:
        return found[figure.measure]
    return 100 * part(figure, found) / found["received"] if found["received"] else None


def by_chance(count, whole):
    """Return the interval in which chance alone would leave a count, 95 times of 100.

    Binomial, normal approximation: count of `whole` letters. One run can't show more; what
    uncertain parameters would add is not in it.
    """
    share = min(count / whole, 1) if whole else 0
    half = WIDE * math.sqrt(max(count * (1 - share), 0))
    return max(count - half, 0), count + half


def share_by_chance(part, whole):
    """Return the 95 % Wilson interval of a share, or (None, None) of nothing."""
    if not whole:
        return None, None
    share, square = part / whole, WIDE**2
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    half = WIDE * math.sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    half /= 1 + square / whole
    return centre - half, centre + half

"""What was published about the mailbox, and how a run's figures are set beside it.

The figures stand in data/published.toml and nowhere else; each says what it counts, where it
was printed, and its role: input (put in), tuned (rates were fitted to it) or predicted.
"""

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("data") / "published.toml"
ROLES = ("input", "tuned", "predicted")
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
    role: str
    source: str
    since: date | None = None
    note: str = ""
    variant_of: str = ""


@cache
def figures():
    """Return all published figures, in the order of the file. Raises: ValueError, one line."""
    with PATH.open("rb") as file:
        rows = tomllib.load(file)["figure"]
    found = []
    for row in rows:
        if row["role"] not in ROLES:
            raise ValueError(f"{PATH.name}: {row['key']}: role must be one of {', '.join(ROLES)}")
        found.append(Figure(**row))
    return tuple(found)


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

"""Targets that a mailbox is to meet: "on_time>=0.99", "first_contact_p90<=30m".

A target is met by a staffing if one more year would meet it with the stated confidence: the
bound is that of Student's prediction from the replications, not that of their mean.
"""

import difflib
import re
from dataclasses import dataclass
from statistics import fmean

from simulation import estimates

# name -> unit. Names are those of replication.values.
_DELAYS = ("first_contact", "response", "reply", "close")
NAMES = {
    "on_time": "share",
    "contact_on_time": "share",
    "reply_rate": "share",
    "closing_rate": "share",
    "solved_rate": "share",
    "satisfied_rate": "share",
    **{f"{delay}_{part}": "hours" for delay in _DELAYS for part in ("p50", "p90")},
    **{f"{delay}_mean": "hours" for delay in ("contact", *_DELAYS[1:])},
    **{f"backlog_{part}": "letters" for part in ("mean", "max", "end", "last_week")},
    "queue_end": "letters",
}
_HOURS = {"s": 1 / 3600, "m": 1 / 60, "h": 1.0, "d": 24.0}
_FORM = re.compile(r"\s*(\w+)\s*(>=|<=)\s*(\d+(?:\.\d+)?)\s*(%|[smhd])?\s*")


class TargetError(ValueError):
    """A target that can't be read, or that nothing could ever be."""


@dataclass(frozen=True)
class Target:
    """One figure that is to be at least, or at most, a limit: share, hours or letters."""

    name: str
    at_least: bool
    limit: float

    @property
    def unit(self):
        """The figure's unit."""
        return NAMES[self.name]

    def __str__(self):
        return f"{self.name} {'>=' if self.at_least else '<='} {shown(self.name, self.limit)}"

    def met_by(self, value):
        """Say whether a value is on the right side of the limit."""
        return value >= self.limit if self.at_least else value <= self.limit

    def bound(self, values, confidence):
        """Return what one more year would be at worst, with this confidence.

        values: of at least 2 replications. A share stays within 0 and 1.
        """
        if float("inf") in values:
            return float("inf")
        low, high = estimates.prediction(values, 2 * confidence - 1)
        worst = low if self.at_least else high
        return min(max(worst, 0.0), 1.0) if self.unit == "share" else max(worst, 0.0)


def parse(text):
    """Return the Target of a text. Raises: TargetError, with near names for an unknown one."""
    match = _FORM.fullmatch(text)
    if not match:
        raise TargetError(f"{text!r} must be NAME>=VALUE or NAME<=VALUE, such as on_time>=0.99")
    name, sign, number, suffix = match.groups()
    if name not in NAMES:
        near = difflib.get_close_matches(name, NAMES, n=4, cutoff=0.4)
        hint = f"near it: {', '.join(near)}" if near else f"known: {', '.join(NAMES)}"
        raise TargetError(f"{name} is no figure that can be a target; {hint}")
    return Target(name, sign == ">=", _limit(name, float(number), suffix, text))


def _limit(name, number, suffix, text):
    unit = NAMES[name]
    fits = {"share": ("%", None), "hours": tuple(_HOURS), "letters": (None,)}[unit]
    if suffix not in fits:
        need = {"share": "a share or %", "hours": "s, m, h or d", "letters": "a number"}[unit]
        raise TargetError(f"{text!r}: {name} is in {unit}: give {need}")
    limit = number / 100 if suffix == "%" else number * _HOURS.get(suffix, 1.0)
    if unit == "share" and limit > 1:
        raise TargetError(f"{text!r}: a share can't be more than 1")
    return limit


def together(texts):
    """Return the Targets of several texts. Raises: TargetError for none, or one given twice."""
    if not texts:
        raise TargetError("at least one --target is needed, such as on_time>=0.99")
    found = [parse(text) for text in texts]
    sides = [(target.name, target.at_least) for target in found]
    for side in sides:
        if sides.count(side) > 1:
            raise TargetError(f"{side[0]} is given twice")
    return found


def shown(name, value):
    """Return a figure as text with its unit."""
    unit = NAMES[name]
    if unit == "share":
        return f"{100 * value:.2f}%"
    if unit == "letters":
        return f"{value:,.0f} letters"
    if value == float("inf"):
        return "never"
    if value < 2:
        return f"{60 * value:.1f} min"
    return f"{value:.1f} h" if value < 72 else f"{value / 24:.1f} days"


def series(target, plays):
    """Return the target's figure in each play. plays: values of replications.

    A figure that a play lacks (no letter got so far) counts as missed: 0, or without end.
    """
    missing = 0.0 if target.at_least else float("inf")
    return [play.get(target.name, missing) for play in plays]


def surely_missed(targets, plays):
    """Say whether a few plays are enough to see that a target is missed: their mean misses it."""
    return any(not t.met_by(fmean(series(t, plays))) for t in targets)


def all_met(targets, plays, confidence):
    """Say whether all targets are met by the plays, with this confidence for each."""
    return not surely_missed(targets, plays) and all(
        t.met_by(t.bound(series(t, plays), confidence)) for t in targets
    )

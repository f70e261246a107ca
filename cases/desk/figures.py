"""统计: counts, rates and books as a page shows them, each with the list of letters behind it.

The same functions count live letters and a run's (cases/statistics.py, cases/daybook.py). Every
count leads to the list of exactly the letters behind it (measures.py); a rate to those of its
parts.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases import in_force
from cases.desk.measures import LABELS


@dataclass(frozen=True)
class Figure:
    """One number on the page. link: the list of just these letters, or "".

    before: the same of the span before. parts: of a rate, (label, text, link) of each count that
    it is made of.
    """

    label: str
    value: str
    says: str
    under: str = ""
    link: str = ""
    before: str = ""
    parts: tuple = ()


def count(row, counts, behind, before=None):
    """Return the Figure of a row of COUNTS; before: the counts of the span before, if any."""
    name, label, says = row
    was = "" if before is None else f"{before.get(name, 0):,}"
    return Figure(label, f"{counts.get(name, 0):,}", says, link=behind(name), before=was)


def book(row, books, link):
    """Return the Figure of a row of BOOKS."""
    name, label, says, state = row
    return Figure(label, f"{books[name]:,}", says, link=link(state=state))


def rate(row, counts, behind, before=None):
    """Return the Figure of a row of RATES or PROMISES."""
    label, parts, wholes, says = row
    part, whole = summed(parts, counts), summed(wholes, counts)
    under, value = f"{part:,} / {whole:,}", share(parts, wholes, counts)
    if value is None:
        words = {"counts": under, "n": in_force.policy().minimum_count}
        under = _("%(counts)s，不足%(n)s件不计比率") % words
    names = dict.fromkeys((*parts, *wholes))
    made_of = tuple((LABELS[n], f"{counts.get(n, 0):,}", behind(n)) for n in names)
    was = "" if before is None else percent(share(parts, wholes, before))
    return Figure(label, percent(value), says, under, before=was, parts=made_of)


def summed(names, counts):
    """Return the sum of some measures."""
    return sum(counts.get(name, 0) for name in names)


def share(parts, wholes, counts):
    """Return a share between 0 and 1; None where too few stand below the line to speak of one."""
    whole = summed(wholes, counts)
    return summed(parts, counts) / whole if whole >= in_force.policy().minimum_count else None


def percent(value):
    """Return a share as text."""
    return "—" if value is None else f"{value:.1%}"

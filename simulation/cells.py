"""The cells of the tables under pictures: text to read, a value for the CSV, the letters behind it."""

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True)
class Cell:
    """One cell of a table. value: for the CSV. list: the filters of the letters behind it, or ""."""

    text: str
    value: object
    list: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture and the table under it. data: for the script, JSON values; rows: lists of Cell."""

    name: str
    title: str
    says: str
    head: list
    rows: list
    data: object
    tall: bool = False


def listed(**filters):
    """Return the filters of a list of letters as an address has them."""
    return urlencode({name: value for name, value in filters.items() if value})


def count(n, **filters):
    """Return the cell of a number of letters, which opens them."""
    return Cell(f"{n:,}", n, listed(**filters) if n > 0 else "")


def plain(value):
    """Return a cell of words."""
    return Cell(str(value), str(value))


def share(part, whole):
    """Return the cell of a share in percent."""
    if not whole:
        return Cell("–", "")
    return Cell(f"{100 * part / whole:.1f}%", round(100 * part / whole, 2))


def hours(value):
    """Return the cell of a number of hours, or of none."""
    return Cell("–", "") if value is None else Cell(f"{value:,.1f}", value)

"""Small pictures of numbers: what the templates draw as SVG, each with its table beside it."""

from dataclasses import dataclass
from datetime import timedelta

HEIGHT = 40
_DAILY, _WEEKLY = 62, 800  # days up to which a column is a day, then a week, then 28 days


@dataclass(frozen=True)
class Column:
    """One column of a picture. link: of the letters behind it, or ""."""

    label: str
    value: int
    x: int
    y: str
    height: str
    link: str = ""


@dataclass(frozen=True)
class Chart:
    """Columns side by side, on a scale from nothing to the greatest."""

    label: str
    columns: tuple
    greatest: int

    @property
    def width(self):
        """The width of the picture in its own units, ten a column."""
        return 10 * len(self.columns)


def chart(label, points):
    """Return the Chart of (label, value, link) points."""
    points = list(points)
    greatest = max((value for _label, value, _link in points), default=0)
    columns = []
    for place, (name, value, link) in enumerate(points):
        height = HEIGHT * max(value, 0) / greatest if greatest > 0 else 0
        columns.append(
            Column(name, value, 10 * place + 1, f"{HEIGHT - height:.2f}", f"{height:.2f}", link)
        )
    return Chart(label, tuple(columns), greatest)


def bar(value, greatest):
    """Return the length of a bar in hundredths of the longest, as an SVG attribute."""
    return f"{100 * value / greatest:.1f}" if greatest > 0 else "0"


def spans(since, until):
    """Return (first day, last day) of the columns between two days: days, weeks or four of them."""
    length = (until - since).days + 1
    if length <= _DAILY:
        step = 1
    else:
        step = 7 if length <= _WEEKLY else 28
        since -= timedelta(days=since.weekday())
    starts = range(0, (until - since).days + 1, step)
    firsts = [since + timedelta(days=n) for n in starts]
    return [(first, first + timedelta(days=step - 1)) for first in firsts]

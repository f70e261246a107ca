"""Beijing time, for the tests of clocks."""

from datetime import datetime

from cases.calendars import SHANGHAI


def at(text):
    """Read a moment in Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

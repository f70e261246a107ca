"""What the people of the test have seen, with the time of each: the other side of the database."""

import threading
import time
from dataclasses import dataclass, field


@dataclass
class Written:
    """A letter as its writer knows it: the form they sent, and the receipt they were shown."""

    form: dict
    file: tuple | None
    cookies: dict
    receipt: str
    code: str
    tries: int


@dataclass
class Diary:
    """Everything seen. All times are of time.monotonic()."""

    written: list = field(default_factory=list)
    steps: list = field(default_factory=list)  # (receipt, action) confirmed to an officer
    handled: list = field(default_factory=list)  # receipts that came to the end of their way
    refused: list = field(default_factory=list)  # words in which a page refused a letter
    batches: list = field(default_factory=list)  # (text, receipts) of batches that were done
    practice: list = field(default_factory=list)  # who was told that a world is being made
    runs: list = field(default_factory=list)  # (run, status, digest, error)
    answers: list = field(default_factory=list)  # (who, began, ended, "" or what went wrong)
    health: list = field(default_factory=list)  # (time, "" or the parts that are not well)
    unkind: list = field(default_factory=list)  # errors without a page of our own
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name, *values):
        """Add one value to a list."""
        with self.lock:
            getattr(self, name).append(values if len(values) > 1 else values[0])

    def failures(self, since, until, who=None):
        """Return (began, ended, what) of the requests that failed between two moments."""
        return [
            (began, ended, what)
            for one, began, ended, what in list(self.answers)
            if what and since <= ended and began < until and who in (None, one)
        ]

    def recovery(self, since, until):
        """Return the seconds from `since` until letters are taken in again; None if they are not."""
        failed = [ended for _began, ended, _what in self.failures(since, until, "citizen")]
        if not failed:
            return 0.0
        again = [
            ended
            for who, began, ended, what in list(self.answers)
            if who == "citizen" and not what and began >= max(failed)
        ]
        return min(again) - since if again else None

    def unwell(self, since, until):
        """Return the parts of which the health page said between two moments that they are not well."""
        said = [parts for at, parts in list(self.health) if since <= at < until]
        return sorted({part for parts in said for part in parts.split()})


def now():
    """Return the time of the diary."""
    return time.monotonic()

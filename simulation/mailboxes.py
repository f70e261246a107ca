"""Logs of letters to compare: of a simulated year, and of real mailboxes' files, in one form."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulation import codes, engine
from simulation.scenario import KIND_CODES

NEVER = np.datetime64("NaT", "s")
BLOCK = 5000
CALL_WINDOWS = 240  # of six minutes in a day


class DataError(Exception):
    """Files to compare with are not there, or not as expected."""


@dataclass(frozen=True)
class Log:
    """Letters of one mailbox; arrays have a value a letter, None where it isn't known.

    received, replied: datetime64 in local time, NaT if never; dated: days are known, hours
    are not. transfers: how often passed on. writers: any code of the writer. duplicate: bool.
    """

    received: np.ndarray
    replied: np.ndarray | None = None
    dated: bool = False
    transfers: np.ndarray | None = None
    writers: np.ndarray | None = None
    duplicate: np.ndarray | None = None

    def __len__(self):
        return len(self.received)

    def only(self, mine):
        """Return the Log of some letters. mine: bool array."""
        names = ("received", "replied", "transfers", "writers", "duplicate")
        columns = {name: getattr(self, name) for name in names}
        taken = {name: None if c is None else c[mine] for name, c in columns.items()}
        return Log(dated=self.dated, **taken)


def simulated(scenario, seed):
    """Return (Log, which letters are consultations) of a scenario's letters, in time order."""
    parts, numbers = [], []
    playing = engine.run(scenario, seed)
    for block in playing.blocks(BLOCK):
        numbers.append(block.letters.number)
        parts.append(_of_block(block))
    order = np.argsort(np.concatenate(numbers))
    reply, transfers = (np.concatenate(column)[order] for column in zip(*parts, strict=True))
    arrivals, midnight = playing.arrivals, np.datetime64(scenario.start, "s")
    log = Log(
        received=midnight + arrivals.at,
        replied=np.where(reply >= 0, midnight + reply, NEVER),
        transfers=transfers,
        writers=arrivals.writer_number,
        duplicate=arrivals.repeats > 0,
    )
    return log, arrivals.kind == KIND_CODES.index("consult")


def _of_block(block):
    """Return (second of the first reply or -1, times passed on) of a block's letters."""
    letter = np.repeat(np.arange(len(block)), np.diff(block.start))
    reply = np.full(len(block), -1, np.int64)
    replies = np.flatnonzero(block.action == codes.action_code("approve_reply"))[::-1]
    reply[letter[replies]] = block.at[replies]  # the first one is written last
    returns = letter[block.action == codes.action_code("return_to_desk")]
    return reply, np.bincount(returns, minlength=len(block))


def real(folder):
    """Return {name: Log, or counts of calls by day and six minutes} of what is in a folder.

    Raises: DataError if it holds none of the files, or one that can't be read.
    """
    folder, found = Path(folder), {}
    for name, (path, read) in SOURCES.items():
        if (folder / path).is_file():
            try:
                found[name] = read(list(_rows(folder / path)))
            except (KeyError, ValueError, OSError, EOFError, csv.Error) as error:
                raise DataError(f"{folder / path} can't be read: {error!r}") from None
    if not found:
        files = ", ".join(path for path, _read in SOURCES.values())
        raise DataError(f"there is nothing to compare with in {folder}: looked for {files}")
    return found


def _rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _times(rows, column):
    texts = (row[column].strip().replace(" ", "T") for row in rows)
    return np.array([text or "NaT" for text in texts], "datetime64[s]")


def _column(rows, column):
    return np.array([row[column] for row in rows])


def _replies(rows):
    return Log(received=_times(rows, "received_at"), replied=_times(rows, "replied_at"))


def _topics(rows):
    return Log(received=_times(rows, "received_at"), writers=_column(rows, "user_id"))


def _gas(rows):
    """First responses are no replies: only letters that are done have one."""
    log, done = _replies(rows), _column(rows, "state") == "已办理"
    return Log(received=log.received, replied=np.where(done, log.replied, NEVER))


def _rivers(rows):
    return Log(
        received=_times(rows, "received_on"),
        replied=_times(rows, "final_reply_on"),
        dated=True,
        transfers=_column(rows, "transfers").astype(int),
    )


def _requests(rows):
    """Batches that the staff enter themselves are no citizens' requests."""
    rows = [row for row in rows if row["channel"] != "Internal"]
    status = _column(rows, "status")
    return Log(
        received=_times(rows, "created_at"),
        replied=_times(rows, "closed_at"),
        dated=True,  # hours of most rows are not to be trusted
        duplicate=np.char.endswith(status, "(Duplicate)"),
    )


def _casework(rows):
    return Log(received=_times(rows, "opendate"), replied=_times(rows, "closedate"), dated=True)


def _calls(rows):
    """Return (days as datetime64, counts of shape (days, 240))."""
    names = [f"{n // 10:02d}:{n % 10 * 6:02d}" for n in range(CALL_WINDOWS)]
    counts = np.array([[int(row[name]) for name in names] for row in rows])
    return np.array([row["date"] for row in rows], "datetime64[D]"), counts


# name: (file in the folder, how it is read)
SOURCES = {
    "board": ("taidi-letters/letters_reply.csv.gz", _replies),
    "topics": ("taidi-letters/letters_topic.csv.gz", _topics),
    "gas": ("leaderboard-gas/letters.csv.gz", _gas),
    "rivers": ("fuzhou-appeals/letters.csv.gz", _rivers),
    "requests": ("baltimore-311/requests.csv.gz", _requests),
    "casework": ("nyc-council-casework/cases.csv.gz", _casework),
    "calls": ("bank-callcentre-1999/calls_per_6min.csv.gz", _calls),
}

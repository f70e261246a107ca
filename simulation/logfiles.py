"""Reading event logs from files: CSV with a map of its columns, and XES, also gzipped."""

import csv
import gzip
import zlib
from datetime import datetime
from xml.parsers import expat

# What the columns are called in XES, and by tools that write CSV from it.
NAMES = {
    "case": "case:concept:name",
    "activity": "concept:name",
    "timestamp": "time:timestamp",
    "resource": "org:resource",
}
_CHUNK = 1 << 20


class LogError(ValueError):
    """A log that can't be read: one line with file, place and rule."""


def parse_map(text):
    """Return {what: column} of "case=…,activity=…,timestamp=…,resource=…,end=…".

    What is not named has the name it has in XES. Raises: LogError.
    """
    found = dict(NAMES)
    for part in filter(None, text.split(",")):
        what, equals, column = (piece.strip() for piece in part.partition("="))
        if what not in (*NAMES, "end") or not equals or not column:
            known = ", ".join((*NAMES, "end"))
            raise LogError(f"--map: {part!r} must be name=column, with a name of {known}")
        found[what] = column
    return found


def events(path, mapping):
    """Yield (case, moment, activity, resource) of a log, in the order of the file.

    Moments are naive: the clock on the wall. Raises: LogError.
    """
    plain = str(path).removesuffix(".gz")
    kind = next((kind for kind in (".csv", ".xes") if plain.endswith(kind)), None)
    if kind is None:
        raise LogError(f"{path}: must end in .csv or .xes, or in .gz after that")
    opened = gzip.open if str(path).endswith(".gz") else open
    try:
        with opened(path, "rb") as file:
            yield from (_csv if kind == ".csv" else _xes)(file, path, mapping)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "is no whole gzip file"
        raise LogError(f"{path}: {why}") from None
    except UnicodeDecodeError:
        raise LogError(f"{path}: is not UTF-8") from None


def _csv(file, path, mapping):
    lines = (line.decode("utf-8-sig" if n == 0 else "utf-8") for n, line in enumerate(file))
    rows = csv.reader(lines)
    head = next(rows, [])
    for what in ("case", "activity", "timestamp"):
        if mapping[what] not in head:
            raise LogError(
                f"{path}: has no column {mapping[what]!r} for {what}; it has: {', '.join(head)}"
            )
    places = [
        head.index(mapping[what]) if mapping[what] in head else None
        for what in ("case", "timestamp", "activity", "resource")
    ]
    try:
        for row in rows:
            if not row:
                continue
            if len(row) != len(head):
                raise LogError(f"{path}: line {rows.line_num}: {len(row)} fields, not {len(head)}")
            case, at, activity, resource = ("" if p is None else row[p] for p in places)
            yield case, _moment(at, f"{path}: line {rows.line_num}"), activity, resource
    except csv.Error as error:
        raise LogError(f"{path}: line {rows.line_num}: {error}") from None


def _moment(text, where):
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise LogError(f"{where}: {text!r} is no time such as 2026-01-31T08:30:00") from None


class _Xes:
    """Collects the events of an XES stream; entities and document types are refused."""

    def __init__(self, path, mapping):
        self._path, self._mapping = path, mapping
        self._stack, self._event = [], {}
        self._traces = 0  # a trace is a case, whatever its name
        self.found = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self.parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_declared):
        raise LogError(f"{self._path}: declares a document type or entities; that is refused")

    def _start(self, name, attributes):
        above = self._stack[-1] if self._stack else ""
        if name == "trace":
            self._traces += 1
        elif name == "event":
            self._event = {}
        elif above == "event" and "key" in attributes:
            self._event[attributes["key"]] = attributes.get("value", "")
        self._stack.append(name)

    def _end(self, name):
        self._stack.pop()
        if name != "event":
            return
        names, where = self._mapping, f"{self._path}: line {self.parser.CurrentLineNumber}"
        if names["timestamp"] not in self._event:
            raise LogError(f"{where}: an event has no {names['timestamp']}")
        self.found.append(
            (
                self._traces,
                _moment(self._event[names["timestamp"]], where),
                self._event.get(names["activity"], ""),
                self._event.get(names["resource"], ""),
            )
        )


def _xes(file, path, mapping):
    reader = _Xes(path, mapping)
    try:
        while chunk := file.read(_CHUNK):
            reader.parser.Parse(chunk)
            yield from reader.found
            reader.found.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise LogError(f"{path}: is not XML: {error}") from None

"""The policy file: how long each promise is, per mailbox level and letter kind.

cases/data/policy.toml says where each number comes from. A broken file is a
PolicyError of one line that names the file, the key and the rule.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cases.calendars import DAY, HOUR, MINUTE, Calendar, Length, official_days
from cases.fields import KINDS

DEFAULT_PATH = Path(__file__).resolve().parent / "data" / "policy.toml"
LEVELS = ("department", "city")
KIND_CODES = tuple(code for code, _label in KINDS)
DEFAULT = "default"
# Clocks of the service promise: every level gives each of them.
SERVICE_CLOCKS = (
    "accept",
    "sign",
    "contact",
    "feedback",
    "reply",
    "extension",
    "redo",
    "supply",
    "silence",
    "objection",
)
# Clocks of the law, for the kinds that are petitions (信访事项): clock -> key in [legal].
LEGAL_CLOCKS = {"legal": "limit", "legal_extension": "extension"}
CLOCKS = (*SERVICE_CLOCKS, *LEGAL_CLOCKS)
_SECTIONS = {
    "working_time": ("blocks",),
    "colour": ("yellow_share",),
    "pressing": ("yellow_after", "red_after"),
    "returns": ("limit",),
    "figures": ("minimum",),
    "legal": ("kinds", "limit", "extension"),
}


class PolicyError(Exception):
    """A broken policy: file, key and rule, in one line."""

    def __init__(self, file, key, rule):
        self.file, self.key, self.rule = str(file), key, rule
        super().__init__(": ".join(part for part in (self.file, key, rule) if part))


@dataclass(frozen=True)
class Policy:
    """A policy file that has been checked."""

    path: str
    calendar: Calendar
    yellow_share: float
    yellow_after: Length
    red_after: Length
    return_limit: int
    minimum_count: int
    lengths: dict[tuple[str, str, str], Length | None]

    def length(self, level, kind, clock):
        """Return the Length of a clock; None where the law sets none for this kind.

        Raises PolicyError for an unknown level, kind or clock.
        """
        try:
            return self.lengths[level, kind, clock]
        except KeyError:
            rule = "no such level, kind or clock"
            raise PolicyError(self.path, f"{level}.{kind}.{clock}", rule) from None

    def at(self, moment):
        """Return the policy in force at a moment: alone, it always is; see cases/in_force.py."""
        return self

    def later(self, start, end):
        """Return (moment, policy) of what came into force after start, up to end: alone, nothing."""
        return ()


def load(path=None):
    """Return the Policy of a TOML file, by default of cases/data/policy.toml (read once).

    Raises PolicyError.
    """
    return _default() if path is None else read(_text_of(path), path)


def read(text, name):
    """Return the Policy of a TOML text; name: what a PolicyError calls it. Raises: PolicyError."""
    return _Reader(text, name).policy()


@cache
def _default():
    return read(_text_of(DEFAULT_PATH), DEFAULT_PATH)


def _text_of(path):
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise PolicyError(path, "", f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise PolicyError(path, "", f"is not TOML ({error})") from None


class _Reader:
    """Reads one text; each method checks one part of it."""

    def __init__(self, text, path):
        self.path = path
        try:
            self.data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(path, "", f"is not TOML ({error})") from None

    def policy(self):
        """Check everything and return the Policy."""
        self._check_keys("", self.data, (*_SECTIONS, *LEVELS), required=True)
        for section, keys in _SECTIONS.items():
            self._check_keys(section, self.data[section], keys, required=True)
        return Policy(
            path=str(self.path),
            calendar=Calendar(official_days(), self._blocks()),
            yellow_share=self._share("colour", "yellow_share"),
            yellow_after=self._length("pressing", "yellow_after"),
            red_after=self._length("pressing", "red_after"),
            return_limit=self._count("returns", "limit"),
            minimum_count=self._count("figures", "minimum"),
            lengths=self._lengths(),
        )

    def _fail(self, key, rule):
        raise PolicyError(self.path, key, rule)

    def _check_keys(self, section, table, known, *, required):
        prefix = f"{section}." if section else ""
        if not isinstance(table, dict):
            self._fail(section, "must be a table")
        for key in table:
            if key not in known:
                self._fail(prefix + key, f"unknown; known here: {', '.join(known)}")
        for key in known if required else ():
            if key not in table:
                self._fail(prefix + key, "is missing")

    def _length(self, section, key):
        table = self.data
        for part in section.split("."):
            table = table[part]
        try:
            return Length.parse(table[key])
        except ValueError as error:
            return self._fail(f"{section}.{key}", str(error))

    def _share(self, section, key):
        share = self.data[section][key]
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 1:
            self._fail(f"{section}.{key}", f"{share!r} must be a share between 0 and 1")
        return share

    def _count(self, section, key):
        count = self.data[section][key]
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            self._fail(f"{section}.{key}", f"{count!r} must be a whole number, 1 or more")
        return count

    def _blocks(self):
        texts, key = self.data["working_time"]["blocks"], "working_time.blocks"
        if not isinstance(texts, list) or not texts:
            self._fail(key, 'must be a list such as ["08:30-12:00", "14:00-17:30"]')
        blocks = []
        for text in texts:
            match = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", str(text))
            if not match:
                self._fail(key, f"{text!r} must be written 08:30-12:00")
            numbers = [int(group) for group in match.groups()]
            opens, closes = (numbers[i] * HOUR + numbers[i + 1] * MINUTE for i in (0, 2))
            if not opens < closes <= DAY:
                self._fail(key, f"{text!r} must end after it opens, at 24:00 at the latest")
            if blocks and opens < blocks[-1][1]:
                self._fail(key, f"{text!r} overlaps the block before it, or stands before it")
            blocks.append((opens, closes))
        return blocks

    def _lengths(self):
        lengths = {}
        for level in LEVELS:
            self._check_keys(level, self.data[level], (DEFAULT, *KIND_CODES), required=False)
            if DEFAULT not in self.data[level]:
                self._fail(f"{level}.{DEFAULT}", "is missing")
            for kind, table in self.data[level].items():
                needed = kind == DEFAULT
                self._check_keys(f"{level}.{kind}", table, SERVICE_CLOCKS, required=needed)
            for kind in KIND_CODES:
                for clock in SERVICE_CLOCKS:
                    own = clock in self.data[level].get(kind, {})
                    section = f"{level}.{kind if own else DEFAULT}"
                    lengths[level, kind, clock] = self._length(section, clock)
                lengths |= self._legal(level, kind)
        return lengths

    def _legal(self, level, kind):
        kinds = self.data["legal"]["kinds"]
        if not isinstance(kinds, list):
            self._fail("legal.kinds", "must be a list of letter kinds")
        for code in kinds:
            if code not in KIND_CODES:
                self._fail("legal.kinds", f"{code!r} is no kind; known: {', '.join(KIND_CODES)}")
        found = {clock: self._length("legal", key) for clock, key in LEGAL_CLOCKS.items()}
        return {
            (level, kind, clock): length if kind in kinds else None
            for clock, length in found.items()
        }

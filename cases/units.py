"""Units of the police and roles of officers, read from their two data files and checked.

No database here: `rows()` is what a command or a test writes into the Unit table,
`roles()` what becomes groups. Level and parent are never written in the file; they
follow from the code, so that the two cannot disagree.
"""

import json
import re
from functools import cache
from pathlib import Path

from .transitions import PERMISSIONS

DATA = Path(__file__).parent / "data"
LEVELS = ("department", "line", "city", "district", "station")
MAILBOX_LEVELS = ("department", "city")

# The first pattern that fits gives the level: 440000, 440000-ZA, 440300, 440304, 440304-01.
_PATTERNS = (
    ("department", re.compile(r"\d{2}0000")),
    ("line", re.compile(r"\d{2}0000-[A-Z]{2}")),
    ("city", re.compile(r"\d{4}00")),
    ("district", re.compile(r"\d{6}")),
    ("station", re.compile(r"\d{6}-\d{2}")),
)
_UNIT_FIELDS = ("code", "name", "name_en", "pinyin")
_ROLE_FIELDS = ("code", "name", "name_en", "about", "about_en", "permissions")

# To manage officers, units, reply templates and common questions. Nobody deletes any: they are made inactive.
# And to make new rules of limits, and to see what batches and tasks failed at, and have it tried again.
MANAGE_PERMISSIONS = (
    *(
        f"{verb}_{model}"
        for model in ("officer", "unit", "replytemplate", "commonquestion")
        for verb in ("view", "add", "change")
    ),
    "add_policyversion",
    "view_batch",
    "view_trouble",
    "change_trouble",
)


class UnitsError(ValueError):
    """A data file of units or roles breaks a rule; the message names file, entry and rule."""


def level_of(code):
    """Return the level that a unit's code says. Raises: UnitsError for any other shape."""
    for level, pattern in _PATTERNS:
        if pattern.fullmatch(code):
            return level
    raise UnitsError(f"units.json: {code!r} is no unit code (440000, 440000-ZA, 440304-01 ...)")


def parent_of(code):
    """Return the code of the unit above, or None for the department."""
    level = level_of(code)
    if level == "department":
        return None
    if level in ("line", "station"):
        return code.split("-")[0]
    return code[:2] + "0000" if level == "city" else code[:4] + "00"


def path_of(code):
    """Return the codes from the department down to this unit, each ended by a slash."""
    parent = parent_of(code)
    return (path_of(parent) if parent else "") + code + "/"


def check_units(entries):
    """Check the entries of a units file. Raises: UnitsError naming the first wrong one."""
    seen = set()
    for entry in entries:
        code = entry.get("code", "")
        missing = [field for field in _UNIT_FIELDS if not entry.get(field)]
        if missing:
            raise UnitsError(f"units.json: {code or entry} lacks {', '.join(missing)}")
        if code in seen:
            raise UnitsError(f"units.json: {code} stands twice")
        parent = parent_of(code)
        if parent and parent not in seen:
            raise UnitsError(f"units.json: {code} must stand after its unit above, {parent}")
        seen.add(code)


def check_roles(entries):
    """Check the entries of a roles file. Raises: UnitsError naming the first wrong one."""
    known = {codename for codename, _ in PERMISSIONS} | set(MANAGE_PERMISSIONS)
    seen = set()
    for entry in entries:
        code = entry.get("code", "")
        missing = [field for field in _ROLE_FIELDS if not entry.get(field)]
        if missing:
            raise UnitsError(f"roles.json: {code or entry} lacks {', '.join(missing)}")
        unknown = sorted(set(entry["permissions"]) - known)
        if unknown:
            raise UnitsError(f"roles.json: {code} names unknown permissions: {', '.join(unknown)}")
        if code in seen:
            raise UnitsError(f"roles.json: {code} stands twice")
        seen.add(code)


def _read(name, key):
    return json.loads((DATA / name).read_text(encoding="utf-8"))[key]


@cache
def _units():
    entries = _read("units.json", "units")
    check_units(entries)
    return tuple(entries)


def rows():
    """Return one dict a unit, each after its unit above: the columns of the Unit table.

    parent is a code, or None for the department.
    """
    return [
        {
            **{field: entry[field] for field in _UNIT_FIELDS},
            "level": level_of(entry["code"]),
            "parent": parent_of(entry["code"]),
            "path": path_of(entry["code"]),
            "is_mailbox": level_of(entry["code"]) in MAILBOX_LEVELS,
        }
        for entry in _units()
    ]


@cache
def areas():
    """Return unit code -> the place it answers for (天河区); a line or station has its parent's."""
    found = {}
    for entry in _units():
        code = entry["code"]
        found[code] = entry.get("area") or found[parent_of(code)]
    return found


def roles():
    """Return the roles: dicts of code, name, name_en, about, about_en and permissions."""
    entries = _read("roles.json", "roles")
    check_roles(entries)
    return entries

"""The policy's text and its single values: what a form shows and changes, what differs, and where."""

import tomllib

import tomlkit

from cases import policy as policies
from cases.models import PolicyVersion
from cases.policy import CLOCKS, DEFAULT, KIND_CODES, LEVELS, SERVICE_CLOCKS

OTHER_KEYS = (
    "legal.kinds",
    "legal.limit",
    "legal.extension",
    "working_time.blocks",
    "colour.yellow_share",
    "pressing.yellow_after",
    "pressing.red_after",
    "returns.limit",
    "figures.minimum",
)
# Keys of the lengths that a level gives to all kinds, and those that a kind may have of its own.
SHARED_KEYS = tuple(f"{level}.{DEFAULT}.{clock}" for level in LEVELS for clock in SERVICE_CLOCKS)
OWN_KEYS = tuple(
    f"{level}.{kind}.{clock}" for level in LEVELS for kind in KIND_CODES for clock in SERVICE_CLOCKS
)
KEYS = (*SHARED_KEYS, *OWN_KEYS, *OTHER_KEYS)


def newest():
    """Return (the newest version or None, its text): the shipped file's where there is none."""
    version = PolicyVersion.objects.order_by("-valid_from").first()
    return version, version.text if version else policies.DEFAULT_PATH.read_text("utf-8")


def values(text):
    """Return {key: value} of a policy's text; a kind's own length that is not there is left out."""
    document, found = tomllib.loads(text), {}
    for key in KEYS:
        place = document
        for name in key.split("."):
            place = place.get(name) if isinstance(place, dict) else None
        if place is not None:
            found[key] = place
    return found


def changed(text, wanted):
    """Return the text with these values, its comments kept; a kind's own length that is "" goes.

    wanted: {key: value}, keys of KEYS.
    """
    document, had = tomlkit.parse(text), values(text)
    for key, value in wanted.items():
        if value == had.get(key, ""):
            continue
        *tables, last = key.split(".")
        place = document
        for name in tables:
            place = place.setdefault(name, tomlkit.table())
        if value == "":
            del place[last]
        else:
            place[last] = value
    for level in LEVELS:
        for kind in KIND_CODES:
            if not document[level].get(kind, True):
                del document[level][kind]
    return tomlkit.dumps(document)


def differing_lengths(old, new):
    """Yield (level, clock, kinds, old Length or None, new Length or None) where two policies differ."""
    for level in LEVELS:
        for clock in CLOCKS:
            kinds = {}
            for kind in KIND_CODES:
                pair = (old.length(level, kind, clock), new.length(level, kind, clock))
                if pair[0] != pair[1]:
                    kinds.setdefault(pair, []).append(kind)
            for (before, after), codes in kinds.items():
                yield level, clock, codes, before, after

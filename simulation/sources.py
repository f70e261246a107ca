"""Where a scenario's text comes from: the library, what planners saved, or a file.

A text may stand on another: `base = "name"`, `[changes]` of names and values (changing.py),
and tables that replace or join those of the base. It is always given out whole, so that a
run can keep what it played.
"""

import hashlib
import json
import tomllib
from pathlib import Path

import tomlkit

from simulation import changing
from simulation.models import SavedScenario
from simulation.reader import ScenarioError

DATA = Path(__file__).parent / "data"
NOT_SCENARIOS = ("published",)
MAX_BASES = 5


def published_names():
    """Return the names of the scenarios that come with the program."""
    return sorted(path.stem for path in DATA.glob("*.toml") if path.stem not in NOT_SCENARIOS)


def names():
    """Return all names that can be loaded: the program's, then those that were saved."""
    return published_names() + sorted(SavedScenario.objects.values_list("name", flat=True))


def source(name):
    """Return the whole TOML text of a published or saved scenario, or of a path that ends in .toml.

    Raises: ScenarioError if there is none, or it can't be read.
    """
    name = str(name)
    return _whole(own(name), name)


def tree(text, name):
    """Return a text as a tree of values. Raises: ScenarioError if it isn't TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(name, "", f"is not TOML: {error}") from error


def fingerprint(text):
    """Return the SHA-256 of what a text says, whatever its comments and spaces."""
    told = json.dumps(tree(text, ""), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def changed(text, name, changes, new_name=None):
    """Return a whole text with changes made in it, its comments kept. Raises: ScenarioError.

    new_name: what it is called from now on; then it is no longer set against published figures.
    """
    document = tomlkit.parse(text)
    changing.apply(document, changes, name)
    if new_name:
        document["scenario"]["name"] = new_name
        if "roles" in document:
            document["roles"]["compared"] = False
    return tomlkit.dumps(document)


def own(name):
    """Return the text that stands under a name itself, without what it stands on."""
    path = Path(name)
    if name in published_names():
        path = DATA / f"{name}.toml"
    elif path.suffix != ".toml":
        saved = SavedScenario.objects.filter(name=name).first()
        if saved is None:
            known = ", ".join(names())
            raise ScenarioError(name, "", f"is no scenario; there are: {known}")
        return saved.text
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(path, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(path, "", f"is not TOML: {error}") from error


def _whole(text, name, depth=0):
    """Return a text that stands on no other."""
    top = tree(text, name)
    if "base" not in top:
        return text
    if depth == MAX_BASES or not isinstance(top["base"], str):
        raise ScenarioError(name, "base", f"must be a name, and at most {MAX_BASES} deep")
    base = _whole(own(top["base"]), top["base"], depth + 1)
    document, mine = tomlkit.parse(base), tomlkit.parse(text)
    changes = top.get("changes", {})
    if not isinstance(changes, dict):
        raise ScenarioError(name, "changes", "must be a table of names and values")
    changing.apply(document, changes, name)
    for key in mine:
        if key not in ("base", "changes"):
            _join(document, key, mine[key])
    return tomlkit.dumps(document)


def _join(document, key, value):
    """Put a value in; of a table, key by key."""
    if isinstance(value, dict) and isinstance(document.get(key), dict):
        for inner in value:
            _join(document[key], inner, value[inner])
    else:
        document[key] = value

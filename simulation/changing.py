"""Changing a scenario by name: `desk.staff=12`, `volume=2x`, `outcomes.done=+5%`.

A name is a path of keys in the scenario's TOML, or one of ALIASES, which say in a planner's
words what stands at several paths. A city stands in a path by its code, or all of them as *.
Where shares add up to 1, the others give way in proportion.
"""

import difflib
import re
from datetime import date
from fractions import Fraction
from math import ceil

from simulation.reader import SECONDS, ScenarioError

# name -> (paths, unit). {city} stands for a city's code.
ALIASES = {
    "desk.staff": (("staff.department_desk",), "officers, day and night together"),
    "desk.{city}.staff": (("city.{city}.desk",), "officers, day and night together"),
    "duty.staff": (("city.*.duty",), "officers at each unit, day and night together"),
    "duty.{city}.staff": (("city.{city}.duty",), "officers at each unit, day and night together"),
    "handlers.staff": (("city.*.handlers",), "officers at each unit"),
    "handlers.{city}.staff": (("city.{city}.handlers",), "officers at each unit"),
    "review.staff": (("city.*.reviewers",), "officers at each city"),
    "review.{city}.staff": (("city.{city}.reviewers",), "officers at the city"),
    "volume": ((), "letters"),
    "wrong_dispatch": ((), "share of letters that come back at least once"),
    "duplicates": (("arrivals.same_matter",), "share of letters that repeat a matter"),
    "duplicates_caught": (("chances.merge",), "share of them that intake notices"),
    "deadline.reply.{kind}": (("promises.reply_days.{kind}",), "days"),
    "extension.{kind}": (("promises.extension_days.{kind}",), "days"),
}
# What is said of a scenario, beside what it is: nothing to change.
SAID_OF_IT = ("roles", "free", "priors")
# Tables whose values add up to 1.
_SHARED = re.compile(
    r"kinds|categories\.\w+|decline_reasons|elsewhere|return_reasons|outcomes\.undone"
    r"|outcomes\.results\.\w+"
)
_AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<number>\d+(\.\d+)?)(?P<unit>x|%)?")


def parse_sets(texts):
    """Return {name: value as text} of a list of "name=value". Raises: ScenarioError."""
    changes = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise ScenarioError("--set", "", f"{text!r} must be name=value, such as volume=2x")
        if name in changes:
            raise ScenarioError("--set", name, "is given twice")
        changes[name] = value
    return changes


def said(changes):
    """Return changes as one line."""
    return ", ".join(f"{name} = {value}" for name, value in changes.items())


def apply(tree, changes, file):
    """Change a scenario's tree of TOML values in place.

    changes: {name: number, text, "2x", "+10%" or "+3"}. file: named in errors.
    Raises: ScenarioError for an unknown name (with near ones) or a value that does not fit.
    """
    for name, value in changes.items():
        if name == "volume":
            _change_volume(tree, value, file)
        elif name == "wrong_dispatch":
            _change_returns(tree, value, file)
        else:
            for path in _paths(tree, name):
                _change(tree, path.split("."), value, name, file)


def current(tree, name):
    """Return the value that stands at a name now; of several places the sum."""
    if name == "volume":
        return tree["scenario"]["letters"]
    if name == "wrong_dispatch":
        return round(1 - tree["work"]["returns"][0], 6)
    values = [table[key] for table, key in places(tree, name)]
    found = [sum(value) if isinstance(value, list) else value for value in values]
    return sum(found) if len(found) > 1 else found[0]


def places(tree, name, file=""):
    """Return every (table, key) that a name stands for: at least one. Raises: ScenarioError.

    volume and wrong_dispatch, which change several keys together, stand at their chief one.
    """
    name = {"volume": "scenario.letters", "wrong_dispatch": "work.returns"}.get(name, name)
    found = []
    for path in _paths(tree, name):
        *above, key = path.split(".")
        for table in _tables(tree, above, name, file):
            if key not in table:
                raise _unknown(tree, name, file)
            found.append((table, key))
    return found


def adds_up(name):
    """Return whether the values of a table add up to 1. name: of the table."""
    return bool(_SHARED.fullmatch(name))


def known(tree):
    """Return every name that can be changed in this tree: aliases first, then paths."""
    cities = [city["code"] for city in tree.get("city", ())]
    kinds = list(tree.get("kinds", ()))
    names = []
    for alias in ALIASES:
        fills = cities if "{city}" in alias else kinds if "{kind}" in alias else [""]
        names += [alias.replace("{city}", fill).replace("{kind}", fill) for fill in fills]
    model = {key: value for key, value in tree.items() if key not in SAID_OF_IT}
    return names + list(_leaves(model))


def _paths(tree, name):
    for alias, (paths, _unit) in ALIASES.items():
        pattern = re.escape(alias).replace(r"\{city\}", r"(\d{6})").replace(r"\{kind\}", r"(\w+)")
        match = re.fullmatch(pattern, name)
        if match:
            fill = match.group(1) if match.groups() else ""
            return [path.replace("{city}", fill).replace("{kind}", fill) for path in paths]
    return [name]


def _leaves(tree, above=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for n, row in enumerate(value):
                yield from _leaves(row, f"{above}{key}.{row.get('code', n + 1)}.")
        elif not isinstance(value, list) or all(isinstance(n, int) for n in value):
            yield f"{above}{key}"


def _unknown(tree, name, file):
    near = difflib.get_close_matches(name, known(tree), n=4, cutoff=0.5)
    hint = f"; near it: {', '.join(near)}" if near else "; known names: volume, desk.staff, …"
    return ScenarioError(file, name, f"is nothing that can be changed{hint}")


def _tables(tree, keys, name, file):
    """Return the tables at a path; * stands for all rows of an array of tables."""
    tables = [tree]
    for key in keys:
        found = []
        for table in tables:
            if isinstance(table, list):
                found += [
                    row for n, row in enumerate(table, 1) if key in ("*", row.get("code"), str(n))
                ]
            elif isinstance(table, dict) and key in table:
                found.append(table[key])
        tables = found
    if not tables or not all(isinstance(table, dict) for table in tables):
        raise _unknown(tree, name, file)
    return tables


def _change(tree, path, value, name, file):
    *above, key = path
    shared = adds_up(".".join(above))
    for table in _tables(tree, above, name, file):
        if key not in table and not shared:
            raise _unknown(tree, name, file)
        new = _changed(table.get(key, 0.0), value, name, file)
        if shared:
            _make_room(table, key, new, name, file)
        table[key] = new


def _make_room(table, key, new, name, file):
    """Shrink or stretch the other shares so that all add up to 1 beside the new one."""
    others = {other: share for other, share in table.items() if other != key}
    total = sum(others.values())
    if not 0 <= new <= 1 or (new < 1 and not total):
        raise ScenarioError(file, name, f"must be a share from 0 to 1, not {new:g}")
    for other, share in others.items():
        table[other] = share * (1 - new) / total


def _changed(old, value, name, file):
    """Return the new value, of the type of the old one."""
    if isinstance(old, str | date):
        return _text(old, value, name, file)
    if isinstance(old, dict):
        unit = next((unit for unit in SECONDS if unit in old), None)
        if unit is None:
            raise ScenarioError(file, name, f"is a table; name one of {', '.join(old)}")
        return {**old, unit: float(_number(old[unit], value, name, file))}
    if isinstance(old, list):
        return _list(old, value, name, file)
    new = _number(old, value, name, file)
    if not isinstance(old, int):
        return float(new)
    if new.denominator != 1 and not _factor(value):
        raise ScenarioError(file, name, f"must be a whole number, not {float(new):g}")
    return ceil(new)


def _text(old, value, name, file):
    if isinstance(old, str):
        return str(value)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ScenarioError(file, name, f"must be a date, not {value!r}") from None


def _list(old, value, name, file):
    """Return a list of numbers multiplied, or one whose sum is the value, in proportion."""
    if not all(isinstance(n, int) for n in old):
        raise ScenarioError(file, name, "is a list; it can't be changed by one number")
    total = _number(sum(old), value, name, file)
    if _factor(value):
        return [ceil(n * total / sum(old)) for n in old]
    if total.denominator != 1:
        raise ScenarioError(file, name, f"must be a whole number, not {float(total):g}")
    parts = [n * total / sum(old) for n in old]
    new = [int(part) for part in parts]
    # What rounding down left goes to the largest remainders, the first among equals.
    order = sorted(range(len(old)), key=lambda n: (new[n] - parts[n], n))
    for n in order[: int(total) - sum(new)]:
        new[n] += 1
    return new


def _factor(value):
    return str(value).endswith(("x", "%"))


def _number(old, value, name, file):
    """Return old changed by "2x", "+10%", "+3" or "-3", or the number that value is."""
    match = _AMOUNT.fullmatch(str(value))
    if not match:
        rule = f"must be a number, a factor such as 2x, or a change such as +10%, not {value!r}"
        raise ScenarioError(file, name, rule)
    old = Fraction(str(old))
    number = Fraction(match["number"]) * (-1 if match["sign"] == "-" else 1)
    if match["unit"] == "x":
        new = old * number
    elif match["unit"] == "%":
        new = old * (1 + number / 100)
    else:
        new = old + number if match["sign"] else number
    if new < 0:
        raise ScenarioError(file, name, f"must not become negative ({float(new):g})")
    return new


def _change_volume(tree, value, file):
    old = tree["scenario"]["letters"]
    new = _number(old, value, "volume", file)
    tree["scenario"]["letters"] = ceil(new)
    for point in tree["arrivals"].get("checkpoints", ()):
        point["received"] = int(point["received"] * new / old)
    for burst in tree.get("burst", ()):
        burst["letters"] = ceil(burst["letters"] * new / old)


def _change_returns(tree, value, file):
    returns = tree["work"]["returns"]
    back = Fraction(str(1 - returns[0])).limit_denominator(10**6)
    share = float(_number(float(back), value, "wrong_dispatch", file))
    if share > 1 or (share and not back):
        raise ScenarioError(file, "wrong_dispatch", f"must be a share from 0 to 1, not {share:g}")
    more = [part * share / float(back) if back else 0.0 for part in returns[1:]]
    tree["work"]["returns"] = [1 - sum(more), *more]

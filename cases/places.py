"""Which units answer for the places that a letter names."""

import json
import re
from functools import cache

from cases import units
from cases.characters import simplified
from cases.units import DATA
from cases.wordlists import any_of

# How much a name counts by where it stands, and by how surely it is that place.
_WHERE = {"place": 2, "title": 1.5, "body": 1}
_WHOLE, _STEM, _PART = 3, 2, 0.9  # 南山区; 南山; 南山大道
_DOWN = 0.6  # what a district counts at a mailbox above its city, where the city comes first
_ENDS = re.compile(r"((?:..?族)*自治县|[市县区镇]|街道)?(公安局|公安分局|分局)$")


def named(candidates, mailbox, **texts):
    """Return {code: (score, name)} of the units whose place these texts name.

    candidates: Units. texts: place, title and body, folded; Traditional ones are read as Simplified.
    """
    texts = {where: simplified(text) for where, text in texts.items()}
    found = {}
    for unit in candidates:
        best = max((_counted(unit, where, text) for where, text in texts.items()), default=None)
        if best and best[0]:
            found[unit.code] = best
    if mailbox.level == "department":
        return _with_cities(found)
    return _with_units_above_stations(found)


def _counted(unit, where, text):
    """Return (score, name) of the surest name of a unit in a text, or (0, "")."""
    for name, pattern, weight in _names(unit.code, unit.name, unit.level, unit.pinyin):
        if (weight >= _STEM or where == "place") and pattern.search(text):
            return weight * _WHERE[where], name
    return 0, ""


@cache
def _names(code, name, level, pinyin):
    """Return (name, pattern, weight) of a unit, the surest first."""
    if level not in ("city", "district"):
        return [(name, re.compile(re.escape(name)), _WHOLE)]
    area = units.areas().get(code, name)
    stem = _ENDS.sub("", name)
    after, everyday = _lists()
    alone = re.compile(re.escape(stem) + rf"(?!.{{0,2}}(?:{after}))")
    found = [(stem, re.compile(re.escape(stem)), _PART)] if len(stem) > 1 else []
    if stem not in everyday and len(stem) > 1:
        found.insert(0, (stem, alone, _STEM))
    if area not in everyday:
        found.insert(0, (area, any_of({area, name}), _WHOLE))
    if len(stem) > 1:  # as foreigners write it: Bao'an, Baoan, bao an
        latin = r"['’ ]?".join(pinyin.split()[: len(stem)])
        found.append((stem, re.compile(rf"\b{latin}\b", re.IGNORECASE), _PART))
    return found


@cache
def _lists():
    data = json.loads((DATA / "keywords.json").read_text(encoding="utf-8"))
    return "|".join(data["after_a_name"]), frozenset(data["everyday"])


def _with_cities(found):
    """Return what was found with the city of each district named; cities come first."""
    all_found = {}
    for code, (score, name) in found.items():
        city = code[:4] + "00"
        if code != city and not code.startswith(code[:2] + "0000"):
            if score > all_found.get(city, (0, ""))[0]:
                all_found[city] = (score, name)
            score *= _DOWN
        if score > all_found.get(code, (0, ""))[0]:
            all_found[code] = (score, name)
    return all_found


def _with_units_above_stations(found):
    """Return what was found with the unit above each station named in front of it."""
    all_found = dict(found)
    for code, (score, name) in found.items():
        above = code.split("-")[0]
        if above != code:
            all_found[code] = (score * _DOWN, name)
            if score > all_found.get(above, (0, ""))[0]:
                all_found[above] = (score, name)
    return all_found

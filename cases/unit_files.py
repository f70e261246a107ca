"""Units from a CSV: read and judged as a whole, and written in one statement or not at all.

Level, parent and path follow from the code, as in cases/data/units.json, so that a file cannot
contradict itself. A code that is known already changes that unit's names and nothing else.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from cases import units, worlds
from cases.identity import clean, fold
from cases.models import Unit
from cases.uploads import table_of

ROWS = 2000
# What a column may be called, in the file's first line.
COLUMNS = {
    "code": ("编码", "单位编码", "code"),
    "name": ("名称", "单位名称", "name"),
    "name_en": ("英文名称", "name_en"),
    "pinyin": ("拼音", "pinyin"),
}
_NAMES = ("name", "name_en", "pinyin")


@dataclass
class Plan:
    """What a file would do: units to write, by kind, and a sentence for each fault."""

    new: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    same: int = 0
    faults: list = field(default_factory=list)


def pinyin_of(name):
    """Return a name's pinyin as units have it: syllables without tones, one space between."""
    from pypinyin import lazy_pinyin  # here, since every process would read its book at its start

    return " ".join(lazy_pinyin(name)).strip()[:120]


def place_of(code):
    """Return (level, code of the parent or None). Raises: ValueError with a sentence."""
    try:
        return units.level_of(code), units.parent_of(code)
    except units.UnitsError:
        raise ValueError(
            _("编码“%(code)s”不合规则，应如 440300、440304、440304-01 或 440000-ZA。")
            % {"code": code[:20]}
        ) from None


def read(text):
    """Return the Plan of a file's text; units in it stand after those above them."""
    plan, lines = Plan(), table_of(text)
    columns = _columns(lines[0] if lines else [])
    if "code" not in columns or "name" not in columns:
        plan.faults.append(_("首行应有列名，至少有“编码”和“名称”。"))
        return plan
    if len(lines) > ROWS + 1:
        plan.faults.append(_("文件应有1至%(n)s行。") % {"n": ROWS})
        return plan
    known = {unit.code: unit for unit in Unit.objects.all()}
    seen = {}
    for number, line in enumerate(lines[1:], 2):
        cells = {name: line[at] if at < len(line) else "" for name, at in columns.items()}
        if not any(cell.strip() for cell in line):
            continue
        try:
            row = _row(cells)
            if row["code"] in seen:
                raise ValueError(_("编码与第%(n)s行重复。") % {"n": seen[row["code"]][0]})
        except ValueError as error:
            plan.faults.append(_("第%(n)s行：%(why)s") % {"n": number, "why": error})
        else:
            seen[row["code"]] = number, row
    _sort(plan, seen, known)
    return plan


def write(plan):
    """Write a plan without faults, in one statement; return how many units are new."""
    keys = {unit.code: unit.pk for unit in Unit.objects.all()}
    for unit in plan.new:  # parents come first, and are known by key before they are written
        unit.pk = keys[unit.code] = worlds.next_number(Unit)
        unit.parent_id = keys.get(units.parent_of(unit.code))
    Unit.objects.bulk_create(
        [*plan.new, *plan.changed],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=list(_NAMES),
    )
    return len(plan.new)


def _columns(head):
    found = [fold(cell).strip().lower() for cell in head]
    return {
        name: found.index(one) for name, words in COLUMNS.items() for one in words if one in found
    }


def _row(cells):
    row = {name: clean(cells.get(name, "")).replace("\n", " ").strip() for name in COLUMNS}
    row["code"] = fold(row["code"]).upper()
    place_of(row["code"])
    if not row["name"]:
        raise ValueError(_("没有名称。"))
    row["pinyin"] = row["pinyin"].lower() or pinyin_of(row["name"])
    row["name_en"] = row["name_en"] or row["pinyin"].title()
    for name in _NAMES:
        most = Unit._meta.get_field(name).max_length
        if len(row[name]) > most:
            raise ValueError(
                _("“%(column)s”不能超过%(n)s个字。") % {"column": COLUMNS[name][0], "n": most}
            )
    return row


def _sort(plan, seen, known):
    """Put each row where it belongs in the plan: new, changed, the same, or a fault."""
    for code in sorted(seen, key=lambda code: (units.path_of(code), code)):
        number, row = seen[code]
        parent = units.parent_of(code)
        unit = known.get(code)
        if unit is None and parent and parent not in known and parent not in seen:
            why = _("没有上级单位 %(code)s。") % {"code": parent}
            plan.faults.append(_("第%(n)s行：%(why)s") % {"n": number, "why": why})
        elif unit is None:
            level = units.level_of(code)
            plan.new.append(
                Unit(
                    **row,
                    level=level,
                    path=units.path_of(code),
                    is_mailbox=level in units.MAILBOX_LEVELS,
                )
            )
        elif any(getattr(unit, name) != row[name] for name in _NAMES):
            for name in _NAMES:
                setattr(unit, name, row[name])
            plan.changed.append(unit)
        else:
            plan.same += 1

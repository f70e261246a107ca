"""Units as the reader calls them: in the language of the page, the department first, then by pinyin."""

from cases.models import Unit
from mailbox.wording import unit_name


def mailboxes():
    """Return {code: name} of the units that have a mailbox, in order."""
    units = Unit.objects.filter(is_mailbox=True)
    ordered = sorted(units, key=lambda unit: (unit.code[2:4] != "00", unit.pinyin))
    return {unit.code: unit_name(unit) for unit in ordered}


def units(codes):
    """Return {code: name} of any units."""
    return {unit.code: unit_name(unit) for unit in Unit.objects.filter(code__in=codes)}


def in_order(rows):
    """Return a report's rows of mailboxes in order, each with its name in the reader's language."""
    names = mailboxes()
    place = {code: n for n, code in enumerate(names)}
    ordered = sorted(rows, key=lambda row: place.get(row["code"], len(place)))
    return [{**row, "name": names.get(row["code"], row["name"])} for row in ordered]

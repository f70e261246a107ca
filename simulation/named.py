"""Units and figures as the reader calls them: in the language of the page, units in order."""

from django.utils.translation import gettext_lazy

from cases.desk import measures
from cases.models import Unit
from mailbox.wording import unit_name

# What has happened to letters; the desk's own labels of these are also those of steps to take.
LABELS = measures.LABELS | {
    "accepted": gettext_lazy("已受理"),
    "signed": gettext_lazy("已签收"),
    "merged": gettext_lazy("已并件"),
    "closed": gettext_lazy("已办结"),
    "withdrawn": gettext_lazy("已撤回"),
    "reply_rate": gettext_lazy("答复率"),
    "closing_rate": gettext_lazy("办结率"),
}


def short(name):
    """Return a unit's name for a picture, where English names are too long."""
    return name.split(" Municipal ")[0].split(" Provincial ")[0]


def mailboxes():
    """Return {code: name} of the units that have a mailbox: the department, then by pinyin."""
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

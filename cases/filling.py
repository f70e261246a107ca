"""Reply templates (答复模板): their fields, as {受理编号}, and what a case puts in their place."""

import re

from cases.calendars import SHANGHAI

# The steps whose text the writer reads, or will read once it is approved.
ACTIONS = ("propose_reply", "feedback", "ask_citizen", "decline", "transfer_out", "extend")
_FIELD = re.compile(r"[{｛]([^{}｛｝]*)[}｝]")


def _day(moment):
    return f"{moment.astimezone(SHANGHAI):%Y年%-m月%-d日}" if moment else ""


# What each field becomes, of a case and the time now.
_VALUES = {
    "受理编号": lambda case, at: case.letter.receipt,
    "标题": lambda case, at: case.letter.title,
    "信箱": lambda case, at: case.mailbox.name,
    "单位": lambda case, at: case.unit.name,
    "信件类别": lambda case, at: case.get_kind_display(),
    "业务类别": lambda case, at: case.get_category_display(),
    "地点": lambda case, at: case.letter.place,
    "来信日期": lambda case, at: _day(case.received_at),
    "答复期限": lambda case, at: _day(case.reply_due_at),
    "日期": lambda case, at: _day(at),
}
NAMES = tuple(_VALUES)


def fields_in(text):
    """Return the fields that stand in a text, as written."""
    return [found[0] for found in _FIELD.finditer(text)]


def unknown_fields(body):
    """Return the fields of a template, as written, that stand for nothing."""
    return [found[0] for found in _FIELD.finditer(body) if found[1].strip() not in _VALUES]


def fill(body, case, at):
    """Return a template's text with its fields filled from a case; an unknown one stays as it is."""

    def value(found):
        of = _VALUES.get(found[1].strip())
        return of(case, at) if of else found[0]

    return _FIELD.sub(value, body)  # one pass: a title that holds braces stays a title

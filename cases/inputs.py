"""Reading what an actor says with an action: from forms, scripts and the simulator alike."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from cases import fields as f
from cases import identity, receipts
from cases.models import Case, Officer, Unit
from cases.refusals import Incomplete
from cases.templates_text import TEMPLATES

TEXT_LIMIT = 5000
LABEL_LIMITS = {"number": 40, "title": 100}
LINK_LIMIT = 300


@dataclass
class Said:
    """The checked fields of one step. data goes into the event, text and link into a Message."""

    data: dict = field(default_factory=dict)
    text: str = ""
    link: str = ""
    unit: Unit | None = None
    officer: Officer | None = None
    into: Case | None = None
    accused: Unit | None = None


def read_fields(row, fields):
    """Return Said for this row's fields.

    fields: name → value; a required text may be given as template="code" instead.
    Raises: Incomplete naming the fields; ValueError for names the row does not know.
    """
    known = {*row.requires, *row.allows}
    unknown = set(fields) - known - {"template"}
    if unknown:
        raise ValueError(f"{row.action}: unknown fields {sorted(unknown)}")
    said = Said()
    template = fields.get("template")
    if template:
        if "text" not in known or not isinstance(template, str) or template not in TEMPLATES:
            raise ValueError(f"{row.action}: unknown template {template!r}")
        said.data["template"] = template
    missing = []
    for name in (*row.requires, *row.allows):
        value = fields.get(name)
        if value in (None, ""):
            if name in row.requires and not (name == "text" and template):
                missing.append(name)
            continue
        _READERS[f.FIELDS[name].type](said, name, value)
    if missing:
        labels = "、".join(str(f.FIELDS[name].label) for name in missing)
        raise Incomplete(_("请填写：%(fields)s。") % {"fields": labels}, missing)
    said.text = with_link(said.text, said.link)
    return said


def with_link(text, link):
    """Return what is kept as the Message: the text, and an address on a last line of its own."""
    return "\n".join(part for part in (text, link) if part)


def split_link(body):
    """Return (text, address or "") of a Message that may end in an address."""
    text, _newline, last = body.rpartition("\n")
    return (text, last) if last.startswith("https://") else (body, "")


def _typed(name, value):
    """Return what was typed, cleaned; whole numbers too, but no list or dict."""
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    if not isinstance(value, str):
        raise Incomplete(_("请填写：%(fields)s。") % {"fields": f.FIELDS[name].label}, [name])
    return identity.clean(value)


def _text(said, name, value):
    text = _typed(name, value)
    if len(text) > TEXT_LIMIT:
        message = _("内容不能超过%(limit)s字，现有%(length)s字。")
        raise Incomplete(message % {"limit": TEXT_LIMIT, "length": len(text)}, [name])
    if not text:
        raise Incomplete(_("请填写：%(fields)s。") % {"fields": f.FIELDS[name].label}, [name])
    said.text = text


def _code(said, name, value):
    code = _typed(name, value)
    if code not in dict(f.FIELDS[name].choices):
        raise Incomplete(_("“%(value)s”不在可选范围内。") % {"value": code[:40]}, [name])
    said.data[name] = code


def _yes_no(said, name, value):
    answers = {True: True, False: False, "yes": True, "no": False}
    if not isinstance(value, (bool, str)) or value not in answers:
        raise Incomplete(_("请选择“是”或“否”。"), [name])
    said.data[name] = answers[value]


def _number(said, name, value):
    typed = identity.fold(_typed(name, value))
    number = int(typed) if re.fullmatch("[0-9]{1,2}", typed) else 0
    if not 1 <= number <= 30:
        raise Incomplete(_("天数应在1至30之间。"), [name])
    said.data[name] = number


def _label(said, name, value):
    label, limit = _typed(name, value).replace("\n", " "), LABEL_LIMITS[name]
    if name == "number":  # one number, however it is typed, is counted once
        label = identity.fold(label).upper()
    if not 1 <= len(label) <= limit:
        raise Incomplete(_("应为1至%(limit)s个字。") % {"limit": limit}, [name])
    said.data[name] = label


def _date(said, name, value):
    typed = identity.fold(_typed(name, value))
    said.data[name] = _read_time(date, r"\d{4}-\d\d-\d\d", typed, name).isoformat()


def _moment(said, name, value):
    typed = identity.fold(_typed(name, value)).replace(" ", "T")
    moment = _read_time(datetime, r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", typed, name)
    said.data[name] = moment.isoformat(timespec="minutes") + "+08:00"


def _read_time(kind, pattern, typed, name):
    try:
        found = kind.fromisoformat(typed) if re.fullmatch(pattern, typed, re.ASCII) else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise Incomplete(_("请填写正确的日期或时间。"), [name])
    return found


def _link(said, name, value):
    typed = _typed(name, value)
    try:
        parts = urlsplit(typed)
        good = parts.scheme == "https" and parts.hostname and not parts.username
    except ValueError:
        good = False
    if not good or not re.fullmatch(r"[!-~]+", typed) or len(typed) > LINK_LIMIT:
        raise Incomplete(
            _("链接应以 https:// 开头，不超过%(limit)s个字符。") % {"limit": LINK_LIMIT}, [name]
        )
    said.link = typed


def _unit(said, name, value):
    said.unit = _active_unit(name, value)


def _accused(said, name, value):
    said.accused = _active_unit(name, value)
    said.data[name] = said.accused.pk


def _active_unit(name, value):
    unit = value
    if not isinstance(value, Unit):
        unit = Unit.objects.filter(code=_typed(name, value)).first()
    if unit is None or not unit.active:
        raise Incomplete(_("没有这个单位，或它已停用。"), [name])
    return unit


def _officer(said, name, value):
    officer = value
    if not isinstance(value, Officer):
        typed = _typed(name, value)
        known = re.fullmatch("[0-9]{1,18}", typed)
        officer = Officer.objects.filter(pk=int(typed)).first() if known else None
    if officer is None or not officer.is_active:
        raise Incomplete(_("没有这名民警，或其账号已停用。"), [name])
    said.officer, said.data[name] = officer, officer.pk


def _case(said, name, value):
    case = value
    if not isinstance(value, Case):
        case = Case.objects.filter(letter__receipt=_receipt(_typed(name, value))).first()
    if case is None:
        raise no_such_letter(name)
    said.into, said.data[name] = case, case.pk


def no_such_letter(name):
    """Return the refusal of a receipt typed in this field, absent or hidden from who typed it."""
    return Incomplete(_("没有找到这个编号的来信。"), [name])


def _receipt(typed):
    try:
        return receipts.parse(typed)
    except receipts.BadReceipt:
        return ""


_READERS = {
    f.TEXT: _text,
    f.CODE: _code,
    f.YES_NO: _yes_no,
    f.NUMBER: _number,
    f.LABEL: _label,
    f.UNIT: _unit,
    f.OFFICER: _officer,
    f.CASE: _case,
    f.ACCUSED: _accused,
    f.DATE: _date,
    f.MOMENT: _moment,
    f.LINK: _link,
}

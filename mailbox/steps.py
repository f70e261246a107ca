"""The form in steps: one thing a page. Which there are, which apply, and what comes next."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cases import acting, identity, places
from cases.characters import simplified
from cases.fields import CATEGORIES, KINDS
from cases.models import Unit
from mailbox import ways
from mailbox.letter_form import (
    CONTACT,
    GUARDIAN,
    PERSON,
    mailbox_name,
    mailboxes,
    names_in_full,
    today,
)

CHECK = "check"
_OFFERED = 4  # mailboxes proposed for a place


@dataclass(frozen=True)
class Step:
    """One page of the form: its name in the address, its fields, what it asks."""

    name: str
    fields: tuple
    heading: str
    applies: callable = lambda typed: True


def _is_grave(typed):
    return typed.get("kind") in ("complaint", "report")


def _for_others(typed):
    return typed.get("acting") in acting.TOLD


def _is_child(typed):
    said = {name: typed.get(name, "") for name in PERSON}
    return acting.is_child(identity.checked_person(said, today=today())[0], today())


STEPS = (
    Step("place", ("place",), _("事情发生在哪里？")),
    Step("mailbox", ("mailbox",), _("写给哪个信箱？")),
    Step("kind", ("kind",), _("您想做什么？")),
    Step("content", ("title", "body"), _("发生了什么事？")),
    Step("category", ("category",), _("属于哪一类业务？")),
    Step("files", ("attachments",), _("有照片或材料吗？")),
    Step("acting", ("acting",), _("您为谁写信？")),
    Step("others", (*acting.TOLD.values(), "consent"), _("您代表谁？"), _for_others),
    Step("person", CONTACT, _("您是谁？")),
    Step("guardian", GUARDIAN, _("您未满14周岁"), _is_child),
    Step(
        "privacy", ("confidential", "accused", "accused_unit"), _("需要保密或回避吗？"), _is_grave
    ),
)
BY_NAME = {step.name: step for step in STEPS}


def path_of(typed):
    """Return the steps that apply to what has been typed so far."""
    return [step for step in STEPS if step.applies(typed)]


def fields_of(step, typed):
    """Return the names of the fields that a step asks for."""
    if step.name == "others":
        return (acting.TOLD[typed["acting"]], "consent")
    return step.fields


def all_fields(typed):
    """Return the names of all fields that apply: a letter is judged by these before it is sent."""
    return ("key", *(name for step in path_of(typed) for name in fields_of(step, typed)))


def missing(writing):
    """Return the name of the first step that is not done, or CHECK."""
    return next((s.name for s in path_of(writing.typed) if s.name not in writing.done), CHECK)


def after(step, writing):
    """Return the name of the step after this one, or of what is missing."""
    path = path_of(writing.typed)
    later = path[path.index(step) + 1 :] if step in path else []
    return later[0].name if later else missing(writing)


def before(step, typed):
    """Return the name of the step before this one, or ""."""
    path = path_of(typed)
    place = path.index(step) if step in path else 0
    return path[place - 1].name if place else ""


def mailboxes_for(place):
    """Return (the mailboxes of the places named, the others), the department last of the first."""
    boxes = mailboxes()
    department = next((box for box in boxes if box.level == "department"), None)
    if department is None:
        return [], boxes
    units = Unit.objects.filter(active=True, level__in=("city", "district"))
    named = places.named(units, department, place=identity.fold(place))
    found = [box for box in boxes if box.code in named]
    found = sorted(found, key=lambda box: -named[box.code][0])[:_OFFERED]
    if not found:
        return [], boxes
    first = [*found, department]
    return first, [box for box in boxes if box not in first]


_ANOTHER = re.compile(
    r"还有一件|另一件事|另外一件|第二件|第二个问题|此外还|\n\s*(?:二|2|２|②)[、.．)）]|"
    r"\bsecondly\b|\banother (?:matter|issue|problem|complaint)\b",
    re.IGNORECASE,
)


def seems_two(body):
    """Say whether a letter seems to tell of two matters: a hint for its writer, never more."""
    return bool(_ANOTHER.search(simplified(body)))


def names_its_writer(typed, files):
    """Say whether a letter whose writer is to stay unknown tells in its text who wrote it."""
    if typed.get("kind") != "report" and not typed.get("confidential"):
        return False
    text = "".join(typed.get(name, "") for name in ("title", "body", "place"))
    text = _comparable(text + "".join(file.name for file in files))
    own = [typed.get(name, "") for name in ("name", "phone", "id_number", "email", "for_person")]
    own += re.split(r"[、，,;；\n]+", typed.get("together", ""))
    return any(len(known) > 1 and known in text for known in map(_comparable, own))


def _comparable(text):
    return simplified(identity.squeeze(text))


def summary(writing):
    """Return [(step, [(field, label, value)])] of the steps that apply, for the last look.

    Of people it is what will be kept: １３８… and 138… are one number.
    """
    kept, _wrong = acting.checked(writing.typed, today=today())
    return [(step, _told(step, writing, writing.typed | kept)) for step in path_of(writing.typed)]


def _told(step, writing, typed):
    if step.name == "files":
        names = "\n".join(file.name for file in writing.files)
        return [("attachments", _("附件"), names or _("没有附件"))]
    names = [name for name in fields_of(step, typed) if name in LABELS]
    return [(name, LABELS[name], _in_words(name, typed) or _("未填写")) for name in names]


def _in_words(name, typed):
    value = typed.get(name, "")
    if name == "confidential" and typed.get("kind") == "report":
        return _("举报一律保密")
    if name in ("consent", "guardian_consent", "confidential"):
        return _("是") if value else _("否")
    if name == "accused" and typed.get("accused_unit"):  # the unit that was found by what was typed
        return names_in_full().get(typed["accused_unit"], value)
    return _CODES[name]().get(value, value) if name in _CODES else value


_CODES = {
    "mailbox": lambda: {unit.code: mailbox_name(unit) for unit in mailboxes()},
    "kind": lambda: dict(KINDS),
    "category": lambda: dict(CATEGORIES),
    "acting": lambda: dict(acting.ACTING),
    "id_type": lambda: dict(identity.ID_TYPES),
    "notify": lambda: dict(ways.OFFERED),
}
LABELS = {
    "place": _("地点"),
    "mailbox": _("信箱"),
    "kind": _("信件类别"),
    "title": _("标题"),
    "body": _("内容"),
    "category": _("业务类别"),
    "acting": _("为谁写信"),
    "for_person": _("替谁写信"),
    "together": _("联名的其他代表"),
    "company": _("代表的单位"),
    "consent": _("已得到同意"),
    "name": _("姓名"),
    "phone": _("联系电话"),
    "id_type": _("证件类型"),
    "id_number": _("证件号码"),
    "email": _("电子邮箱"),
    "notify": _("怎样通知"),
    "guardian": _("监护人"),
    "guardian_phone": _("监护人电话"),
    "guardian_consent": _("监护人同意"),
    "confidential": _("请求保密"),
    "accused": _("您反映的公安单位"),
}

"""For whom somebody writes: themselves, another person, several people together, a company."""

import re
from datetime import date

from django.utils.translation import gettext_lazy as _

from cases import identity
from cases.identity import BadInput

SELF, OTHER, JOINT, COMPANY = "self", "other", "joint", "company"
ACTING = (
    (SELF, _("为我自己")),
    (OTHER, _("替别人写")),
    (JOINT, _("几个人联名")),
    (COMPANY, _("代表单位")),
)
# What must be told beside the writer's own name.
TOLD = {OTHER: "for_person", JOINT: "together", COMPANY: "company"}
MOST_TOGETHER = 5  # representatives of a shared matter: 信访工作条例, article 20
# Also a space between Chinese names, but not the one within 张 三.
_BETWEEN_NAMES = re.compile(r"[、，,;；/／\n]+|(?<=[\u4e00-\u9fff]{2})\s+(?=[\u4e00-\u9fff]{2})")
CHILD = 14  # below it a parent must agree: 个人信息保护法, article 31
GUARDIAN = ("guardian", "guardian_phone")
ASKED = ("acting", *TOLD.values(), "consent", *GUARDIAN, "guardian_consent")


def checked(person: dict, *, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return (what was typed in the form it is stored in, messages by field name).

    person: as identity.checked_person takes it, and any of acting, for_person, together, company,
    consent, guardian and guardian_phone. What does not belong to `acting` is left out.
    """
    good, wrong = identity.checked_person(person, today=today)
    acting = person.get("acting") or SELF
    if acting not in dict(ACTING):
        wrong["acting"] = _("请选择您为谁写信。")
        return good, wrong
    checks = {"guardian": identity.check_name, "guardian_phone": identity.check_phone}
    told = TOLD.get(acting)
    if told:
        good["acting"] = acting
        checks[told] = _CHECKS[told]
        if person.get("consent") != "yes":
            wrong["consent"] = str(_("请确认已经得到同意。"))
        good["consent"] = "yes"
        if not identity.fold(person.get(told) or ""):
            wrong[told] = str(MISSING[told])
    for field, check in checks.items():
        typed = person.get(field) or ""
        if not identity.fold(typed):
            continue
        try:
            good[field] = check(typed)
        except BadInput as error:
            wrong[field] = str(error)
    return good, wrong


def is_child(person: dict, today: date) -> bool:
    """Say whether a checked person is too young to write without a parent's consent."""
    age = identity.age_on(person.get("id_number", ""), today)
    return age is not None and age < CHILD


def lacking_for_child(person: dict, said: dict, today: date) -> list[str]:
    """Return the fields left empty of a parent's name, telephone and consent, which a child needs.

    person: as checked; said: {field: what was typed}.
    """
    if not is_child(person, today):
        return []
    return [name for name in (*GUARDIAN, "guardian_consent") if not said.get(name)]


def check_together(text: str) -> str:
    """Return the names of those who write together, beside the one who sends. Raises: BadInput."""
    names = [name for name in _BETWEEN_NAMES.split(identity.clean(text)) if name.strip()]
    if len(names) >= MOST_TOGETHER:
        raise BadInput(_("联名的代表连写信人在内最多5人，请推选代表。"))
    return "、".join(map(_checked_name, names))


def _checked_name(name: str) -> str:
    try:
        return identity.check_name(name)
    except BadInput as error:
        said = {"name": name.strip()[:20], "message": error}
        raise BadInput(_("“%(name)s”：%(message)s") % said) from None


def check_company(text: str) -> str:
    """Return the name of a company or other body on one line. Raises: BadInput."""
    name = " ".join(identity.clean(text).split())
    if not 2 <= len(name) <= 100:
        raise BadInput(_("请填写单位全称，2至100个字。"))
    return name


_CHECKS = {
    "for_person": identity.check_name,
    "together": check_together,
    "company": check_company,
}
MISSING = {
    "for_person": _("请填写替谁写信。"),
    "together": _("请填写其他代表的姓名。"),
    "company": _("请填写单位全称。"),
}

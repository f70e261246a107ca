"""Taking back the step just taken (撤销), where the table has a way back: a step of its own."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import guards, worlds
from cases.desk.pages import find_case
from cases.models import Case
from cases.refusals import NotFound
from cases.transitions import TRANSITIONS

# What takes a step back; and why the others cannot be.
BACK = {
    "merge": "unmerge",
    "dispatch": "recall",
    "decline": "retract_decline",
    "ask_citizen": "retract_question",
}
_NO_WAY_BACK = {
    "accept": gettext_lazy(
        "受理不能撤销：来信人会收到已受理的通知。仍可改类、并件、请来信人补充或不予受理。"
    ),
}


@dataclass(frozen=True)
class Undo:
    """The step just taken on a case: the one that takes it back, or the words why none does."""

    case: Case
    done: str
    action: str = ""
    label: str = ""
    text: str = ""
    cannot: str = ""


def just_done(user, receipt):
    """Return the Undo of what this officer did last with a letter, or None if there is nothing to say.

    Whoever has taken another step since, or has lost the right, is offered nothing.
    """
    try:
        case = find_case(user, receipt)
    except NotFound:
        return None
    last = case.events.order_by("-seq").first()
    if last.user_id != user.pk:
        return None
    done = TRANSITIONS[last.action].label
    if last.action in _NO_WAY_BACK:
        return Undo(case, done, cannot=_NO_WAY_BACK[last.action])
    row = TRANSITIONS.get(BACK.get(last.action, ""))
    if row is None or row not in guards.open_to(user, case, worlds.now()):
        return None
    text = _("刚才交办有误，收回重新交办。") if "text" in row.requires else ""
    return Undo(case, done, row.action, row.label, text)

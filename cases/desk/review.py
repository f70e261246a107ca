"""The reply in review: its text, what changed since it was sent back, and what to look at twice."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases import access, reply_checks
from cases.desk.changes import changes
from cases.desk.history import text_of
from cases.transitions import State

_STEPS = ("propose_reply", "send_back_reply", "reopen")


@dataclass(frozen=True)
class Review:
    """A reply as it was proposed last.

    version: 1 for the first. changes: Pieces since the version before, if there was one.
    comment: why that was sent back. warnings: (sentence, receipt to look at or "").
    waiting: whether it waits for a reviewer now, or for its author. to_merged: of how many
    letters inside the writers will read it too.
    """

    text: str
    version: int
    changes: tuple
    comment: str
    warnings: tuple
    waiting: bool
    to_merged: int = 0


def review(user, case):
    """Return the Review of a case whose reply is in review or has been sent back, else None."""
    waiting = case.state == State.IN_REVIEW
    if not waiting and case.state != State.IN_HAND:
        return None
    texts, comments, open_to_others = _versions(case)
    if not texts or not (waiting or comments):
        return None
    changed = waiting and len(texts) > 1
    return Review(
        text=texts[-1],
        version=len(texts),
        changes=tuple(changes(texts[-2], texts[-1])) if changed else (),
        comment=comments[-1] if comments else "",
        warnings=tuple(_warnings(user, case, texts[-1])) if waiting else (),
        waiting=waiting,
        to_merged=case.merged.count() if open_to_others else 0,
    )


def _versions(case):
    """Return the texts of this round's proposals, the comments with which they came back, and
    whether the last is also for the writers of the letters inside.
    """
    texts, comments, open_to_others = [], [], False
    steps = case.events.filter(action__in=_STEPS).select_related("message", "unit")
    for event in steps.order_by("seq"):
        if event.action == "reopen":
            texts, comments, open_to_others = [], [], False
        else:
            (texts if event.action == "propose_reply" else comments).append(text_of(case, event))
            if event.action == "propose_reply":
                open_to_others = bool(event.data.get("to_merged"))
    return texts, comments, open_to_others


def _warnings(user, case, text):
    for doubt in reply_checks.doubts(case, text):
        receipt = ""
        if doubt.case_id:
            seen = access.visible_cases(user).filter(pk=doubt.case_id)
            receipt = seen.values_list("letter__receipt", flat=True).first() or ""
        yield _sentence(doubt), receipt


def _sentence(doubt):
    words = {"n": round(100 * doubt.share), "name": doubt.name, "length": round(doubt.share)}
    return {
        "blank": _("还有没填的地方：%(name)s"),
        "short": _("只有%(length)s个字，可能没有回应来信。"),
        "alike": _("有%(n)s%%的文字与本单位另一件来信的答复相同，可能是套用模板。"),
        "off_topic": _("几乎没有提到来信里的具体内容，可能没有针对这封信。"),
        "receipt": _("写了另一件来信的编号：%(name)s"),
        "unit": _("提到了与本件无关的单位：%(name)s"),
    }[doubt.code] % words

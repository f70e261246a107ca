"""Have we had this? The letters like this one, and any of them side by side with it."""

from dataclasses import dataclass

from cases import access, gram_filling, worlds
from cases import similar as likeness
from cases.desk import clock_words
from cases.desk.differing import differing
from cases.desk.pages import find_case, officer_page, show
from cases.desk.rights import READS
from cases.models import Case
from cases.refusals import NotFound
from cases.transitions import OPEN, STATES, State


@dataclass(frozen=True)
class Like:
    """A similar letter as the panel shows it; merged: whether it is merged with this one."""

    case: Case
    percent: int
    same_writer: bool
    words: tuple
    state: str
    merged: bool


@dataclass(frozen=True)
class Side:
    """One of two letters side by side. merges: whether this officer may merge it into the other."""

    case: Case
    state: str
    clock: object
    title: list
    body: list
    merges: bool
    inside: bool


def likes(user, case):
    """Return the letters like this one that the officer sees, while it is being handled."""
    if case.state not in OPEN and case.state != State.MERGED:
        return []
    link = access.may_link_writer
    found = likeness.similar(
        case,
        access.visible_cases(user),
        may_link=lambda other: link(user, case) and link(user, other),
    )
    return [
        Like(
            one.case,
            round(100 * one.score),
            one.same_writer,
            one.words,
            STATES[one.case.state].label,
            case.merged_into_id == one.case.pk or one.case.merged_into_id == case.pk,
        )
        for one in found
    ]


def panel(user, case):
    """Return what the page of a letter says of letters like it."""
    ready = gram_filling.ready()
    return {"found": likes(user, case) if ready else [], "missing": not ready}


@officer_page("GET", needs=READS)
def beside(request, receipt, other):
    """Show two letters side by side, what differs marked, with the way to merge them."""
    mine, theirs = find_case(request.user, receipt), find_case(request.user, other)
    if mine.pk == theirs.pk:
        raise NotFound()
    link = access.may_link_writer
    may_link = link(request.user, mine) and link(request.user, theirs)
    context = {
        "title": f"{mine.letter.receipt} · {theirs.letter.receipt}",
        "sides": _sides(request.user, mine, theirs),
        "same_writer": may_link and likeness.is_same_writer(mine, theirs),
        "percent": round(100 * likeness.likeness_of(mine.letter, theirs.letter)),
    }
    return show(request, "desk/beside.html", context)


def _sides(user, mine, theirs):
    """Return both Sides, the one that came first on the left."""
    pair = sorted((mine, theirs), key=lambda case: (case.received_at, case.pk))
    titles = differing(*(case.letter.title for case in pair))
    bodies = differing(*(case.letter.body for case in pair))
    return [
        _side(user, case, other, title, body)
        for case, other, title, body in zip(pair, pair[::-1], titles, bodies, strict=True)
    ]


def _side(user, case, other, title, body):
    actions = {row.action for row in access.actions_for(user, case)}
    inside = case.merged_into_id == other.pk
    return Side(
        case=case,
        state=STATES[case.state].label,
        clock=clock_words.face(case, worlds.now()),
        title=title,
        body=body,
        merges="merge" in actions and other.state in OPEN and not case.merged.exists(),
        inside=inside and "unmerge" in actions,
    )

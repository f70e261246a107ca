"""One letter at a time: the letter on the left, the decision on the right, each a key away."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import access, alarms, drafts, suggesting, worlds
from cases.desk import beside, clock_words, history, queue, sending, undoing
from cases.desk.drafts import seen_in
from cases.desk.forms import StepForm
from cases.desk.pages import find_case, officer_page, show
from cases.desk.presence import who_else
from cases.desk.rights import TRIAGES
from cases.desk.steps import attempt, refuse
from cases.fields import DECLINE_REASONS, FIELDS
from cases.refusals import NotFound
from cases.transitions import AT_DESK, OPEN, STATES, TRANSITIONS

# The steps of this page and their keys; those that take one back (undoing.py) have no form here.
KEYS = {"accept": "a", "ask_citizen": "q", "decline": "d", "merge": "m"}
# Where a refused letter belongs, so that one choice mostly gives the other.
_ELSEWHERE = (
    "emergency:110 not_ours:12345 in_proceedings:court repeated:other no_request:12345 "
    "private_dispute:court unlawful:other no_contact:other"
)


@officer_page("GET", needs=TRIAGES)
def first(request):
    """Lead to the first letter that waits at the desk, or say that none does."""
    receipt = queue.place(request.user, worlds.now()).next
    if receipt:
        return redirect("desk:one", receipt)
    return show(request, "desk/one_none.html", {"title": _("逐件处理"), "undo": _undo(request)})


@officer_page("GET", needs=TRIAGES)
def letter(request, receipt):
    """Show one letter of the queue with what may be decided; any other has its own page."""
    case = find_case(request.user, receipt)
    if case.state not in AT_DESK or case.unit_id != request.user.unit_id:
        return redirect("desk:case", case.letter.receipt)
    return _render(request, case)


@officer_page("POST", needs=TRIAGES)
def step(request, receipt, action):
    """Take one step of this page, and go on to the next letter; a refusal keeps all that was typed."""
    if action not in (*KEYS, *undoing.BACK.values()):
        raise NotFound()
    case = find_case(request.user, receipt)
    following = queue.place(request.user, worlds.now(), case).next
    row = TRANSITIONS[action]
    form = StepForm(row, request.user, case, request.POST)
    refusal = attempt(request.user, case, form, seen_in(request.POST))
    if refusal:
        fresh = find_case(request.user, receipt)
        if action in KEYS:
            refuse(request, fresh, form, refusal)
        return _render(request, fresh, refused=form, refusal=refusal, status=409)
    if action in undoing.BACK.values():
        following = case.letter.receipt
    return _onward(request, case, [str(row.label)], following)


@officer_page("POST", needs=TRIAGES)
def send(request, receipt):
    """Take in, sort and dispatch a letter in one go, and go on to the next."""
    case = find_case(request.user, receipt)
    following = queue.place(request.user, worlds.now(), case).next
    alarming = _is_alarming(case)
    asked = sending.typed(request.user, case, suggesting.suggest(case), request.POST, alarming)
    done, refusal = sending.send(asked, seen_in(request.POST))
    if refusal is None:
        return _onward(request, case, done, following)
    if done:
        messages.warning(
            request, _("“%(steps)s”已完成，后面的没有做。") % {"steps": "、".join(done)}
        )
    fresh = find_case(request.user, receipt)
    again = sending.typed(request.user, fresh, asked.suggestion, request.POST, alarming)
    again.errors = asked.errors
    return _render(request, fresh, sending_=again, refusal=refusal, status=409)


def _onward(request, case, done, following):
    """Say what was done, and lead to the next letter, or to the page that says there is none."""
    words = {"receipt": case.letter.receipt, "steps": "、".join(done)}
    messages.success(request, _("%(receipt)s：%(steps)s，已完成。") % words)
    place = reverse("desk:one", args=[following]) if following else reverse("desk:triage")
    return redirect(f"{place}?done={case.letter.receipt}")


def _render(request, case, sending_=None, refused=None, refusal=None, status=200):
    """Return the page of one letter; sending_, refused: what was asked for and refused, and why."""
    user, at, alarm = request.user, worlds.now(), alarms.of_case(case)
    at_desk = case.state in AT_DESK and case.unit_id == user.unit_id
    kept = drafts.of(user, case)
    forms_ = [_form(row, user, case, refused, kept) for row in _rows(user, case)] if at_desk else []
    shown = refused in forms_
    context = {
        "title": case.letter.title,
        "case": case,
        "letter": case.letter,
        "state": STATES[case.state].label,
        "clock": clock_words.face(case, at),
        "alarm": alarm,
        "files": list(case.letter.attachments.order_by("pk")),
        "history": history.lines(user, case)[:-1],
        "place": queue.place(user, at, case),
        "sending": (sending_ or _begin(user, case, alarm)) if at_desk else None,
        "forms": [(form, KEYS[form.row.action]) for form in forms_],
        "elsewhere": _ELSEWHERE,
        **_similar(user, case),
        "refusal": refusal,
        "lost": _lost(refused) if refused and not shown and refused.row.action in KEYS else None,
        "who_else": who_else(user, case),
        "undo": _undo(request),
    }
    return show(request, "desk/one_letter.html", context, status=status)


def _begin(user, case, alarm):
    alarming = bool(alarm) or case.urgent
    return sending.begin(user, case, suggesting.suggest(case), alarming)


def _is_alarming(case):
    """Return whether a letter speaks of danger, or its writer says that it is urgent."""
    return case.urgent or bool(alarms.of_case(case))


def _similar(user, case):
    """Return the letters like this one, and those among them that it may be merged into."""
    panel = beside.panel(user, case)
    open_ones = [like for like in panel["found"] if like.case.state in OPEN]
    return {"similar": panel, "mergeable": open_ones}


def _rows(user, case):
    return [row for row in access.actions_for(user, case) if row.action in KEYS]


def _form(row, user, case, refused, kept):
    if refused is not None and refused.row.action == row.action:
        form = refused
    else:
        form = StepForm(row, user, case, draft=kept.get(row.action))
    if "decline_reason" in form.fields:  # as buttons, each with its number
        radios = forms.RadioSelect(choices=DECLINE_REASONS, attrs={"required": True})
        form.fields["decline_reason"].widget = radios
    if "into" in form.fields:  # typed, or chosen among the similar ones
        form.fields["into"].widget.attrs.pop("required", None)
    return form


def _lost(refused):
    """Return what was typed for a step that can no longer be taken, so that it can be copied."""
    return [(FIELDS[name].label, value) for name, value in refused.said().items()]


def _undo(request):
    return undoing.just_done(request.user, request.GET.get("done", ""))

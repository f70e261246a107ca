"""Finding letters from every page: by number, words and place; by writer, on a stated reason."""

from dataclasses import dataclass
from time import monotonic

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import access, gram_filling, grams, identity, receipts, searching, throttle
from cases.desk import marks, words
from cases.desk.pages import officer_page, show
from cases.desk.rights import READS, having
from cases.models import Case
from cases.refusals import Incomplete, NotFound, Refusal
from cases.transitions import STATES

# Whoever asks for one number after another is told to wait.
_WRITERS_AN_HOUR = 60
# For which a request makes letters findable.
_SECONDS = 1


@dataclass(frozen=True)
class Hit:
    """One letter that was found: its title, place and snippet as marked pieces."""

    case: Case
    state: str
    title: list
    snippet: list
    place: list


@officer_page("GET", "POST")
def search(request):
    """Show what is found. The box posts, and an address has no more of the words than their key."""
    if request.method == "POST":
        typed = words.typed(request)
        if _is_a_person(typed):
            return _show(request, "", number=typed)
        return redirect(_address(words.keep(request, typed)))
    key = identity.fold(request.GET.get("words", ""))[:20]
    typed = words.found(request, key) if key else ""
    if typed is None or request.GET.get("q"):
        return _show(request, "", hint=_("要找的词没有写在网址里，也已不再保留。请重新输入。"))
    known = _known(request.user, typed)
    return redirect("desk:case", known) if known else _by_words(request, typed, key)


def _by_words(request, typed, key):
    asked = searching.words_of(typed)
    if not asked:
        return _show(request, typed)
    if not gram_filling.ready():
        return _show(request, typed, preparing=True, words=key)
    if not searching.can_find(asked):
        return _show(request, typed, hint=_("请至少输入两个相连的字。"))
    cases = access.visible_cases(request.user)
    after = _key(cases, request.GET.get("after", ""))
    found = searching.find(cases, asked, after)
    more = {"further": bool(after), "searched": True}
    if found.last:
        last = Case.objects.values_list("letter__receipt", flat=True).get(pk=found.last)
        more["older"] = "?" + urlencode({"words": key, "after": last})
    return _show(request, typed, hits=[_hit(case, asked) for case in found.cases], **more)


@officer_page("POST", needs=having("reveal_identity"))
def search_writer(request):
    """Show the letters of whoever has a telephone or identity number, for a reason that is kept."""
    number = identity.fold(request.POST.get("number", ""))[: searching.LIMIT]
    reason = request.POST.get("reason", "")
    try:
        throttle.check("writer-search", str(request.user.pk), _WRITERS_AN_HOUR, 3600)
        found = access.cases_of_writer(request.user, number, reason)
    except throttle.TooManyAttempts as refused:
        return _show(request, "", 429, number=number, reason=reason, refusal=refused.message)
    except Incomplete as refused:
        wrong = {"refusal": refused.message, "wrong": refused.fields[0]}
        return _show(request, "", 400, number=number, reason=reason, **wrong)
    except Refusal as refused:
        return _show(request, "", 403, number=number, refusal=refused.message)
    hits = [_hit(case, ()) for case in found]
    return _show(request, "", number=number, reason=reason, hits=hits, searched=True)


@officer_page("POST", needs=READS)
def prepare(request):
    """Make the next part of this world's letters findable, and show how far that has come."""
    key = identity.fold(request.POST.get("words", ""))[:20]
    end = monotonic() + _SECONDS
    while gram_filling.fill() and monotonic() < end:
        pass
    if gram_filling.ready():
        return redirect(_address(key))
    typed = words.found(request, key) or ""
    return _show(request, typed, preparing=True, going_on=True, words=key)


def _show(request, typed, status=200, **context):
    total = grams.total() if context.get("preparing") else 0
    context = {
        "title": _("查找来信"),
        "q": typed,
        "may_search_writer": request.user.has_perm("cases.reveal_identity"),
        "total": total,
        "ready": total - gram_filling.missing() if total else 0,
        **context,
    }
    return show(request, "desk/search.html", context, status=status)


def _is_a_person(typed):
    """Return whether what was typed is a telephone or identity number, and so no matter for an address."""
    try:
        identity.check_phone(typed)
        return True
    except identity.BadInput:
        squeezed = identity.squeeze(typed)
        return len(squeezed) == 18 and squeezed[:17].isdecimal()


def _address(key):
    return reverse("desk:search") + ("?" + urlencode({"words": key}) if key else "")


def _known(user, typed):
    """Return the receipt that was typed in full, if this officer sees its letter."""
    try:
        return access.case_for_officer(user, receipts.parse(typed)).letter.receipt
    except (receipts.BadReceipt, NotFound):
        return None


def _key(cases, receipt):
    """Return the key of the case with which the last page ended, or None for the first page."""
    receipt = identity.clean(receipt)
    return cases.filter(letter__receipt=receipt).values_list("pk", flat=True).first()


def _hit(case, asked):
    letter = case.letter
    return Hit(
        case=case,
        state=STATES[case.state].label,
        title=marks.pieces(letter.title, asked),
        snippet=marks.snippet(letter.body, asked),
        place=marks.pieces(letter.place, asked),
    )

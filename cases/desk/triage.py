"""The list of letters: what waits for me, and every other list that a filter makes."""

from dataclasses import dataclass

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import batches, identity, worlds
from cases.desk import (
    additions,
    clock_words,
    counts,
    duty_pages,
    filters,
    measures,
    queue,
    views,
    waiting,
)
from cases.desk.pages import PER_PAGE, around, officer_page, page_number, page_of, show
from cases.models import Case, Unit
from cases.transitions import STATES, TRANSITIONS

_SHOWN = ("letter", "mailbox", "unit", "officer", "accused_unit")


@dataclass(frozen=True)
class Row:
    """One letter in the list."""

    case: Case
    state: str
    clock: clock_words.Face
    step: str


@officer_page("GET", "POST")
def letter_list(request):
    """Show the letters that the address's filters ask for, or those of the officer's own default.

    The form posts, so that the words typed into it get into no address.
    """
    if request.method == "POST":
        return redirect(reverse("desk:list") + filters.typed(request))
    if not request.GET and (own := views.default_of(request.user)):
        return redirect(own)
    at = worlds.now()
    asked = filters.read(request.GET, request)
    number = page_number(request)
    cases = asked.ordered(asked.cases(request.user, at).select_related(*_SHOWN), at)
    rows, more = page_of(cases, number)
    additions.mark(rows)
    context = {
        "title": _("我的桌面"),
        "duty": duty_pages.banner(request.user, at),
        "rows": [_row(case, at) for case in rows],
        "filters": asked,
        "choices": filters.CHOICES,
        "scopes": [(code, label, asked.address(scope=code)) for code, label in _scopes()],
        "states": _state_counts(asked, request.user, at),
        "together": batches.rows_for(request.user),
        "views": _views(asked, request.user),
        "first": (number - 1) * PER_PAGE + 1,
        "last": (number - 1) * PER_PAGE + len(rows),
        **around(number, more, asked.address()),
        "empty": _why_empty(asked, request.user),
        "only_titles": asked.only_titles,
        "behind": _behind(asked, request.user, at),
    }
    return show(request, "desk/list.html", context)


@officer_page("GET")
def next_letter(request):
    """Lead to the first letter that waits for this officer, or to the list if none does."""
    at = worlds.now()
    passed = identity.clean(request.GET.get("after", ""))
    passed = Case.objects.filter(letter__receipt=passed).values_list("pk", flat=True).first()
    keys = waiting.keys_in_order(waiting.waiting_for(request.user, at), at)
    following = queue.after(keys, passed)
    if not following:
        return redirect("desk:list")
    return redirect(
        "desk:case", Case.objects.select_related("letter").get(pk=following[0]).letter.receipt
    )


def _views(asked, user):
    """Return (view, its address, whether it is shown) of the officer's own views."""
    own = [(view, views.address_of(view)) for view in views.of(user)]
    return [(view, address, address == asked.address()) for view, address in own]


def _scopes():
    return filters.SCOPES.items()


def _row(case, at):
    step = waiting.next_step(case)
    return Row(
        case=case,
        state=STATES[case.state].label,
        clock=clock_words.face(case, at),
        step=TRANSITIONS[step].label if step else "",
    )


def _state_counts(asked, user, at):
    """Return (code, label, count, address, chosen) of the late ones and of each state; "" for none."""
    found = counts.of_list(asked, user, at)
    rows = [("late", _("已超期"), asked.address(colour="red"), asked.colour == "red")]
    rows += [(s, STATES[s].label, asked.address(state=s), asked.state == s) for s in STATES]
    return [(code, label, found.get(code, ""), *rest) for code, label, *rest in rows]


def _behind(asked, user, at):
    """Return what the list says of the figure whose cases it holds, or None."""
    if not asked.measure:
        return None
    among = asked.before_measure(user, at)
    area = Unit.objects.filter(code=asked.area).first() if asked.area else None
    listed = measures.narrowed(among, asked.measure, asked.days).count()
    taken = measures.taken_back(among, asked.measure, asked.days).count()
    return {
        "label": filters.CHOICES["measure"][asked.measure],
        "area": area.name if area else "",
        "figure": measures.figure(among, asked.measure, asked.days, listed, taken),
        "cases": taken if asked.taken else listed,
        "taken": taken,
        "taken_address": asked.address(taken="1"),
        "counted_address": asked.address(taken=""),
    }


def _why_empty(asked, user):
    if user.unit is None:
        return _("您的账号还没有所属单位，看不到来信。请联系系统管理员。")
    if asked.is_lost:
        return _("要找的词没有写在网址里，也已不再保留。请重新输入。")
    if asked.narrowed:
        return _("没有符合这些条件的来信。")
    if asked.scope == "waiting":
        return _("现在没有等您办理的来信。新来信、交办给本单位的来信会出现在这里。")
    return _("这里还没有来信。")


def list_address(**values):
    """Return the address of the list with these filters, for links from elsewhere."""
    return reverse("desk:list") + filters.Filters(**values).address()

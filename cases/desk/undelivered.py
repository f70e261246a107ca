"""What did not arrive: how much of what, for administrators, and whose writers missed it, for who reads the letter."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import access, undelivered, worlds
from cases.desk.counts import capped, in_words
from cases.desk.pages import around, officer_page, page_number, page_of, show
from cases.desk.rights import Need, having

# Functions of cases that give those whose writers missed something; who sends to writers adds one.
UNTOLD = []


def _sees_troubles(user):
    return user.has_perm("cases.view_trouble") and worlds.current().live


NEEDED = Need(
    "reading letters, or `view_trouble`",
    lambda user: access.reads_letters(user) or _sees_troubles(user),
)


@officer_page("GET", "POST", needs=NEEDED, posts=having("change_trouble"))
def undelivered_page(request):
    """List what did not arrive; send what did not reach an officer again."""
    if request.method == "POST":
        return _again(request)
    number, user = page_number(request), request.user
    letters = _letters(user)
    rows, more = page_of(letters, number) if letters is not None else ([], False)
    context = {
        "title": _("没有送到的通知"),
        "reads": letters is not None,
        "letters": rows,
        "count": in_words(capped(letters)) if rows else "0",
        "sees_troubles": _sees_troubles(user),
        "failed": undelivered.given_up(user) if _sees_troubles(user) else [],
        "may_send": _sees_troubles(user) and user.has_perm("cases.change_trouble"),
        **around(number, more),
    }
    return show(request, "desk/undelivered_list.html", context)


def _letters(user):
    """Return the officer's letters whose writers missed something, or None for who reads none."""
    if not access.reads_letters(user):
        return None
    cases = access.visible_cases(user).select_related("letter", "unit")
    for untold in UNTOLD:
        cases = untold(cases)
    return cases


def _again(request):
    to = request.POST.get("to", "")
    number = 0
    if worlds.current().live and to.isdecimal() and len(to) < 19:
        number = undelivered.again(
            request.user, request.POST.get("kind", ""), int(to), worlds.now()
        )
    if number:
        messages.success(request, _("%(n)s条会再发送。") % {"n": number})
    else:
        messages.warning(request, _("没有要再发送的。"))
    return redirect("desk:undelivered")


def live(user, at):
    """Return how much did not arrive that this officer is to see, for pages that stay open."""
    letters = _letters(user)
    number = 0 if letters is None else capped(letters)
    if _sees_troubles(user):
        number += undelivered.count()
    return in_words(number)

"""What every page of the desk shares: who may open it, its frame, and how it says no."""

from functools import wraps

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponseNotFound
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import access, receipts, worlds
from cases.desk import nav
from cases.desk.rights import SIGNED_IN, allows, declare
from cases.refusals import NotFound

PER_PAGE = 50
_FAR = 10


def officer_page(*methods, needs=SIGNED_IN, posts=None):
    """Make a view one for signed-in officers; without what it needs it looks absent.

    posts: what a POST needs besides.
    """

    def decorate(view):
        @wraps(view)
        def page(request, *args, **kwargs):
            if not allows(page, request):
                return not_found()
            try:
                return view(request, *args, **kwargs)
            except NotFound:
                return not_found()

        declare(page, methods, needs, posts)
        return never_cache(staff_member_required(require_http_methods(methods)(page)))

    return decorate


def polled(view):
    """Mark a view that open pages ask by themselves: it does not show that anybody is there."""
    view.polled = True
    return view


def not_found():
    """Return the one answer for absent and forbidden: the same bytes, whatever was asked."""
    return HttpResponseNotFound(render_to_string("desk/not_found.html"))


def find_case(user, receipt):
    """Return the case this officer may see under a receipt. Raises: NotFound."""
    try:
        receipt = receipts.parse(receipt)
    except receipts.BadReceipt:
        raise NotFound() from None
    return access.case_for_officer(user, receipt)


def show(request, template, context, status=200):
    """Return a page in the admin's frame."""
    frame = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "nav": nav.shown(request.user, request.path),
        "now": worlds.now(),
    }
    return render(request, template, {**frame, **context}, status=status)


def page_of(queryset, number, size=PER_PAGE):
    """Return (rows, whether more follow); never counts the whole.

    number: 1 or more.
    """
    start = (number - 1) * size
    if number > _FAR:  # what stands on the pages before is passed over without what belongs to it
        keys = queryset.select_related(None).values_list("pk", flat=True)
        queryset = queryset.filter(pk__in=list(keys[start : start + size + 1]))
        start = 0
    rows = list(queryset[start : start + size + 1])
    return rows[:size], len(rows) > size


def around(number, more, address="?"):
    """Return where the pages before and after this one stand, "" for none, as templates name them.

    more: whether any follow. address: of the list, with its query.
    """
    there = address if address.endswith("?") else f"{address}&"
    return {
        "newer": f"{there}page={number - 1}" if number > 1 else "",
        "older": f"{there}page={number + 1}" if more else "",
    }


def page_number(request):
    """Return the page asked for; anything that is no page is the first."""
    typed = request.GET.get("page", "")[:9]
    return max(1, min(int(typed), 100_000)) if typed.isdecimal() else 1

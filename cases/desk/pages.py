"""What every page of the desk shares: who may open it, its frame, and how it says no."""

from functools import wraps

from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponseNotFound
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import access, mentions, receipts, worlds
from cases.refusals import NotFound

PER_PAGE = 50
# (name of the address, label, function of the user) of pages of the apps above: they add theirs.
MORE_LINKS = []


def officer_page(*methods, permission=""):
    """Make a view one for signed-in officers; without the permission it looks absent."""

    def decorate(view):
        @wraps(view)
        def page(request, *args, **kwargs):
            if permission and not request.user.has_perm(f"cases.{permission}"):
                return not_found()
            try:
                return view(request, *args, **kwargs)
            except NotFound:
                return not_found()

        return never_cache(staff_member_required(require_http_methods(methods)(page)))

    return decorate


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
        "nav": _nav(request.user),
        "now": worlds.now(),
    }
    return render(request, template, {**frame, **context}, status=status)


def page_of(queryset, number, size=PER_PAGE):
    """Return (rows, whether more follow); never counts the whole.

    number: 1 or more.
    """
    start = (number - 1) * size
    rows = list(queryset[start : start + size + 1])
    return rows[:size], len(rows) > size


def page_number(request):
    """Return the page asked for; anything that is no page is the first."""
    typed = request.GET.get("page", "")
    return min(int(typed), 100_000) if typed.isdecimal() and int(typed) > 0 else 1


def _nav(user):
    """Return (name of the address, label) of the pages that this officer may open."""
    links = [("desk:list", _("我的桌面"))]
    if user.has_perm("cases.triage_case") or user.has_perm("cases.dispatch_case"):
        links.append(("desk:triage", _("逐件处理")))
    if user.has_perm("cases.lead_case"):
        links.append(("desk:leading", _("领导")))
    if access.reads_letters(user):
        unread = mentions.unread(user).count()
        links.append(("desk:mentions", _("提醒 %(n)s") % {"n": unread} if unread else _("提醒")))
    if user.has_perm("cases.supervise_case"):
        links.append(("desk:supervision", _("督办")))
    if user.has_perm("cases.enter_letter"):
        links.append(("desk:enter", _("代录来信")))
    if access.reads_letters(user):
        links.append(("desk:incidents", _("办信成效")))
    if user.has_perm("cases.view_statistics"):
        links.append(("desk:overview", _("统计")))
    if user.unit and (user.has_perm("cases.change_unit") or access.reads_letters(user)):
        links.append(("desk:duty", _("值班")))
    if user.has_perm("cases.hand_over_case"):
        links.append(("desk:hand-over", _("移交")))
    if user.has_perm("cases.view_audit"):
        links.append(("desk:audit", _("身份查看记录")))
    return links + [(name, label) for name, label, may in MORE_LINKS if may(user)]

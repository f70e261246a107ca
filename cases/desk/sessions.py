"""How long officers stay signed in: so long without doing anything, and so long at the most.

What an open page asks by itself is nothing that its officer does. A form that comes too late is
not taken, but what it says of a step is kept as a draft.
"""

from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import browsers, drafts, throttle, worlds
from cases.desk.drafts import officers_row, seen_in, typed_for
from cases.desk.pages import find_case, polled
from cases.refusals import NotFound

SESSION_KEY = "limits"
OFFICERS = ("/desk/", "/admin/", "/simulation/")
_STEPS = ("desk:act", "desk:one-step", "desk:draft")
# A session is written at most so often only because its officer is there.
_COARSE = timedelta(minutes=1)


def begin(sender, request, user, **kwargs):
    """Remember when and where a session began: on signing in."""
    now, place = int(worlds.now().timestamp()), throttle.client_address(request)
    browser = list(browsers.told_of(request.headers.get("User-Agent", "")))
    first = {"began": now, "seen": now, "from": place, "last": place, "browser": browser}
    request.session[SESSION_KEY] = first


class SessionLimits:
    """Sign out who has been away, or here, for too long."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(OFFICERS):
            request.by_the_clock = worlds.now()  # before a world is entered, which has its own
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """End a session that has lasted; else note that its officer did something."""
        now = getattr(request, "by_the_clock", None)
        if now is None or not request.user.is_authenticated:
            return None
        if SESSION_KEY not in request.session:
            begin(None, request, request.user)
        if left(request, now) <= 0:
            return _sign_out(request, kwargs)
        if not (hasattr(view, "polled") or request.GET.get("part") == "rows"):
            _note(request, now)
        return None


def left(request, now):
    """Return the seconds that a session has left if its officer does nothing; 0 or less: none."""
    return seconds_left(request.session[SESSION_KEY], now)


def seconds_left(limits, now):
    """Return the same from what a session holds of its limits; a clock that was put back ends it."""
    if limits["seen"] > now.timestamp() + _COARSE.total_seconds():
        return 0
    idle = limits["seen"] + settings.SESSION_IDLE_MINUTES * 60
    last = limits["began"] + settings.SESSION_HOURS * 3600
    return int(min(idle, last) - now.timestamp())


def _note(request, now):
    limits = request.session[SESSION_KEY]
    if now.timestamp() - limits["seen"] >= _COARSE.total_seconds():
        _is_here(request, now)


def _is_here(request, now):
    """Note that an officer is there, and where."""
    limits, place = request.session[SESSION_KEY], throttle.client_address(request)
    request.session[SESSION_KEY] = {**limits, "seen": int(now.timestamp()), "last": place}


def _sign_out(request, kwargs):
    """End the session and lead to the door, and from there back to where the officer was."""
    onward = request.get_full_path() if request.method == "GET" else reverse("desk:list")
    words = _("您离开得太久，为安全已退出登录，请重新登录。")
    if request.method == "POST" and request.resolver_match.view_name in _STEPS:
        receipt, action = kwargs["receipt"], kwargs["action"]
        onward = reverse("desk:case", args=[receipt]) + f"#step-{action}"
        if _keep(request, receipt, action):
            words = _(
                "您离开得太久，为安全已退出登录。刚才填写的内容已存为草稿，请重新登录后再提交。"
            )
    auth.logout(request)
    messages.warning(request, words)
    address = f"{reverse('admin:login')}?{urlencode({'next': onward})}"
    return redirect(address)


def _keep(request, receipt, action):
    """Keep what a late form says as the draft of its step; return whether there was any."""
    with suppress(NotFound, drafts.TooLong):
        row = officers_row(request.user, action)
        case, typed = find_case(request.user, receipt), typed_for(row, request.POST)
        return drafts.save(request.user, case, row, typed, seen_in(request.POST), worlds.now())


@never_cache
@require_http_methods(("GET", "POST"))
@staff_member_required
@polled
def session(request):
    """Answer how many seconds are left, and what token forms want now; a POST says that the officer is there."""
    now = request.by_the_clock
    if request.method == "POST":
        _is_here(request, now)
    return JsonResponse({"left": left(request, now), "token": get_token(request)})

"""Officers who have entered a run's world work on its letters, on their own pages only.

A page stays open in its tab when its officer leaves the world in another, or is signed out; what it
still sends is not done elsewhere.
"""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import access, worlds
from cases.models import World

SESSION_KEY = "world"
# Of each form: in which world its page was made.
FIELD = "in_world"
INSIDE = ("/desk/", "/admin/")
# Signing in and out, the ways in and out of worlds, and what starts the tasks that make them.
OUTSIDE = (
    "/desk/world/",
    "/desk/practice/",
    "/admin/login/",
    "/admin/logout/",
    "/admin/second-factor/",
    "/admin/new-password/",
    "/admin/session/",
    "/admin/password_change/",
    "/admin/password_reset/",
    "/admin/reset/",
    "/admin/jsi18n/",
    "/admin/simulation/",
)


class WorldMiddleware:
    """Run the request inside the world that the officer's session holds, if it is one of theirs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_inside(request.path_info):
            return self.get_response(request)
        schema = request.session.get(SESSION_KEY)
        if not schema:
            return self.get_response(request)
        world = World.objects.filter(schema=schema).first()
        if world is None or not access.may_enter(request.user, world):
            return _thrown_out(request, _("这次模拟已被删除。"))
        try:
            with worlds.enter(world):
                response = self.get_response(request)
                _check(response)
        except worlds.WorldRefused as refusal:
            return _thrown_out(request, refusal.message)
        return response

    def process_view(self, request, view, args, kwargs):
        """Do nothing that a page of another world asks for: keys and officers may be the same there."""
        if request.method != "POST" or not is_inside(request.path_info):
            return None
        here = worlds.current().schema
        if request.POST.get(FIELD, here) == here:
            return None
        words = _("您提交的页面不属于现在打开的来信（真实来信、演练或模拟），所以没有办理。")
        messages.error(request, words)
        return redirect("desk:list")


def is_inside(path):
    """Return whether a page of this path shows the letters of the world that the officer is in."""
    return path.startswith(INSIDE) and not path.startswith(OUTSIDE)


def _check(response):
    if response.streaming:
        raise RuntimeError("a streaming response would be read after its world is left")
    if response.status_code >= 500:  # the view's error has become an answer: undo what it wrote
        transaction.set_rollback(True)


def _thrown_out(request, why):
    """Leave a world that cannot be entered. What was asked for there is not done among live letters."""
    del request.session[SESSION_KEY]
    messages.error(request, _("%(why)s已离开模拟世界。") % {"why": why})
    return redirect("desk:list")

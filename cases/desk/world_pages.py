"""Going into a run's world, and out of it."""

from dataclasses import replace

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import worlds
from cases.desk import filters
from cases.desk.middleware import SESSION_KEY
from cases.desk.pages import officer_page
from cases.identity import fold
from cases.models import World
from cases.refusals import NotFound


@officer_page("POST", permission="run_simulation")
def enter(request):
    """Show this officer the letters of a run instead of the live ones, until they leave.

    list: the filters of the list that is shown first, as an address has them; else all letters.
    """
    world = World.objects.filter(schema=fold(request.POST.get("schema", ""))).first()
    if world is None:
        raise NotFound()
    try:
        with worlds.enter(world):
            request.session[SESSION_KEY] = world.schema
    except worlds.WorldRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:index")
    asked = filters.read(QueryDict(request.POST.get("list", "")))
    return redirect(reverse("desk:list") + replace(asked, scope="all").address())


@officer_page("POST")
def leave(request):
    """Go back to the live letters."""
    request.session.pop(SESSION_KEY, None)
    messages.success(request, _("已离开模拟世界，现在看到的是真实来信。"))
    return redirect("desk:list")

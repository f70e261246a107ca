"""Going into a world, a run's or one for practice, and out of it; a practice world's clock."""

from dataclasses import replace

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import access, practising, worlds
from cases.desk import filters
from cases.desk.middleware import SESSION_KEY
from cases.desk.pages import officer_page
from cases.identity import fold
from cases.models import World
from cases.refusals import NotFound


@officer_page("POST")
def enter(request):
    """Show this officer the letters of a world instead of the live ones, until they leave.

    list: the filters of the list that is shown first, as an address has them; else all letters
    of a run, and what waits for the officer in a practice world.
    """
    world = World.objects.filter(schema=fold(request.POST.get("schema", ""))).first()
    if world is None or not access.may_enter(request.user, world):
        raise NotFound()
    try:
        with worlds.enter(world):
            request.session[SESSION_KEY] = world.schema
    except worlds.WorldRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:index")
    if world.owner_id:
        practising.resume(world)
        return redirect("desk:list")
    asked = filters.read(QueryDict(request.POST.get("list", "")), request)
    return redirect(reverse("desk:list") + replace(asked, scope="all").address())


@officer_page("POST")
def leave(request):
    """Go back to the live letters; a practice world's clock stands until its officer comes back."""
    world = _inside(request)
    request.session.pop(SESSION_KEY, None)
    if world and world.owner_id:
        practising.pause(world)
    messages.success(request, _("已离开模拟世界，现在看到的是真实来信。"))
    return redirect("desk:list")


@officer_page("POST")
def forward(request):
    """Move the practice world on, with what comes meanwhile; the same click twice moves it once."""
    world = _inside(request)
    step = practising.STEPS.get(request.POST.get("by", ""))
    if world is None or not world.owner_id or step is None:
        raise NotFound()
    try:
        told = practising.forward(world, step, request.POST.get("seen", ""))
    except worlds.WorldRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("desk:list")
    if told is not None:
        messages.success(request, told)
    return redirect("desk:list")


def _inside(request):
    """Return the world that this officer is in, or None."""
    world = World.objects.filter(schema=request.session.get(SESSION_KEY, "")).first()
    return world if world and access.may_enter(request.user, world) else None

"""Going into a run's world, and out of it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import worlds
from cases.desk.middleware import SESSION_KEY
from cases.desk.pages import officer_page
from cases.desk.triage import list_address
from cases.identity import fold
from cases.models import World
from cases.refusals import NotFound


@officer_page("POST", permission="run_simulation")
def enter(request):
    """Show this officer the letters of a run instead of the live ones, until they leave."""
    world = World.objects.filter(schema=fold(request.POST.get("schema", ""))).first()
    if world is None:
        raise NotFound()
    try:
        with worlds.enter(world):
            request.session[SESSION_KEY] = world.schema
    except worlds.WorldRefused as refusal:
        messages.error(request, refusal.message)
        return redirect("admin:index")
    return redirect(list_address(scope="all"))


@officer_page("POST")
def leave(request):
    """Go back to the live letters."""
    request.session.pop(SESSION_KEY, None)
    messages.success(request, _("已离开模拟世界，现在看到的是真实来信。"))
    return redirect("desk:list")

"""Pages that ask nothing, and the switch that says how all pages are shown."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from mailbox import display, year


@require_safe
def home(request):
    """What the mailbox is for and how long it takes, its two doors, and those of others."""
    figures = {name: f"{number:,}" for name, number in year.figures().items()}
    context = {"year": figures, "promise": year.promises()}
    return render(request, "mailbox/home.html", context)


@require_POST
def switch(request):
    """Keep how pages are to be shown, and lead back to where the button was."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("mailbox:home")
    return display.remember(request, HttpResponseRedirect(back))

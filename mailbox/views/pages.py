"""Pages that ask nothing."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from mailbox import year


@require_safe
def home(request):
    """What the mailbox is for and how long it takes, its two doors, and those of others."""
    figures = {name: f"{number:,}" for name, number in year.figures().items()}
    context = {"year": figures, "promise": year.promises()}
    return render(request, "mailbox/home.html", context)

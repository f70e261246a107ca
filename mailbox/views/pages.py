"""Pages that ask nothing."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request):
    """What the mailbox is for, and its two doors."""
    return render(request, "mailbox/home.html")

"""No more mail about a letter: by a button on the page that each mail leads to, never by opening it."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cases.models import Letter
from mailbox import telling, ways


@csrf_exempt  # a mail program presses the button in its own name (RFC 8058); the link is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request, token):
    """Ask whether no more mail is wanted about a letter, and stop it; the page tells nothing of the letter."""
    letters = Letter.objects.select_related("writer", "notice_choice")
    letter = letters.filter(pk=telling.letter_id_of(token)).first()
    if letter is None:
        raise Http404
    if request.method == "POST":
        ways.stop_mail(letter)
    context = {"stopped": request.method == "POST"}
    return render(request, "mailbox/stop_mail.html", context)

"""The letter that a session holds open: for how long, and that a form belongs to it."""

from datetime import datetime, timedelta
from functools import wraps

from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from cases import worlds
from cases.models import Case

# A letter left open on a shared computer closes itself.
OPEN_FOR = timedelta(minutes=60)


def keep_open(request, case):
    """Remember in the session that its visitor has opened this letter."""
    request.session["follow"] = {"case": case.pk, "at": worlds.now().isoformat()}


def opened_case(request):
    """Return the case that this session has opened, or None.

    Each form names its letter: one that lies in another tab does not reach the letter opened since.
    """
    kept = request.session.get("follow")
    if not kept or worlds.now() - datetime.fromisoformat(kept["at"]) > OPEN_FOR:
        return None
    cases = Case.objects.select_related("letter__consent", "mailbox", "unit", "merged_into__unit")
    case = cases.filter(pk=kept["case"]).first()
    named = request.POST.get("letter")
    return None if case and named and named != case.letter.receipt else case


def with_letter(view):
    """Make a view one for visitors who hold a letter open; it is given its case."""

    @wraps(view)
    def page(request, *args, **kwargs):
        case = opened_case(request)
        return view(request, case, *args, **kwargs) if case else redirect("mailbox:follow")

    return never_cache(page)

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
    since = kept and datetime.fromisoformat(kept["at"])
    if not kept or worlds.now() - since > OPEN_FOR:
        return None
    about = "letter__consent", "letter__renewed_code", "mailbox", "unit", "merged_into__unit"
    case = Case.objects.select_related(*about).filter(pk=kept["case"]).first()
    if case is None or _is_shut(case.letter, since):
        return None
    named = request.POST.get("letter")
    return None if named and named != case.letter.receipt else case


def _is_shut(letter, since):
    """Tell whether a new query code was given since: whoever opened the letter by the old one is out."""
    return hasattr(letter, "renewed_code") and letter.renewed_code.issued_at > since


def with_letter(view):
    """Make a view one for visitors who hold a letter open; it is given its case."""

    @wraps(view)
    def page(request, *args, **kwargs):
        case = opened_case(request)
        return view(request, case, *args, **kwargs) if case else redirect("mailbox:follow")

    return never_cache(page)

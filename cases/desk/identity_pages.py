"""Who wrote, shown on a stated reason; and the list of every such showing, for auditors."""

from django.utils.translation import gettext as _

from cases import access
from cases.desk.case_page import labelled, render_case
from cases.desk.pages import find_case, officer_page, page_number, page_of, show
from cases.models import Disclosure
from cases.refusals import NotFound, Refusal


@officer_page("POST")
def reveal(request, receipt):
    """Show the writer's identity once, in this answer alone, for a reason that is kept."""
    case = find_case(request.user, receipt)
    reason = request.POST.get("reason", "")
    try:
        person = access.reveal(request.user, case, reason)
    except NotFound:
        raise
    except Refusal as refusal:
        more = {"reveal_error": refusal.message, "reason": reason}
        return render_case(request, case, status=409, **more)
    return render_case(request, case, revealed=labelled(person))


@officer_page("GET", permission="view_audit")
def audit(request):
    """List who was shown whose identity, and why, the newest first."""
    number = page_number(request)
    cases = access.visible_cases(request.user)
    shown = Disclosure.objects.filter(letter__case__in=cases)
    shown = shown.select_related("letter", "user__unit").order_by("-pk")
    rows, more = page_of(shown, number)
    context = {
        "title": _("身份查看记录"),
        "rows": rows,
        "newer": f"?page={number - 1}" if number > 1 else "",
        "older": f"?page={number + 1}" if more else "",
    }
    return show(request, "desk/audit.html", context)

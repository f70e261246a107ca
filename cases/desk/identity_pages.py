"""Who wrote, shown once on a stated reason; the log of it is cases/desk/audit.py."""

from cases import access
from cases.desk.case_page import labelled, render_case
from cases.desk.pages import find_case, officer_page
from cases.desk.rights import READS, every, having
from cases.refusals import NotFound, Refusal


@officer_page("POST", needs=every(READS, having("reveal_identity")))
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

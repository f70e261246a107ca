"""Telling officers who else has a letter open, and what has happened to it meanwhile."""

from django.http import JsonResponse
from django.utils.translation import gettext as _

from cases import presence
from cases.calendars import SHANGHAI
from cases.desk.pages import find_case, officer_page, polled
from cases.desk.rights import READS
from cases.transitions import TRANSITIONS


@officer_page("POST", needs=READS)
@polled
def here(request, receipt):
    """Note that the officer has the letter open, or has closed it; say who else has, and what is new."""
    case = find_case(request.user, receipt)
    if "leave" in request.POST:
        presence.leave(request.user, case)
        return JsonResponse({})
    presence.arrive(request.user, case)
    words = {"who": who_else(request.user, case), "news": _news(case, request.POST.get("seen", ""))}
    return JsonResponse(words)


def who_else(user, case):
    """Return a sentence that names the others who have this letter open, or ""."""
    names = "、".join(str(officer) for officer in presence.others(user, case))
    return _("%(names)s正在看这封信。") % {"names": names} if names else ""


def _news(case, seen):
    """Return what has been done since the page was made, or ""."""
    if seen == str(case.seq):
        return ""
    last = case.events.select_related("user").order_by("-seq").first()
    words = {
        "when": last.at.astimezone(SHANGHAI).strftime("%H:%M"),
        "action": TRANSITIONS[last.action].label,
        "who": str(last.user) if last.user else "",
    }
    return _("这封信有了新的办理：%(when)s %(who)s“%(action)s”。") % words

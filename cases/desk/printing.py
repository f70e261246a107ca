"""呈批表: one letter on paper, for the file and for signatures. The writer stays masked."""

from cases import access, worlds
from cases.desk import history
from cases.desk.case_page import labelled
from cases.desk.pages import find_case, officer_page, show
from cases.desk.rights import READS
from cases.transitions import STATES

# What is said in these steps is an opinion of the sheet; notes stay out of the file.
_OPINIONS = ("dispatch", "instruct", "send_back_reply", "extend", "refuse_extension")
_REPLIES = ("propose_reply",)
_UNPRINTED = ("note",)


@officer_page("GET", needs=READS)
def print_case(request, receipt):
    """Show the sheet of one letter, made for A4."""
    case = find_case(request.user, receipt)
    lines = [line for line in history.lines(request.user, case) if line.action not in _UNPRINTED]
    context = {
        "title": case.letter.title,
        "case": case,
        "letter": case.letter,
        "state": STATES[case.state].label,
        "files": list(case.letter.attachments.order_by("pk")),
        "identity": labelled(access.identity_for(request.user, case)),
        "may_know_writer": access.may_know_writer(request.user, case),
        "reply": next((line.text for line in lines if line.action in _REPLIES), ""),
        "opinions": [line for line in reversed(lines) if line.action in _OPINIONS and line.text],
        "history": list(reversed(lines)),
        "world": worlds.current(),
    }
    return show(request, "desk/print.html", context)

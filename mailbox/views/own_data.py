"""What is kept of a writer: to see it, to ask for a correction, to ask for its erasure."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cases import access, identity, own_data, worlds
from cases.desk.case_page import labelled
from cases.refusals import GuardRefused
from mailbox import display
from mailbox.forms import CorrectionForm
from mailbox.opened import opened_case
from mailbox.views.phone import by_phone
from mailbox.wording import unit_name

_MANY = 20


def _open_to_phone(index):
    """Return the cases of a telephone whose writers may be shown on the strength of it."""
    return [case for case in own_data.cases_of_phone(index) if not access.hides_writer(case)]


@by_phone
@require_http_methods(["GET", "HEAD", "POST"])
def own_data_page(request, index):
    """Show what is kept of the writer, letter by letter, and take a request for a correction."""
    return _page(request, _open_to_phone(index), "own-data", "mine")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_letter(request):
    """The same for the one letter that receipt and query code have opened, confidential or not."""
    opened = opened_case(request)
    if opened is None:
        return redirect("mailbox:follow")
    return _page(request, [opened], "letter-data", "case")


def _page(request, cases, here, back):
    """Return the page of these cases; here, back: the names of its own address and of that before."""
    display.switch(request)
    cases = [case for case in cases if case.letter.writer]
    form = CorrectionForm.of(request)
    if form.is_valid():
        person, wrong = identity.checked_person(form.cleaned_data, today=worlds.now().date())
        for name, message in wrong.items():
            form.add_error(name, message)
        if not person and not wrong:
            form.add_error(None, _("请填写要更正的一项。"))
        if not form.errors:
            own_data.ask_correction(cases, person, worlds.now())
            messages.success(request, _("申请已收到，信箱会与您核实后更正。"))
            return redirect(f"mailbox:{here}")
    context = {
        "letters": [_letter(case) for case in cases],
        "form": form,
        "here": reverse(f"mailbox:{here}"),
        "back": reverse(f"mailbox:{back}"),
        "single": here == "letter-data",
        "kept_years": settings.RETENTION_YEARS,
    }
    return display.page(request, "mailbox/own_data.html", context)


def _letter(case):
    """Return what the page tells of one letter: what is kept, who saw it, what was asked."""
    seen = case.letter.disclosures.select_related("user__unit").order_by("-pk")[:_MANY]
    return {
        "case": case,
        "kept": labelled(access.own_identity(case.letter)),
        "seen": [(one.at, unit_name(one.user.unit) if one.user.unit else "") for one in seen],
        "asked": list(case.letter.data_requests.order_by("-pk")[:_MANY]),
        "why_not": own_data.why_not_erased(case),
    }


@by_phone
@require_POST
def erase(request, index):
    """Ask to have the identity erased that is kept with one letter of a telephone."""
    case = own_data.case_of_phone(index, request.POST.get("receipt", ""))
    return (
        redirect("mailbox:own-data")
        if access.hides_writer(case)
        else _erase(request, case, "own-data")
    )


@never_cache
@require_POST
def erase_of_letter(request):
    """Ask for the same for the letter that receipt and query code have opened."""
    opened = opened_case(request)
    if opened is None:
        return redirect("mailbox:follow")
    return _erase(request, opened, "letter-data")


def _erase(request, case, here):
    try:
        own_data.ask_erasure(case, worlds.now())
        messages.success(request, _("申请已收到，信箱会审查并在这里答复您。"))
    except GuardRefused as refusal:
        messages.warning(request, refusal.message)
    return redirect(f"mailbox:{here}")

"""What is kept of a writer: to see it, to ask for a correction, to ask for its erasure."""

from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from cases import access, identity, own_data, throttle, worlds
from cases.desk.case_page import labelled
from cases.refusals import GuardRefused, NotFound
from mailbox import display, own_copy
from mailbox.forms import CopyForm, CorrectionForm
from mailbox.letter_form import today
from mailbox.opened import with_letter
from mailbox.views.phone import PER_NUMBER, by_phone
from mailbox.wording import unit_of

_MANY = 20
_ASKED_BEFORE = gettext_noop(
    "您以前的更正申请还在等待处理，这次没有再提交。要改成别的，请等处理后再申请，或在核实时说明。"
)
# The names of a page's own address, of that before it, and of the copy.
_MINE = ("own-data", "mine", "own-copy")
_LETTER = ("letter-data", "case", "letter-copy")


def _open_to_phone(index):
    """Return the cases of a telephone whose writers may be shown on the strength of it."""
    return [case for case in own_data.cases_of_phone(index) if not access.hides_writer(case)]


@by_phone
@require_http_methods(["GET", "HEAD", "POST"])
def own_data_page(request, index):
    """Show what is kept of the writer, letter by letter, and take a request for a correction."""
    return _page(request, _open_to_phone(index), _MINE)


@require_http_methods(["GET", "HEAD", "POST"])
@with_letter
def of_letter(request, opened):
    """The same for the one letter that receipt and query code have opened, confidential or not."""
    return _page(request, [opened], _LETTER)


@by_phone
@require_POST
def copy(request, index):
    """Give a copy of all that is kept with the letters of a telephone."""
    return _copy(request, _open_to_phone(index), _MINE, index)


@require_POST
@with_letter
def copy_of_letter(request, opened):
    """Give a copy of what is kept with the letter that receipt and query code have opened."""
    return _copy(request, [opened], _LETTER, str(opened.pk))


def _copy(request, cases, places, whose):
    """Return the file, or the page with what is wrong. whose: whom tries of a number are counted for."""
    cases, form = [case for case in cases if case.letter.writer], CopyForm(request.POST)
    number = form.cleaned_data["id_number"] if form.is_valid() else ""
    if number:
        try:
            throttle.check("own number", whose, *PER_NUMBER)
        except throttle.TooManyAttempts as error:
            form.add_error(None, error.message)
        else:
            if not any(own_data.is_own_number(case, number) for case in cases):
                form.add_error("id_number", _("证件号码与写信时登记的不一致。"))
    if not cases or form.errors:
        return _page(request, cases, places, copying=form)
    content = own_copy.of(cases, number, worlds.now())
    answer = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="own-data.json"'
    return answer


def _page(request, cases, places, copying=None):
    """Return the page of these cases. copying: the form of a copy, refused."""
    cases, (here, back, copied) = [case for case in cases if case.letter.writer], places
    told = "letter__disclosures__user__unit", "letter__data_requests__officer__unit"
    prefetch_related_objects(cases, *told)
    display.switch(request)
    form = CorrectionForm.of(request) if copying is None else CorrectionForm()
    if form.is_valid():
        person, wrong = identity.checked_person(form.cleaned_data, today=today())
        for name, message in wrong.items():
            form.add_error(name, message)
        if not person and not wrong:
            form.add_error(None, _("请填写要更正的一项。"))
        if not form.errors:
            if own_data.ask_correction(cases, person, worlds.now()):
                messages.success(request, _("申请已收到，信箱会与您核实后更正。"))
            else:
                messages.warning(request, _(_ASKED_BEFORE))
            return redirect(f"mailbox:{here}")
    context = {
        "letters": [_letter(case) for case in cases],
        "form": copying if copying is not None else form,
        "correction": form,
        "copying": CopyForm() if copying is None else copying,
        "copied": reverse(f"mailbox:{copied}"),
        "here": reverse(f"mailbox:{here}"),
        "back": reverse(f"mailbox:{back}"),
        "single": here == "letter-data",
        "kept_years": settings.RETENTION_YEARS,
    }
    return display.page(request, "mailbox/own_data.html", context)


def _letter(case):
    """Return what the page tells of one letter: what is kept, who saw it, what was asked."""
    return {
        "case": case,
        "kept": labelled(access.own_identity(case.letter)),
        "seen": [(one.at, unit_of(one.user)) for one in _newest(case.letter.disclosures)],
        "asked": [(one, unit_of(one.officer)) for one in _newest(case.letter.data_requests)],
        "why_not": own_data.why_not_erased(case),
        "erasing": own_data.is_erasure_asked(case),
    }


def _newest(related):
    return own_copy.in_order(related)[::-1][:_MANY]


@by_phone
@require_POST
def erase(request, index):
    """Ask to have the identity erased that is kept with one letter of a telephone."""
    case = own_data.case_of_phone(index, request.POST.get("receipt", ""))
    if access.hides_writer(case):
        raise NotFound()
    return _erase(request, case, "own-data")


@require_POST
@with_letter
def erase_of_letter(request, opened):
    """Ask for the same for the letter that receipt and query code have opened."""
    return _erase(request, opened, "letter-data")


def _erase(request, case, here):
    try:
        own_data.ask_erasure(case, worlds.now())
        messages.success(request, _("申请已收到，信箱会审查并在这里答复您。"))
    except GuardRefused as refusal:
        messages.warning(request, refusal.message)
    return redirect(f"mailbox:{here}")

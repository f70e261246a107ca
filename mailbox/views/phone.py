"""Proving a telephone by a code sent to it, and what is opened by it: all its letters."""

from functools import wraps

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import access, identity, own_data, throttle, worlds
from cases.identity import BadInput
from cases.refusals import Incomplete, NotFound, Refusal
from mailbox import display, phone_check, qr, shown_code, standing
from mailbox.forms import CodeForm, OwnNumberForm, PhoneForm
from mailbox.letter_form import mailbox_name
from mailbox.opened import keep_open

# Tries of an identity number for the letters of one telephone: whoever knows a birthday and a region has
# five hundred numbers to try.
PER_NUMBER = (5, 86_400)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """Ask for a telephone, and send a code to it."""
    form = PhoneForm.of(request)
    if form.is_valid():
        try:
            phone = phone_check.checked(form.cleaned_data["phone"])
            key = phone_check.send_code(phone, throttle.client_address(request))
        except BadInput as error:
            form.add_error("phone", error.message)
        except throttle.TooManyAttempts as error:
            form.add_error(None, error.message)
        else:
            request.session["check"] = {"key": key, "shown": identity.mask_phone(phone)}
            return redirect("mailbox:phone-code")
    return display.page(request, "mailbox/phone.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request):
    """Ask for the code that was sent, and open the list of letters."""
    kept = request.session.get("check")
    if not kept:
        return redirect("mailbox:phone")
    form = CodeForm.of(request)
    if form.is_valid():
        try:
            index = phone_check.prove(kept["key"], form.cleaned_data["code"])
        except BadInput as error:
            form.add_error("code", error.message)
        else:
            request.session.cycle_key()
            del request.session["check"]
            at = worlds.now().isoformat()
            request.session["proved"] = {"index": index, "shown": kept["shown"], "at": at}
            return redirect("mailbox:mine")
    context = {"form": form, "shown": kept["shown"]}
    return display.page(request, "mailbox/phone_code.html", context)


def by_phone(view):
    """Make a view one for visitors whose telephone is proved; it is given its blind index."""

    @wraps(view)
    def page(request, *args, **kwargs):
        index = phone_check.proved(request)
        if index is None:
            return redirect("mailbox:phone")
        try:
            return view(request, index, *args, **kwargs)
        except NotFound:
            return redirect("mailbox:mine")

    return never_cache(page)


@by_phone
@require_safe
def mine(request, index):
    """List the letters of a telephone; of confidential ones the number alone."""
    letters = [
        {
            "case": case,
            "hidden": access.hides_writer(case),
            "mailbox": mailbox_name(case.mailbox),
            "state": standing.state_of(case),
            "due": standing.due_of(case, worlds.now()),
        }
        for case in own_data.cases_of_phone(index)
    ]
    context = {"letters": letters, "shown": request.session["proved"]["shown"]}
    return render(request, "mailbox/mine.html", context)


@by_phone
@require_POST
def open_letter(request, index):
    """Open one of the letters that are not confidential."""
    case = own_data.case_of_phone(index, request.POST.get("receipt", ""))
    if access.hides_writer(case):
        raise NotFound()
    keep_open(request, case)
    return redirect("mailbox:case")


@by_phone
@require_POST
def renew(request, index):
    """Ask whether a new query code is wanted, and show it once."""
    case = own_data.case_of_phone(index, request.POST.get("receipt", ""))
    shown = shown_code.unsealed(case, request.POST.get("shown", ""))
    if display.is_asked(request) and shown:
        return _renewed(request, case, shown)
    hidden, sure = access.hides_writer(case), "sure" in request.POST
    form = OwnNumberForm.of(request, needed=hidden) if sure else OwnNumberForm(needed=hidden)
    if form.is_valid():
        try:
            if hidden:
                throttle.check("own number", index, *PER_NUMBER)
            typed = form.cleaned_data.get("id_number", "")
            code = own_data.renew_code(case, typed, worlds.now())
        except Incomplete as error:
            form.add_error("id_number", error.message)
        except (Refusal, throttle.TooManyAttempts) as error:
            form.add_error(None, error.message)
        else:
            if request.session.get("follow", {}).get("case") == case.pk:
                keep_open(request, case)  # here; everywhere else the old code's openings end
            return _renewed(request, case, code)
    context = {"case": case, "form": form, "hidden": hidden}
    return display.page(request, "mailbox/renew.html", context)


def _renewed(request, case, code):
    display.switch(request)
    context = {
        "case": case,
        "code": code,
        "shown": shown_code.sealed(case, code),
        "qr": qr.of_receipt(case.letter.receipt),
        "mailbox": mailbox_name(case.mailbox),
    }
    return display.page(request, "mailbox/renewed.html", context)

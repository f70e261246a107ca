"""Writing a letter: the form, the question whether it is an emergency, the receipt."""

import uuid

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import access, receipts
from cases.intake import is_emergency
from cases.models import Case
from cases.refusals import Incomplete
from mailbox import display, proof, qr, sending, shown_code, unsent, ways
from mailbox.letter_form import LetterForm, mailbox_name
from mailbox.steps import names_its_writer
from mailbox.unsent import Writing


@require_http_methods(["GET", "HEAD", "POST"])
def write(request):
    """Show the form; keep a letter, and lead to its receipt."""
    if request.method != "POST":
        return _page(request, LetterForm(), Writing())
    writing, faults = _files(request)
    if display.is_asked(request):
        display.switch(request)
        return display.remember(request, _page(request, _typed(request), writing))
    if "back" in request.POST or "remove" in request.POST:
        return _page(request, _typed(request), writing)
    form = LetterForm(request.POST)
    if not form.is_valid() or faults:
        for message in faults:
            form.add_error("attachments", message)
        return _page(request, _with_new_key(form) if "key" in form.errors else form, writing)
    submission = form.submission(translation.get_language())
    submission.attachments = tuple(writing.files)
    known = sending.known(submission)
    if sending.is_another_letter(submission, known):
        form.add_error(None, _("您刚才已用这一页寄出一封信。这是另一封，请再按一次“提交”寄出。"))
        return _page(request, _with_new_key(form), writing)
    if known is None:  # a letter that has been kept was asked about before
        question = _asked(request, form, submission, writing)
        if question:
            return question
    return _keep(request, form, submission, writing, known)


def _files(request):
    """Return (the files that the page listed and those it sent now, what is wrong with them).

    They are kept beside the page, for a browser forgets which were chosen.
    """
    writing = unsent.of(request, unsent.PAGE) or Writing(slot=unsent.PAGE)
    listed = set(request.POST.getlist("kept"))
    writing.drop({file.path for file in writing.files} - listed)
    faults = writing.take(request)
    writing.drop(request.POST.getlist("remove"))
    if writing.row or writing.files:
        try:
            writing.save(request)
        except sending.TooMany as error:
            writing.drop([file.path for file in writing.files])
            faults.append(error.message)
    return writing, faults


def _asked(request, form, submission, writing):
    """Return the page that asks something once before a letter is kept, or None."""
    lost = set(request.POST.getlist("kept")) - {file.path for file in writing.files}
    submission.emergency = is_emergency(submission)
    alarming = submission.emergency and "emergency_seen" not in request.POST
    named = "named_seen" not in request.POST and names_its_writer(request.POST, writing.files)
    if not (lost or alarming or named):
        return None
    if lost:
        form.add_error("attachments", _("先前上传的附件已不在，请重新选择。"))
    elif alarming:
        return render(request, "mailbox/emergency.html", {"form": form, "writing": writing})
    return _page(request, form, writing, named=named and not lost)


def _keep(request, form, submission, writing, known):
    """Keep the letter; show the form again with what is wrong."""
    try:
        sending.keep(request, submission, known, form.units, form.cleaned_data["notify"])
    except proof.Needed as error:
        form.add_error(None, error.message)
        return _page(request, form, writing, **proof.asked(request.POST))
    except sending.TooMany as error:
        form.add_error(None, error.message)
        return _page(request, form, writing)
    except Incomplete as error:
        for name in error.fields:
            form.add_error(name if name in form.fields else None, error.message)
        return _page(request, form, writing)
    unsent.forget(request, unsent.PAGE)  # with the files of a letter that was kept before
    return redirect("mailbox:sent")


def _with_new_key(form):
    form.data = form.data.copy()
    form.data["key"] = str(uuid.uuid4())
    return form


def _typed(request):
    """Return the form with all that was typed, not judged yet."""
    return LetterForm(initial=request.POST.dict())


def _page(request, form, writing, **more):
    """Show the form, with the files that are kept and what its writer was asked before."""
    seen = [name for name in ("emergency_seen", "named_seen") if name in request.POST]
    context = {"form": form, "writing": writing, "seen": seen, **more}
    context["kept_years"] = settings.RETENTION_YEARS
    return render(request, "mailbox/write.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request):
    """Show the receipt; the query code only the first time."""
    kept = request.session.get("sent")
    if not kept:
        return redirect("mailbox:home")
    cases = Case.objects.select_related(
        "letter__renewed_code", "letter__writer", "letter__notice_choice", "mailbox"
    )
    case = cases.get(pk=kept["case"])
    display.switch(request)
    letter, code = case.letter, ""
    renewed = hasattr(letter, "renewed_code")
    if kept.get("key") and not renewed:
        code = receipts.query_code_of(kept["key"], letter.receipt, letter.query_code_hash)
    if code and request.method == "GET":
        request.session["sent"] = {"case": case.pk}
    if display.is_asked(request):
        code = "" if renewed else shown_code.unsealed(case, request.POST.get("shown", ""))
    open_ways = ways.open_to(case.letter)
    context = {
        "case": case,
        "code": code,
        "shown": shown_code.sealed(case, code),
        "renewed": renewed,
        "ways": open_ways,
        "told": [label for _way, label, chosen in open_ways if chosen],
        "mailbox": mailbox_name(case.mailbox),
        "hidden": access.hides_writer(case),
        "qr": qr.of_receipt(case.letter.receipt),
    }
    return display.page(request, "mailbox/sent.html", context)

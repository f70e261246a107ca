"""Writing a letter: the form, the question whether it is an emergency, the receipt."""

import uuid

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cases import attachments, receipts
from cases.identity import BadInput
from cases.intake import is_emergency
from cases.models import Case
from cases.refusals import Incomplete
from mailbox import proof, qr, sending
from mailbox.letter_form import LetterForm, mailbox_name
from mailbox.views.steps import in_language


@require_http_methods(["GET", "HEAD", "POST"])
def write(request):
    """Show the form; keep a letter, and lead to its receipt."""
    if request.method != "POST":
        return _page(request, LetterForm())
    if "language" in request.POST:
        return _in_language(request, request.POST["language"])
    if "back" in request.POST:
        return _page(request, _typed(request))
    form = LetterForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, _with_new_key(form) if "key" in form.errors else form)
    submission = form.submission(translation.get_language())
    if sending.is_another_letter(submission):
        form.add_error(None, _("您刚才已用这一页寄出一封信。这是另一封，请再按一次“提交”寄出。"))
        return _page(request, _with_new_key(form))
    if is_emergency(submission) and "emergency_seen" not in request.POST:
        return render(request, "mailbox/emergency.html", {"form": form})
    return _keep(request, form, submission)


def _keep(request, form, submission):
    """Store the files and the letter; show the form again with what is wrong."""
    stored = []
    try:
        stored = attachments.store_all(form.cleaned_data["attachments"])
        submission.attachments = tuple(stored)
        sending.keep(request, submission)
    except (sending.TooMany, sending.ProofNeeded) as error:
        form.add_error(None, error.message)
        asked = proof.challenge() if isinstance(error, sending.ProofNeeded) else None
        return _page(request, form, proof=asked)
    except BadInput as error:
        form.add_error("attachments", error.message)
        return _page(request, form)
    except Incomplete as error:
        for name in error.fields:
            form.add_error(name if name in form.fields else None, error.message)
        return _page(request, form)
    finally:
        attachments.discard_unclaimed(stored)
    return redirect("mailbox:sent")


def _with_new_key(form):
    form.data = form.data.copy()
    form.data["key"] = str(uuid.uuid4())
    return form


def _typed(request):
    """Return the form with all that was typed, not judged yet."""
    return LetterForm(initial=request.POST.dict())


def _in_language(request, language):
    """Show the form in another language, with all that was typed."""
    if language not in dict(settings.LANGUAGES):
        language = translation.get_language()
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return in_language(_page(request, _typed(request)), language)


def _page(request, form, **more):
    context = {"form": form, "files_lost": bool(request.FILES), **more}
    context["kept_years"] = settings.RETENTION_YEARS
    return render(request, "mailbox/write.html", context)


@never_cache
@require_safe
def sent(request):
    """Show the receipt; the query code only the first time."""
    kept = request.session.get("sent")
    if not kept:
        return redirect("mailbox:home")
    case = Case.objects.select_related("letter", "mailbox").get(pk=kept["case"])
    code = receipts.query_code_for(kept["key"]) if kept.get("key") else ""
    if code and request.method == "GET":
        request.session["sent"] = {"case": case.pk}
    context = {
        "case": case,
        "code": code,
        "mailbox": mailbox_name(case.mailbox),
        "qr": qr.of_receipt(case.letter.receipt),
    }
    return render(request, "mailbox/sent.html", context)

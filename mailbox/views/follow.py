"""Following a letter: the look-up, its page, and what the citizen can do there."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import attachments, publishing, receipts, throttle, worlds
from cases.models import Attachment, Evidence
from cases.refusals import NotFound, Refusal, WrongState
from cases.transitions import ANSWERED, BY_CITIZEN, STATES, TRANSITIONS, State
from mailbox import display, looking_up, more_files, proof, standing, ways
from mailbox.doings import do, is_done, offers
from mailbox.forms import DoingForm, FollowForm
from mailbox.history import steps_of
from mailbox.letter_form import mailbox_name
from mailbox.models import Notice, NoticeChoice
from mailbox.opened import keep_open, opened_case, with_letter
from mailbox.wording import DOINGS, STEPS

# Offered on the letter's page itself; all else has a page of its own.
_AT_ONCE = ("supply", "rate")
# How often in a day one letter takes one and the same step: each stays in the log for good.
PER_LETTER = (20, 86_400)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request):
    """Ask for receipt and query code, and open the letter."""
    form, then = FollowForm.of(request), request.POST.get("then")
    if not form.is_valid():
        return _look_up_page(request, form, then)
    try:
        case = looking_up.find(request, form.cleaned_data)
    except proof.Needed:
        return _look_up_page(request, form, then, **proof.asked(request.POST))
    except receipts.BadReceipt as error:
        form.add_error("receipt", error.message)
    except (throttle.TooManyAttempts, NotFound) as error:
        form.add_error(None, error.message)
    else:
        request.session.cycle_key()
        keep_open(request, case)
        return _go_on(request, case, then)
    return _look_up_page(request, form, then)


def _look_up_page(request, form, action, **more):
    """Ask for receipt and code; keep what was typed for a letter that is no longer open here."""
    row, kept = _row_of_citizen(action), None
    if row:
        doing = DoingForm(row, request.POST)
        names = [name for name in doing.fields if request.POST.get(name)]
        kept = {"action": action, "doing": DOINGS[action], "typed": [doing[n] for n in names]}
    return display.page(request, "mailbox/follow.html", {"form": form, "kept": kept, **more})


def _row_of_citizen(action):
    """Return the table's row of something that citizens do, or None."""
    return TRANSITIONS[action] if action in DOINGS else None


def _go_on(request, opened, action):
    """Show the letter that was just opened, or the form that was being filled in, with what was typed."""
    row = _row_of_citizen(action)
    if row is None:
        return redirect("mailbox:case")
    offer = _offer_of(opened, action)
    form = _as_typed(request, offer.form() if offer else DoingForm(row))
    late = "" if offer else _too_late(opened)
    return _form_page(request, opened, action, form, late=late, again=True)


def _offer_of(opened, action):
    """Return the Offer of an action, or None if it cannot be done now."""
    return next((offer for offer in offers(opened) if offer.action == action), None)


def _as_typed(request, form):
    form.initial = {name: request.POST.get(name, "") for name in form.fields if name != "files"}
    return form


@require_POST
def leave(request):
    """Close the letter on this device, and forget the telephone that was proved."""
    for name in ("follow", "sent", "check", "proved"):
        request.session.pop(name, None)
    request.session.cycle_key()
    messages.success(request, _("已结束。这台设备上不再显示您的来信。"))
    return redirect("mailbox:home")


@require_safe
@with_letter
def case(request, opened):
    """Show the letter, its steps, and what can be done now."""
    can = offers(opened)
    first = next((offer for offer in can if offer.action in _AT_ONCE), None)
    steps = steps_of(opened)
    context = {
        "case": opened,
        "mailbox": mailbox_name(opened.mailbox),
        "state": standing.state_of(opened),
        "standing": standing.rows_of(opened, worlds.now()),
        "redo": standing.redo_of(opened, steps),
        "unsolved": opened.solved_said is False and any(o.action == "reopen" for o in can),
        "main_answer": standing.main_answer(opened),
        "steps": steps,
        "spoken": _spoken(opened.state, steps),
        "first": first,
        "form": first.form() if first else None,
        "others": [offer for offer in can if offer is not first],
        "can_add": any(offer.action == "add" for offer in can),
        "asked_for_consent": publishing.may_be_published(opened, worlds.now()),
        "consented": publishing.has_consented(opened.letter),
        "ways": ways.open_to(opened.letter),
        "files": opened.letter.attachments.order_by("pk"),
        "wrong_tries": looking_up.wrong_tries(opened.letter.receipt),
    }
    return render(request, "mailbox/case.html", context)


@require_POST
@with_letter
def notices(request, opened):
    """Keep by which ways the writer wants to be told of news."""
    wanted = request.POST.getlist("way")
    chosen = {"mail": Notice.MAIL in wanted, "sms": Notice.SMS in wanted}
    NoticeChoice.objects.update_or_create(letter=opened.letter, defaults=chosen)
    messages.success(request, _("通知方式已保存。"))
    return redirect("mailbox:case")


@require_POST
@with_letter
def consent(request, opened):
    """Keep that the writer lets the answer be published, or no longer."""
    given = request.POST.get("consent") == "yes"
    try:
        publishing.consent(opened, given, worlds.now())
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(
            request,
            _("谢谢。公开前会去掉个人信息，并由民警审核。")
            if given
            else _("已撤回同意，不再公开。"),
        )
    return redirect("mailbox:case")


def _spoken(state, steps):
    """Return the step whose words stand above the rest: the open question, or the reply."""
    action = {State.AWAITING_CITIZEN: "ask_citizen"}.get(state)
    if state in ANSWERED:
        action = "approve_reply"
    return next((step for step in reversed(steps) if step.action == action), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request, action):
    """Show the form of one action, and take the step."""
    row = _row_of_citizen(action)
    if row is None:
        raise Http404
    opened = opened_case(request)
    if opened is None and request.method == "POST":
        asked = FollowForm(initial={"receipt": request.POST.get("letter", "")})
        return _look_up_page(request, asked, action)
    if opened is None:
        return redirect("mailbox:follow")
    display.switch(request)
    offer = _offer_of(opened, action)
    kept = more_files.sent(request, opened, action)
    asked = display.is_asked(request)
    if request.method == "POST" and not asked:
        return _take(request, opened, row, offer, kept)
    form = offer and _as_typed(request, offer.form())
    begun = form and (any(form.initial.values()) or kept.files or kept.error)
    if offer is None or (asked and action in _AT_ONCE and not begun):
        return display.remember(request, redirect("mailbox:case"))
    return _form_page(request, opened, action, form, kept=kept)


def _take(request, opened, row, offer, kept):
    plain = DoingForm(row, request.POST)  # before what it did itself left fewer choices
    files, seen = len(kept.files) + kept.gone, request.POST.get("seen", "")
    if plain.is_valid() and is_done(opened, row.action, seen, files, plain.said()):
        attachments.discard_unclaimed(kept.stored)
        return _submitted(request, row)
    form = offer.form(request.POST) if offer else plain
    form.full_clean()
    if kept.error:
        form.add_error("files" if "files" in form.fields else None, kept.error)
    return _try(request, opened, row, form, kept)


def _try(request, opened, row, form, kept):
    if form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            throttle.check(f"letter {row.action}", str(opened.pk), *PER_LETTER)
            do(opened.pk, row.action, seen=seen, files=kept.stored, **form.said())
        except throttle.TooManyAttempts as error:
            form.add_error(None, error.message)
        except WrongState:  # an officer was quicker
            opened.refresh_from_db()
            return _form_page(request, opened, row.action, form, late=_too_late(opened), kept=kept)
        except Refusal as error:
            form.add_error(None, error.message)
        else:
            attachments.discard_unclaimed(kept.stored)  # of a step that was taken before
            return _submitted(request, row)
    return _form_page(request, opened, row.action, form, kept=kept)


def _submitted(request, row):
    messages.success(request, _("已提交。%(done)s") % {"done": STEPS[row.action]})
    return redirect("mailbox:case")


def _too_late(opened):
    """Return what somebody reads who was still typing when their letter went on."""
    state = STATES[opened.state].citizen_label
    return _("您填写的时候，来信有了变化：%(state)s。现在不能提交这一项。") % {"state": state}


def _form_page(request, opened, action, form, late="", again=False, kept=None):
    """Show the form of one action. late: why it can't be sent any more. again: after opening anew."""
    others = [offer for offer in offers(opened) if offer.action != action] if late else []
    # An answer to a question that nobody asks any more can be sent as an addition, as it is.
    instead = next((o for o in others if (action, o.action) == ("supply", "add")), None)
    if instead:
        action, typed = instead.action, form["text"].value()
        form = instead.form()
        form.initial = {"text": typed}
        others.remove(instead)
    elif late and kept:
        attachments.discard_unclaimed(kept.stored)
    context = {"case": opened, "action": action, "doing": DOINGS[action], "form": form}
    context |= {"late": late, "others": others, "again": again, "instead": instead, "kept": kept}
    return display.page(request, "mailbox/action.html", context)


@require_safe
@with_letter
def download(request, opened, pk):
    """Send one of the letter's own files, never to be shown in the page."""
    return _sent(get_object_or_404(Attachment, pk=pk, letter=opened.pk))


@require_safe
@with_letter
def download_more(request, opened, pk):
    """Send one of the files that the writer sent later."""
    own = {"event__case": opened.pk, "event__role": BY_CITIZEN}
    return _sent(get_object_or_404(Evidence, pk=pk, **own))


def _sent(attachment):
    try:
        file, headers = attachments.open_for_download(attachment)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, as_attachment=True, filename=attachment.name, headers=headers)

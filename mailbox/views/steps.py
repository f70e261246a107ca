"""The form in steps: each page keeps what was typed on it, so that back, forward and reload do."""

import re
from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import alarms, suggesting
from cases.refusals import Incomplete
from mailbox import display, likely, proof, questions, sending, steps, unsent
from mailbox.letter_form import LetterForm, mailbox_name
from mailbox.unsent import Writing

# A page may be shown again from the browser's own memory, with what was typed and not sent yet, but
# for those that say who writes. Clearing empties that memory (slow on a phone, so sending doesn't).
_kept_by_the_browser = cache_control(private=True, no_cache=True)
# What may no longer fit once another step was changed: another mailbox's place, another's name.
_ASKED_ANEW = {"place": "mailbox", "acting": "others"}
_ABOUT_PEOPLE = ("others", "person", "guardian")


@never_cache
@require_safe
def begin(request):
    """Lead to the first step; to somebody who was writing, offer to go on or to clear it."""
    writing = unsent.of(request)
    if writing is None:
        return redirect("mailbox:step", steps.STEPS[0].name)
    return render(request, "mailbox/resume.html", {"next": steps.missing(writing)})


@require_POST
def clear(request):
    """Delete all that was typed."""
    unsent.forget(request, unsent.STEPS, unsent.PAGE)
    return _emptied(redirect("mailbox:cleared"))


@require_safe
def cleared(request):
    """Say that it is gone."""
    return render(request, "mailbox/cleared.html")


@_kept_by_the_browser
@require_http_methods(["GET", "HEAD", "POST"])
@unsent.alone
def step(request, name):
    """Show one step, or keep what was typed on it and go on."""
    writing = unsent.of(request) or Writing()
    if name not in steps.BY_NAME:
        raise Http404
    asked = steps.BY_NAME[name]
    if not asked.applies(writing.typed):
        return _go(steps.missing(writing))
    if request.method != "POST":
        return _page(request, asked, writing, _form(asked, writing))
    if name == "files":
        return _files(request, asked, writing)
    fields = steps.fields_of(asked, writing.typed)
    if "left" in request.POST:
        return _half(request, asked, writing, fields)
    form = LetterForm(request.POST, only=fields, known=writing.typed)
    good = form.is_valid()
    _put(request, asked, writing, fields)
    if good and "accused_unit" in fields:
        writing.put({"accused_unit": form.cleaned_data["accused_unit"]})
    writing.mark(name, is_done=good)
    alarm = name == "content" and good and _is_first_alarm(writing)
    try:
        writing.save(request)
    except sending.TooMany as error:
        form.add_error(None, error.message)
        return _page(request, asked, writing, form)
    left = _left(request, asked, writing)
    if left or not good:
        return left or _page(request, asked, writing, form)
    onward = _onward(request, asked, writing)
    return _emergency(request, onward.url) if alarm else onward


def _put(request, asked, writing, fields):
    before, writing.typed_at[asked.name] = dict(writing.typed), _moment(request)
    writing.put({field: request.POST.get(field, "") for field in fields})
    for name, step in _ASKED_ANEW.items():
        if writing.typed.get(name) != before.get(name):
            writing.mark(step, is_done=False)


def _half(request, asked, writing, fields):
    """Keep what the page sends by itself when it is left; a page of a letter that is gone keeps nothing.

    Nor one that comes after what was typed later: on a slow network, or once a telephone wakes up.
    """
    known = writing.typed["key"] if writing.row else ""
    is_late = _moment(request) < writing.typed_at.get(asked.name, 0)
    if request.POST["left"] in ("", known) and not is_late:
        _put(request, asked, writing, fields)
        writing.leave(asked.name)
        with suppress(sending.TooMany):
            writing.save(request)
    return HttpResponse(status=204)


def _moment(request):
    """Return when a page was sent, in milliseconds of the device's own clock; 0 where it does not say."""
    said = request.POST.get("typed_at", "")
    return int(said) if re.fullmatch("[0-9]{1,15}", said) else 0


def _is_first_alarm(writing):
    """Say whether a letter calls for help at once, and its writer has not been led to 110 yet."""
    typed = writing.typed
    if typed.get("emergency_seen") or not alarms.find(typed["title"], typed["body"]):
        return False
    typed["emergency_seen"] = "1"
    return True


def _emergency(request, onward):
    return render(request, "mailbox/emergency.html", {"onward": onward})


def _form(asked, writing):
    """Return the form of a step as it was left; one that was left wrong says so again."""
    typed, fields = writing.typed, steps.fields_of(asked, writing.typed)
    begun = any(typed.get(field) for field in fields)
    if begun and asked.name not in (*writing.done, *writing.half, "files"):
        return LetterForm(typed, only=fields, known=typed)
    first = {name: typed[name] for name in fields if name in typed}
    if asked.name == "category" and not first.get("category"):
        first["category"] = suggesting.category_of(typed.get("title", ""), typed.get("body", ""))
    if asked.name == "mailbox" and not first.get("mailbox"):
        named, _rest = steps.mailboxes_for(typed.get("place", ""))
        first["mailbox"] = named[0].code if len(named) == 2 else ""
    return LetterForm(initial=first, only=fields, known=typed)


def _left(request, asked, writing):
    """Return where a button other than “go on” leads, or None."""
    if "back" in request.POST:
        return _go(steps.before(asked, writing.typed) or asked.name)
    if display.is_asked(request):
        return display.remember(request, redirect("mailbox:step", asked.name))
    return None


def _onward(request, asked, writing):
    to_check = request.POST.get("then") == steps.CHECK
    return _go(steps.missing(writing) if to_check else steps.after(asked, writing))


def _go(name):
    return redirect("mailbox:check") if name == steps.CHECK else redirect("mailbox:step", name)


def _files(request, asked, writing):
    """Take files up one by one, take one away, or go on."""
    form = LetterForm(request.POST, only=asked.fields, known=writing.typed)
    writing.drop(request.POST.getlist("remove"))
    for message in writing.take(request):
        form.add_error("attachments", message)
    good = form.is_valid()
    stays = "remove" in request.POST or "upload" in request.POST
    if not stays:
        writing.mark("files", is_done=good)
    try:
        writing.save(request)
    except sending.TooMany as error:
        form.add_error(None, error.message)
        good = False
    left = _left(request, asked, writing)
    if left or not good:
        return left or _page(request, asked, writing, form)
    return redirect("mailbox:step", "files") if stays else _onward(request, asked, writing)


def _page(request, asked, writing, form):
    path = steps.path_of(writing.typed)
    then = request.POST.get("then") or request.GET.get("then", "")
    context = {
        "step": asked,
        "form": form,
        "number": path.index(asked) + 1,
        "count": len(path) + 1,
        "before": steps.before(asked, writing.typed),
        "then": then if then == steps.CHECK else "",
        "writing": writing,
        "begun": writing.row is not None,
        "kept_years": settings.RETENTION_YEARS,
        **_ASIDE.get(asked.name, lambda form, writing: {})(form, writing),
    }
    own, plain = f"mailbox/steps/{asked.name}.html", "mailbox/steps/step.html"
    response = render(request, [own, plain], context)
    if asked.name in _ABOUT_PEOPLE:
        patch_cache_control(response, no_store=True)
    return response


def _mailboxes(form, writing):
    likely, rest = (
        [{"code": box.code, "name": mailbox_name(box), "level": box.level} for box in boxes]
        for boxes in steps.mailboxes_for(writing.typed.get("place", ""))
    )
    return {"likely": likely, "rest": rest, "chosen": form["mailbox"].value()}


def _answers(form, writing):
    """What is often asked, and what others were answered; nobody who reports is kept from it."""
    typed = writing.typed
    said = typed.get("title", ""), typed.get("body", "")
    if typed.get("kind") in ("report", "praise"):
        return {}
    return {"answers": likely.answers(*said), "questions": questions.offered(*said)}


_ASIDE = {"mailbox": _mailboxes, "category": _answers}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request):
    """Show all that was typed with ways to change it; send the letter."""
    writing = unsent.of(request)
    if writing is None:
        return redirect("mailbox:sent" if request.session.get("sent") else "mailbox:begin")
    missing = steps.missing(writing)
    if missing != steps.CHECK:
        return _go(missing)
    if request.method != "POST":
        return _last_look(request, writing)
    if display.is_asked(request):
        return display.remember(request, redirect("mailbox:check"))
    fields = steps.all_fields(writing.typed)
    form = LetterForm(writing.typed, only=fields, known=writing.typed)
    if not form.is_valid():  # a unit was closed meanwhile, or a rule has changed
        return _wrong(request, writing, form.errors)
    return _send(request, writing, form)


def _send(request, writing, form):
    """Keep the letter; show the last look again with what stands in its way."""
    submission = form.submission(translation.get_language())
    submission.attachments = tuple(writing.files)
    known = sending.known(submission)
    if sending.is_another_letter(submission, known):  # a draft that outlived its sending
        writing.begin_another()
        writing.save(request)
        refused = _("您刚才已寄出一封信。这是另一封，请再按一次“寄出”。")
        return _last_look(request, writing, refused=refused)
    try:
        sending.keep(request, submission, known, form.units, form.cleaned_data["notify"])
    except proof.Needed as error:
        return _last_look(request, writing, refused=error.message, **proof.asked(request.POST))
    except sending.TooMany as error:
        return _last_look(request, writing, refused=error.message)
    except Incomplete as error:
        return _wrong(request, writing, error.fields)
    unsent.forget(request, unsent.STEPS)
    return redirect("mailbox:sent")


def _wrong(request, writing, names):
    """Lead to the first step that holds something wrong."""
    for asked in steps.path_of(writing.typed):
        if set(steps.fields_of(asked, writing.typed)) & set(names):
            writing.mark(asked.name, is_done=False)
    writing.save(request)
    return _go(steps.missing(writing))


def _last_look(request, writing, **more):
    context = {
        "parts": steps.summary(writing),
        "named": steps.names_its_writer(writing.typed, writing.files),
        "two": steps.seems_two(writing.typed.get("body", "")),
        "before": steps.path_of(writing.typed)[-1].name,
        "begun": True,
        **more,
    }
    return render(request, "mailbox/check.html", context)


def _emptied(response):
    """Have the browser forget its pages of ours, so that “back” shows nobody what was typed."""
    response["Clear-Site-Data"] = '"cache"'
    return response

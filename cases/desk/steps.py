"""Taking a step: one address an action, for every action that the table gives officers."""

from contextlib import suppress

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import access, actors, attachments, drafts, inputs, kept_files, worlds
from cases.desk.case_page import render_case
from cases.desk.drafts import seen_in, typed_for
from cases.desk.forms import StepForm
from cases.desk.mention_pages import say_whom_it_reached
from cases.desk.pages import find_case, officer_page
from cases.desk.rights import READS
from cases.identity import clean
from cases.refusals import Incomplete, NotFound, Refusal, Stale
from cases.transitions import BY_OFFICER, START, TRANSITIONS
from cases.workflow import WITH_FILES, perform


@officer_page("POST", needs=READS)
def act(request, receipt, action):
    """Take one step; a refusal shows the page again with everything typed still there."""
    row = TRANSITIONS.get(action)
    if row is None or BY_OFFICER not in row.roles or START in row.sources:
        raise NotFound()
    case = find_case(request.user, receipt)
    form = StepForm(row, request.user, case, request.POST, kept=_kept(request, row, case))
    refusal = attempt(request.user, case, form, seen_in(request.POST))
    if refusal:
        return _refused(request, receipt, form, refusal)
    messages.success(request, _("“%(action)s”已完成。") % {"action": row.label})
    if action == "note":
        say_whom_it_reached(request, case, form.said().get("text", ""))
    if request.POST.get("from") == "leading":
        return redirect("desk:leading")
    if not access.visible_cases(request.user).filter(pk=case.pk).exists():
        return redirect("desk:list")
    return redirect("desk:case", receipt)


def attempt(user, case, form, seen):
    """Take the step of a form; return None once it is taken, or the Refusal.

    A step that is sent twice is taken once; what was saved of its draft is done with. Raises: NotFound.
    """
    said = {"actor": actors.officer(user), "at": worlds.now(), "seen": seen}
    if form.kept.error and not _is_sent_twice(user, case, form, seen):
        return Incomplete(form.kept.error, ["files"])
    try:
        perform(case.pk, form.row.action, **said, files=form.kept.stored, **form.said())
    except NotFound:
        raise
    except Stale as refusal:
        if not _is_sent_twice(user, case, form, seen):
            return refusal
    except Refusal as refusal:
        return refusal
    attachments.discard_unclaimed(form.kept.stored)  # of a step that was taken before
    drafts.wipe(user, case, form.row.action)
    return None


def _kept(request, row, case):
    """Return the files of a step that takes any; of a refused one they stay on its page."""
    if row.action not in WITH_FILES:
        return None
    world = worlds.current()
    whose = f"{row.action} of {case.pk} by {request.user.pk} in {world.schema}"
    return kept_files.sent(request, "files", whose, world.mark)


def _refused(request, receipt, form, refusal):
    """Show the page as the case stands now, with the message and what was typed, kept as a draft."""
    fresh = find_case(request.user, receipt)
    refuse(request, fresh, form, refusal)
    return render_case(request, fresh, refused=form, refusal=refusal, status=409)


def refuse(request, case, form, refusal):
    """Say in a form why it was refused, and keep what it holds as a draft of its officer."""
    form.refuse(refusal)
    if request.user.has_perm(f"cases.{form.row.permission}"):
        typed, seen = typed_for(form.row, request.POST), seen_in(request.POST)
        with suppress(drafts.TooLong):
            form.draft = drafts.save(request.user, case, form.row, typed, seen, worlds.now())


def _is_sent_twice(user, case, form, seen):
    """Return whether this very step is the last one: a double click, or a request repeated."""
    last = case.events.select_related("message").order_by("-seq").first()
    text = last.message.body if hasattr(last, "message") else ""
    said = form.said()
    return (
        last.seq == seen + 1
        and last.action == form.row.action
        and last.user_id == user.pk
        and text == inputs.with_link(clean(said.get("text", "")), clean(said.get("link", "")))
    )

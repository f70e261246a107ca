"""The planner's what-ifs: a scenario is changed, played beside itself, and what differs is shown."""

from django.contrib import messages
from django.core.cache import cache
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import worlds
from simulation import changing, comparing, sources, standing, studies
from simulation.models import SavedScenario, Study
from simulation.pages import BROKER_ERRORS, LISTED, TOKEN_SECONDS, missing, planner_page, show
from simulation.reader import ScenarioError
from simulation.showing import duration
from simulation.whatif_form import HOW, WhatIfForm

DEFAULT = "guangdong-2021"
KIND, STAFF = "what-if", "staff"
PAGES = {KIND: ("studies", "study"), STAFF: ("staff-list", "staff")}


@planner_page("GET")
def study_list(request):
    """List the what-ifs, newest first."""
    found = Study.objects.filter(kind=KIND).defer("text")[:LISTED]
    context = {"title": _("假设比较"), "rows": [(study, progress_of(study)) for study in found]}
    return show(request, "studies", context)


@planner_page("GET", "POST")
def new_study(request):
    """Change a scenario's values, and start a comparison or save it as a scenario."""
    name = request.GET.get("scenario") or DEFAULT
    if name not in sources.names():  # a path would read any file of the server
        return missing(request)
    try:
        form = WhatIfForm(name, request.POST or None)
    except ScenarioError:
        return missing(request)
    if request.method == "POST" and form.is_valid():
        answer = _save(request, form) if "save" in request.POST else _start(request, form)
        if answer:
            return answer
    context = {
        "title": _("新建假设比较"),
        "form": form,
        "scenario": name,
        "scenarios": sources.names(),
        "how": HOW,
    }
    return show(request, "whatif", context, status=400 if form.errors else 200)


def _save(request, form):
    """Keep the changed scenario under its name; None if it has none."""
    name = form.cleaned_data["name"]
    if not name:
        form.add_error("name", _("要保存，请先起个名字。"))
        return None
    text = sources.changed(form.text, form.scenario, form.changes, name)
    SavedScenario.objects.create(
        name=name,
        text=text,
        note=changing.said(form.changes)[:200],
        created_by=request.user,
        created_at=worlds.now(),
    )
    messages.success(request, _("已存为情景“%(name)s”，新建模拟时可以选它。") % {"name": name})
    return redirect(f"{reverse('simulation:new')}?scenario={name}")


def _start(request, form):
    values = form.cleaned_data
    token, study = f"study-started-{request.user.pk}-{values['token']}", None
    try:
        if not cache.add(token, "", TOKEN_SECONDS):
            messages.info(request, _("这次比较已经提交过了。"))
            return redirect("simulation:studies")
        study = studies.create(
            KIND,
            form.text,
            arms={comparing.BASE: {}, comparing.CHANGED: form.changes},
            seeds=studies.seeds(1, values["replications"]),
            scenario=form.scenario,
            name=f"{form.scenario}: {changing.said(form.changes)}"[:120],
            user=request.user,
            spec={"changes": form.changes},
        )
        studies.start(study)
    except BROKER_ERRORS:
        if study:
            studies.cancel(study)
            Study.objects.filter(pk=study.pk).delete()
        form.add_error(None, _("消息队列（Redis）连不上，没有开始比较。请稍后再试，或联系管理员。"))
        return None
    return redirect("simulation:study", study.pk)


@planner_page("GET", of=Study, kind=KIND)
def study_page(request, study):
    """Show a what-if: how far it is, then what differs; ?part=progress gives the part that polls."""
    progress = progress_of(study, ask_workers=True)
    context = {"title": study.name, "study": study, "progress": progress}
    if request.GET.get("part") == "progress":
        return show(request, "study_progress", context)
    if study.status == Study.DONE:
        arms = studies.by_arm(study)
        rows = comparing.arms(arms[comparing.BASE], arms[comparing.CHANGED])
        context["sentences"] = comparing.sentences(rows)
        context["rows"] = [_shown(row) for row in rows]
        context["replications"] = len(arms[comparing.BASE])
    return show(request, "study", context)


def _shown(row):
    low, high = (comparing.text(v, row.kind, signed=True) for v in (row.low, row.high))
    return {
        "label": row.label,
        "base": comparing.text(row.base, row.kind),
        "changed": comparing.text(row.changed, row.kind),
        "difference": comparing.text(row.difference, row.kind, signed=True),
        "interval": f"{low} – {high}",
        "better": row.better,
        "sure": row.sure,
    }


@planner_page("POST", of=Study, kind__in=PAGES)
def cancel_study(request, study):
    """Stop a what-if, or a search for staffing, that goes on."""
    if studies.cancel(study):
        messages.success(request, _("已取消。"))
    else:
        messages.info(request, _("已经结束，没有可取消的。"))
    return _back(study)


@planner_page("POST", of=Study, kind=KIND)
def resume_study(request, study):
    """Go on with a what-if that was cancelled or failed; what it has played stays."""
    if study.status not in (Study.CANCELLED, Study.FAILED):
        messages.info(request, _("这次比较没有中断，不用接着做。"))
        return _back(study)
    try:
        studies.resume(study)
    except BROKER_ERRORS:
        studies.cancel(study)
        messages.error(
            request, _("消息队列（Redis）连不上，没有开始比较。请稍后再试，或联系管理员。")
        )
    return _back(study)


def _back(study):
    return redirect(f"simulation:{PAGES[study.kind][1]}", study.pk)


@planner_page("POST", of=Study, kind__in=PAGES)
def delete_study(request, study):
    """Delete a what-if or a search for staffing with its replications."""
    try:
        studies.delete(study)
    except ValueError as error:
        messages.error(request, str(error))
        return _back(study)
    messages.success(request, _("已删除“%(name)s”。") % {"name": study.name})
    return redirect(f"simulation:{PAGES[study.kind][0]}")


def progress_of(study, ask_workers=False):
    """Return what a page says of a study's progress: done, whole, percent, time left, trouble."""
    done, whole = studies.progress(study)
    left = ""
    if study.unfinished and study.started_at and done:
        seconds = (worlds.now() - study.started_at).total_seconds()
        left = duration(seconds / done * (whole - done))
    found = {"done": done, "whole": whole, "percent": 100 * done // (whole or 1), "left": left}
    return {**found, "trouble": standing.of_study(study) if ask_workers else ""}

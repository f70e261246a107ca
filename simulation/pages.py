"""The planner's pages: runs listed, started, watched, read, cancelled and deleted."""

from datetime import timedelta
from functools import wraps
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.cache import cache
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.desk.pages import polled
from cases.desk.rights import allows, declare, having
from cases.policy import PolicyError
from simulation import busy, gallery, pictures, room, runs, showing, standing
from simulation.claims import BROKER_ERRORS
from simulation.forms import RunForm
from simulation.models import Run, Study
from simulation.reader import ScenarioError

TOKEN_SECONDS = 3600
RELATED = {Run: ("world", "created_by"), Study: ("created_by",)}
LISTED = 200
PLANS = having("run_simulation")
AGAIN = ("scenario", "text", "changes", "letters", "seed", "name", "note")


def planner_page(*methods, of=Run, **which):
    """Make a view one for officers who may run simulations; to others it looks absent.

    A view that takes `pk` is given the row of the model `of`; one that isn't there, or is no such
    row as the filters `which` say, looks the same.
    """

    def decorate(view):
        @wraps(view)
        def page(request, pk=None, **more):
            if not allows(page, request):
                return missing(request)
            if pk is None:
                return view(request)
            row = of.objects.select_related(*RELATED[of]).filter(pk=pk, **which).first()
            return view(request, row, **more) if row else missing(request)

        declare(page, methods, PLANS)
        return never_cache(staff_member_required(require_http_methods(methods)(page)))

    return decorate


def missing(request):
    return show(request, "missing", {"title": _("没有找到")}, status=404)


def show(request, name, context, status=200):
    frame = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"simulation/{name}.html", {**frame, **context}, status=status)


@planner_page("GET")
def run_list(request):
    """List the runs, newest first; ?part=rows gives the table alone, for the script that polls."""
    found = list(Run.objects.select_related("world").defer("report", "stations")[: LISTED + 1])
    context = {
        "title": _("模拟运行"),
        "rows": [(run, standing.of(run)) for run in found[:LISTED]],
        "more": len(found) > LISTED,
        "listed": LISTED,
        "polled": any(run.unfinished for run in found),
    }
    if request.GET.get("part") == "rows":
        return show(request, "rows", context)
    sizes = {"taken": room.in_words(room.taken()), "limit": room.in_words(room.limit())}
    return show(request, "list", context | sizes)


@planner_page("GET", "POST")
def new_run(request):
    """Start a simulation; the same form sent twice starts one."""
    asked = {"scenario": request.GET["scenario"]} if "scenario" in request.GET else None
    form = RunForm(request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, form.cleaned_data)
        except room.NoRoom as refusal:
            form.add_error("letters", refusal.message)
        except BROKER_ERRORS:
            form.add_error(
                None, _("消息队列（Redis）连不上，没有开始模拟。请稍后再试，或联系管理员。")
            )
    if form.errors:  # what is sent next is another request; the old token may be taken
        form.data = {**form.data.dict(), "token": uuid4()}
    status = 400 if form.errors else 200
    return show(request, "form", {"title": _("新建模拟"), "form": form}, status=status)


@planner_page("POST")
def run_again(request, run):
    """Start a run that plays just what another played: its text, changes, letters and seed."""
    asked = {name: getattr(run, name) for name in AGAIN}
    try:
        return _start(request, {**asked, "token": request.POST.get("token", "")[:40]})
    except (ScenarioError, PolicyError, room.NoRoom) as error:  # refused by now
        messages.error(request, str(error))
    except BROKER_ERRORS:
        messages.error(
            request, _("消息队列（Redis）连不上，没有开始模拟。请稍后再试，或联系管理员。")
        )
    return redirect("simulation:run", run.pk)


def _start(request, values):
    """Make and send the run. Raises: BROKER_ERRORS; then no run is left."""
    values = dict(values)
    key = f"simulation-started-{request.user.pk}-{values.pop('token')}"
    if not cache.add(key, "", TOKEN_SECONDS):
        messages.info(request, _("这次模拟已经提交过了。"))
        return redirect("simulation:list")
    run = runs.create(values.pop("scenario"), **values, user=request.user)
    try:
        runs.start(run)
    except BROKER_ERRORS:
        runs.cancel(run)
        run.refresh_from_db()
        runs.delete(run)
        raise
    return redirect("simulation:run", run.pk)


@planner_page("GET")
def run_page(request, run):
    """Show a run: its progress while it goes on, then its report, or why there is none."""
    context = {
        "title": run.name,
        "run": run,
        "standing": standing.of(run, ask_workers=True),
        "token": uuid4(),
    }
    if run.world:
        context["last_moment"] = run.world.ends_at - timedelta(seconds=1)
    if run.status == Run.DONE:
        context["report"] = showing.report(run)
        context |= _pictures(run, request.GET.get("desk", ""))
    return show(request, "run", context)


def _pictures(run, desk):
    """Return what the page shows beside the curves. desk: whose hours are asked for."""
    found = pictures.of(run)
    return {
        "pictures": gallery.of(run.report, found),
        "busy": busy.picture(found["hours"], desk),
        "desks": busy.desks(found["hours"]),
    }


@planner_page("GET")
@polled
def progress(request, run):
    """Show the part of a run's page that the script asks for again and again."""
    context = {"run": run, "standing": standing.of(run, ask_workers=True)}
    return render(request, "simulation/progress.html", context)


@planner_page("GET")
def report_json(request, run):
    """Give the report as the command's --json writes it."""
    if run.status != Run.DONE:
        return missing(request)
    return JsonResponse(run.report, json_dumps_params={"ensure_ascii": False, "indent": 1})


@planner_page("POST")
def cancel(request, run):
    """Stop a run that goes on."""
    if runs.cancel(run):
        messages.success(request, _("已取消。"))
    else:
        messages.info(request, _("这次模拟已经结束，没有可取消的。"))
    return redirect("simulation:run", run.pk)


@planner_page("GET", "POST")
def delete(request, run):
    """Ask, then delete a run with its world."""
    if request.method == "GET":
        size = room.in_words(room.of(run.world)) if run.world else ""
        return show(request, "delete", {"title": _("删除模拟"), "run": run, "size": size})
    try:
        runs.delete(run)
    except ValueError as error:
        messages.error(request, str(error))
        return redirect("simulation:run", run.pk)
    messages.success(request, _("已删除“%(name)s”和它的全部模拟来信。") % {"name": run.name})
    return redirect("simulation:list")

"""The forecast on a page, for leaders and planners: what will be late if nothing changes."""

from functools import wraps

from django import forms
from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import access, worlds
from cases.desk import spreadsheets
from cases.desk.pages import polled
from cases.desk.rights import allows, declare, having
from cases.policy import PolicyError
from simulation import forecasts, snapshot, sources, standing, studies
from simulation.models import Study
from simulation.pages import BROKER_ERRORS, missing, show
from simulation.reader import ScenarioError
from simulation.showing import number, percent

LISTED = 200


class ForecastForm(forms.Form):
    """For how long, and whose staff and chances."""

    weeks = forms.IntegerField(label=gettext_lazy("周数"), min_value=1)
    scenario = forms.ChoiceField(label=gettext_lazy("情景"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = forecasts.weeks_known(worlds.now())
        self.fields["weeks"].initial = min(forecasts.WEEKS, known)
        self.fields["weeks"].help_text = _("法定工作日历目前最多够 %(n)s 周。") % {"n": known}
        self.fields["scenario"].choices = [(name, name) for name in sources.names()]
        self.fields["scenario"].initial = forecasts.DEFAULT


def _page(*methods):
    def decorate(view):
        @wraps(view)
        def page(request):
            return view(request) if allows(page, request) else missing(request)

        declare(page, methods, having("run_simulation", "lead_case"))
        return never_cache(staff_member_required(require_http_methods(methods)(page)))

    return decorate


@_page("GET", "POST")
def forecast(request):
    """Show the newest forecast; a POST makes a new one unless one is being made, or stops that one."""
    if "cancel" in request.POST:
        return _cancel(request)
    form = ForecastForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, form.cleaned_data)
        except (ScenarioError, PolicyError) as error:
            form.add_error("weeks" if getattr(error, "key", "") == "weeks" else None, _said(error))
        except BROKER_ERRORS:
            form.add_error(None, _("消息队列（Redis）连不上，没有开始预测。请稍后再试。"))
    running, done = forecasts.latest(status=Study.RUNNING), forecasts.latest(status=Study.DONE)
    failed = forecasts.latest()
    context = {
        "trouble": standing.of_study(running) if running else "",
        "title": _("预测"),
        "form": form,
        "running": running,
        "progress": studies.progress(running) if running else None,
        "failed": failed if failed and failed.status == Study.FAILED else None,
        "study": done,
        **(_shown(request.user, done) if done else {}),
    }
    return show(request, "forecast", context, status=400 if form.errors else 200)


def _said(error):
    if getattr(error, "key", "") == "weeks":
        return _("法定工作日历不够这么长，请少填几周。")
    return str(error)


def _start(request, values):
    if forecasts.latest(status=Study.RUNNING):
        messages.info(request, _("已有一次预测正在计算。"))
        return redirect("simulation:forecast")
    study = forecasts.create(values["scenario"], weeks=values["weeks"], user=request.user)
    try:
        studies.start(study)
    except BROKER_ERRORS:
        studies.cancel(study)
        raise
    return redirect("simulation:forecast")


def _cancel(request):
    running = forecasts.latest(status=Study.RUNNING)
    if running and studies.cancel(running):
        messages.success(request, _("已取消。"))
    else:
        messages.info(request, _("没有正在计算的预测。"))
    return redirect("simulation:forecast")


@_page("GET")
@polled
def progress(request):
    """Show the part that the script asks for again and again."""
    running = forecasts.latest(status=Study.RUNNING)
    context = {
        "running": running,
        "progress": studies.progress(running) if running else None,
        "trouble": standing.of_study(running) if running else "",
    }
    return render(request, "simulation/forecast_progress.html", context)


@_page("GET")
def days_csv(request):
    """Give the newest forecast's days as CSV: open letters with their interval, and the old ones."""
    study = forecasts.latest(status=Study.DONE)
    if study is None:
        return missing(request)
    told = forecasts.told(study)
    head = [_("日期"), _("未了结"), _("低"), _("高"), _("其中今天已在的")]
    opened, old = told["open"], told["old"]["middle"]
    columns = (told["days"], opened["middle"], opened["low"], opened["high"], old)
    rows = [head, *zip(*columns, strict=True)]
    return spreadsheets.csv_file(f"forecast-{study.spec['start']}", rows)


def _cleared(told):
    """Return in words on which day the last of today's letters is answered: (middle, interval)."""
    last, days = 7 * told["weeks"], told["cleared"]
    if not told["backlog"]:
        return "–", ""
    if days["low"] is None:
        return _("%(n)s 天内办不完") % {"n": last}, ""
    low, middle, high = (
        f"> {last}" if days[name] is None else number(days[name])
        for name in ("low", "middle", "high")
    )
    return _("第 %(day)s 天") % {"day": middle}, f"({low} – {high})"


def _shown(user, study):
    """Return what the page shows of a finished forecast; only cases that this officer sees."""
    told = forecasts.told(study)
    shares = {row["case"]: row["late"] for row in told["cases"]}
    seen = access.visible_cases(user) if user.unit else None
    found = []
    if seen is not None:
        found = list(seen.filter(pk__in=shares).select_related("letter", "unit"))
    found.sort(key=lambda case: (-shares[case.pk], case.reply_due_at or case.received_at))
    rows = [(case, f"{shares[case.pk]:.0%}") for case in found[:LISTED]]
    curves = {"days": told["days"], "open": told["open"], "old": told["old"]}
    answered = told["answered"]
    if answered:
        share = answered["reopened"] / answered["replied"] if answered["replied"] else None
        answered = {**answered, "days": snapshot.ANSWERED_DAYS, "share": percent(share)}
    words = {"open": _("全部未了结"), "old": _("其中今天已在的"), "band": _("95% 区间")}
    return {
        "told": told,
        "cleared": _cleared(told),
        "answered": answered,
        "daily": number(told["daily"], 1),
        "cases": rows,
        "more": len(found) - len(rows),
        "hidden": len(shares) - len(found),
        "curves": {**curves, "words": words},
        "table": [
            (day, *(number(told["open"][key][n]) for key in ("middle", "low", "high")),
             number(told["old"]["middle"][n]))
            for n, day in enumerate(told["days"])
        ],
    }  # fmt: skip

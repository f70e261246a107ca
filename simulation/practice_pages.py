"""演练: an officer asks for a world of made-up letters, goes in, starts it anew or deletes it."""

from datetime import date

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import worlds
from cases.calendars import SHANGHAI
from cases.desk.middleware import SESSION_KEY
from cases.desk.pages import officer_page, show
from cases.desk.rights import OF_A_UNIT
from cases.refusals import NotFound
from simulation import practice
from simulation.models import Practice
from simulation.pages import BROKER_ERRORS

EARLIEST = date(2021, 5, 1)


class PracticeForm(forms.Form):
    """On which day the world stands, and how many letters it has."""

    day = forms.DateField(
        label=gettext_lazy("从哪一天早上开始"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("请填写日期，例如 2022-03-01。")
        ),
    )
    letters = forms.IntegerField(
        label=gettext_lazy("来信数"),
        min_value=practice.FEWEST,
        max_value=practice.MOST_LETTERS,
        initial=practice.LETTERS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            gettext_lazy("请填写%(low)s至%(high)s的整数。")
            % {"low": practice.FEWEST, "high": practice.MOST_LETTERS},
        ),
    )

    def clean_day(self):
        """Refuse a day for which there is no year to take letters from."""
        day, latest = self.cleaned_data["day"], today()
        if not EARLIEST <= day <= latest:
            raise forms.ValidationError(
                _("请填写%(first)s至%(last)s之间的一天。") % {"first": EARLIEST, "last": latest}
            )
        return day


def today():
    """Return today's date in Beijing."""
    return worlds.now().astimezone(SHANGHAI).date()


@officer_page("GET", "POST", needs=OF_A_UNIT)
def practice_list(request):
    """List this officer's practice worlds; make another. ?part=rows gives the table alone."""
    form = PracticeForm(request.POST or None, initial={"day": today()}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if _ask(request, lambda: practice.ask(request.user, values["day"], values["letters"])):
            return redirect("practice:list")
    mine = list(Practice.objects.filter(owner=request.user).select_related("world").order_by("-pk"))
    now = worlds.fingerprint(worlds.LIVE_SCHEMA) if mine else ""
    context = {
        "title": _("演练"),
        "rows": [(row, row.world and worlds.clock(row.world), _is_old(row, now)) for row in mine],
        "waits": any(row.status == Practice.WAITING for row in mine),
        "form": form,
        "full": len(mine) >= practice.MOST,
        "most": practice.MOST,
        "days": practice.KEPT_DAYS,
        "inside": request.session.get(SESSION_KEY, ""),
    }
    part = "practice_rows" if request.GET.get("part") == "rows" else "practice"
    return show(request, f"simulation/{part}.html", context, status=400 if form.errors else 200)


def _is_old(row, fingerprint):
    """Return whether a world was made before the tables were changed: it cannot be entered."""
    return row.status == Practice.READY and row.world.fingerprint != fingerprint


@officer_page("POST", needs=OF_A_UNIT)
def again(request, pk):
    """Make a practice world anew, with the same letters on the same day."""
    row = _mine(request, pk)
    _ask(request, lambda: practice.again(row))
    return redirect("practice:list")


@officer_page("POST", needs=OF_A_UNIT)
def delete(request, pk):
    """Delete a practice world of this officer's."""
    practice.delete(_mine(request, pk))
    messages.success(request, _("已删除演练世界。"))
    return redirect("practice:list")


def _ask(request, make):
    """Make a row and send it; return whether it could be done, after saying what came of it."""
    try:
        row = make()
    except practice.PracticeRefused as refusal:
        messages.error(request, refusal.message)
        return False
    try:
        practice.send(row)
    except BROKER_ERRORS:
        practice.delete(row)
        messages.error(request, _("消息队列（Redis）连不上，没有开始准备。请稍后再试。"))
        return False
    messages.success(request, _("正在准备演练世界，约一分钟后可以进入。"))
    return True


def _mine(request, pk):
    row = (
        Practice.objects.select_related("world", "owner").filter(pk=pk, owner=request.user).first()
    )
    if row is None or row.status == Practice.WAITING:
        raise NotFound()
    return row

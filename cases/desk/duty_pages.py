"""值班表: the week of a unit, who may write it, and what whoever is on duty is shown."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import access, duty, duty_notices, identity, worlds
from cases.calendars import SHANGHAI
from cases.desk import duty_forms
from cases.desk.counts import capped, in_words
from cases.desk.pages import officer_page, show
from cases.desk.rights import ROSTERS, having
from cases.identity import fold
from cases.models import Officer, Unit
from cases.refusals import NotFound

# So many units without anyone are named.
_NAMED = 30


@officer_page("GET", "POST", needs=ROSTERS, posts=having("lead_case", "change_unit"))
def roster(request):
    """Show the week of a unit, or change it by POST and come back to it."""
    unit, first = _asked(request)
    if request.method == "GET":
        return _show(request, unit, first)
    do = _DOINGS.get(request.POST.get("do"))
    if do is None or not may_write(request.user, unit):
        raise NotFound()
    return do(request, unit, first) or redirect(_address(unit, first))


@officer_page("POST", needs=ROSTERS)
def wishes(request):
    """Keep how this officer wants to be told of new letters while on duty."""
    typed, wanted = request.POST.get("phone", ""), bool(request.POST.get("sms"))
    try:
        phone = identity.check_phone(typed) if typed.strip() or wanted else ""
    except identity.BadInput as error:
        unit, first = _asked(request)
        wrong = {"phone": typed[:40].replace("\x00", ""), "sms": wanted, "why": str(error)}
        return _show(request, unit, first, wrong=wrong, status=400)
    Officer.objects.filter(pk=request.user.pk).update(
        duty_sound=bool(request.POST.get("on")), phone=phone, duty_sms=wanted
    )
    messages.success(request, _("已保存。"))
    return redirect("desk:duty")


def may_write(user, unit):
    """Return whether an officer may write the roster of a unit; from a run's world nobody may."""
    right = user.has_perm("cases.lead_case") or user.has_perm("cases.change_unit")
    return right and worlds.current().live and unit.is_within(user.unit)


def live(user, at):
    """Return what the open page is told of duty: whether on it, what waits, and the newest event."""
    if not user.unit or not worlds.current().live or duty.until(user, at) is None:
        return {"on": False}
    return {"on": True, "newest": duty_notices.newest(user)}


def banner(user, at):
    """Return what my desk says of duty, or None: when mine ends, or that nobody is on duty here."""
    if not user.unit or not worlds.current().live:
        return None
    ends_at = duty.until(user, at)
    alone = user.has_perm("cases.lead_case") and not duty.on_duty(user.unit_id, at).exists()
    if ends_at is None and not alone:
        return None
    count = capped(duty.waiting_at([user.unit_id]) & access.visible_cases(user))
    if ends_at is None and not count:
        return None
    return {"ends_at": ends_at, "waiting": in_words(count), "unit": user.unit}


def _asked(request):
    """Return the unit and the first moment of the week that the address asks for."""
    user = request.user
    code = fold(request.GET.get("unit", "")) or user.unit.code
    unit = Unit.objects.filter(code=code, active=True).first()
    if unit is None or not unit.is_within(user.unit):
        raise NotFound()
    try:
        day = date.fromisoformat(fold(request.GET.get("week", "")))
    except ValueError:
        day = None
    today = worlds.now().astimezone(SHANGHAI).date()
    far = day is None or abs((day - today).days) > 3660
    return unit, duty.monday(today if far else day)


def _address(unit, first):
    return reverse("desk:duty") + f"?unit={unit.code}&week={first:%Y-%m-%d}"


def _show(request, unit, first, form=None, faults=(), wrong=None, status=200):
    at, user = worlds.now(), request.user
    days = [
        (day, duty_forms.DAYS[n], spans, _bars(day, spans))
        for n, (day, spans) in enumerate(duty.week(unit, first))
    ]
    context = {
        "title": _("值班表"),
        "unit": unit,
        "units": _units(user, unit),
        "first": first,
        "today": at.astimezone(SHANGHAI).date(),
        "last": first + timedelta(days=6),
        "before": _address(unit, first - duty.WEEK),
        "after": _address(unit, first + duty.WEEK),
        "here": _address(unit, first),
        "days": days,
        "on_duty": duty.on_duty(unit, at),
        "may_write": may_write(user, unit),
        "form": form or duty_forms.ShiftForm(unit, first),
        "faults": faults[:20],
        "alone": _alone(user, at),
        "wishes": wrong or {"phone": user.phone, "sms": user.duty_sms},
    }
    return show(request, "desk/duty.html", context, status=status)


def _bars(day, spans):
    """Return (x, width) of each span that is manned, in minutes of the day, for the drawing."""
    midnight = datetime.combine(day, time(), SHANGHAI)
    minute = timedelta(minutes=1)
    return [
        ((span.starts_at - midnight) // minute, (span.ends_at - span.starts_at) // minute)
        for span in spans
        if span.duty
    ]


def _units(user, unit):
    """Return the units whose roster can be chosen: the own one, and those below that have officers."""
    below = Unit.objects.filter(path__startswith=user.unit.path, active=True)
    staffed = below.filter(pk__in=Officer.objects.filter(is_active=True).values("unit"))
    return sorted({*staffed, user.unit, unit}, key=lambda one: (one.path.count("/"), one.pinyin))


def _alone(user, at):
    """Return (unit, how many letters wait there) where nobody is on duty, for those who lead."""
    if not user.has_perm("cases.lead_case"):
        return []
    cases = access.visible_cases(user).filter(state__in=duty.WAITING, unit__in=user.unit.below)
    cases = cases.exclude(unit__in=duty.manned_units(at)).order_by()
    counts = dict(cases.values_list("unit").annotate(n=Count("pk")))
    units = Unit.objects.in_bulk(counts)
    most = sorted(counts.items(), key=lambda item: (-item[1], units[item[0]].pinyin))
    return [(units[pk], count) for pk, count in most[:_NAMED]]


def _add(request, unit, first):
    form = duty_forms.ShiftForm(unit, first, request.POST)
    if not form.is_valid():
        return _show(request, unit, first, form=form, status=400)
    messages.success(request, _("已加入%(n)s个班次。") % {"n": duty.add(form.rows())})
    return None


def _remove(request, unit, first):
    key = fold(request.POST.get("duty", ""))
    if key.isdecimal() and len(key) < 18:
        duty.remove(unit, int(key), worlds.now())
    return


def _copy(request, unit, first):
    count = duty.copy_week(unit, first)
    messages.success(request, _("已从上一周复制%(n)s个班次。") % {"n": count})
    return


def _import(request, unit, first):
    """Take a whole file of shifts, or, if one line is wrong, nothing of it."""
    rows, faults = duty_forms.read_file(unit, request.FILES.get("file"))
    if faults:
        return _show(request, unit, first, faults=faults, status=400)
    messages.success(request, _("已从文件加入%(n)s个班次。") % {"n": duty.add(rows)})
    return None


_DOINGS = {"add": _add, "remove": _remove, "copy": _copy, "import": _import}

"""移交: whoever leaves or is ill gives all open cases to others of the unit, one event each."""

from dataclasses import dataclass

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access, actors, guards, inputs, worlds
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.identity import clean
from cases.models import Case, Officer
from cases.refusals import Refusal
from cases.transitions import STATES, TRANSITIONS
from cases.workflow import perform

ROW = TRANSITIONS["hand_over"]
# So many in one request; what is left is handed over by pressing again.
LIMIT = 300


@dataclass(frozen=True)
class Line:
    """One case of the officer: why it cannot be handed over, or ""."""

    case: Case
    state: str
    why_not: str


class HandOverForm(forms.Form):
    """From whom, to whom, and why."""

    giver = forms.ModelChoiceField(
        Officer.objects.none(), label=gettext_lazy("移交人"), empty_label=gettext_lazy("请选择")
    )
    taker = forms.ModelChoiceField(
        Officer.objects.none(), label=gettext_lazy("接收人"), empty_label=gettext_lazy("请选择")
    )
    text = forms.CharField(
        label=gettext_lazy("移交说明（可不填，仅内部可见）"),
        required=False,
        max_length=500,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, user, data=None):
        super().__init__(data, label_suffix="")
        counts = dict(open_cases(user).values_list("officer").annotate(n=Count("pk")).order_by())
        givers = Officer.objects.filter(pk__in=counts).select_related("unit")
        self.fields["giver"].queryset = givers.order_by("unit__pinyin", "username")
        self.fields["giver"].label_from_instance = lambda giver: _with_count(giver, counts)
        units = open_cases(user).values("unit")
        takers = Officer.objects.filter(is_active=True, unit__in=units).select_related("unit")
        self.fields["taker"].queryset = takers.order_by("unit__pinyin", "username")
        self.fields["taker"].label_from_instance = Officer.with_unit

    def clean(self):
        """Refuse handing over to oneself."""
        said = super().clean()
        if said.get("giver") and said.get("giver") == said.get("taker"):
            self.add_error("taker", _("移交人和接收人不能是同一人。"))
        return said


@officer_page("GET", "POST", needs=having("hand_over_case"))
def hand_over(request):
    """Show what would be handed over, and by POST hand it over; what cannot be is listed with why."""
    typed = request.POST if request.method == "POST" else request.GET
    form = HandOverForm(request.user, typed if typed.get("giver") else None)
    ready = form.is_bound and form.is_valid()
    context = {
        "title": _("移交承办件"),
        "form": form,
        "may_deactivate": may_deactivate(request.user),
    }
    if ready and request.method == "POST":
        context |= _hand_over_all(request, **form.cleaned_data)
    elif form.is_bound and {"giver", "taker"} <= form.cleaned_data.keys():
        said = form.cleaned_data
        context["lines"] = lines(request.user, said["giver"], said["taker"])
        context["possible"] = sum(not line.why_not for line in context["lines"])
    status = 400 if request.method == "POST" and not ready else 200
    return show(request, "desk/handover.html", context, status=status)


def open_cases(user):
    """Return the cases that this officer sees, that have an officer, and that can be handed over."""
    cases = access.visible_cases(user).filter(officer__isnull=False, state__in=ROW.sources)
    return cases.filter(unit__in=user.unit.below) if user.unit else cases


def lines(user, giver, taker):
    """Return a Line for each case that the giver has, those with a promise due first."""
    cases = open_cases(user).filter(officer=giver).select_related("letter", "mailbox", "unit")
    cases = cases.order_by("next_due_at", "pk")[:LIMIT]
    actor, at = actors.officer(user), worlds.now()
    return [
        Line(case, STATES[case.state].label, _why_not(case, actor, taker, at)) for case in cases
    ]


def may_deactivate(user):
    """Return whether this officer may close the account as well."""
    return user.has_perm("cases.change_officer") and worlds.current().live


def _why_not(case, actor, taker, at):
    """Return the sentence with which perform would refuse this hand-over, or ""."""
    try:
        said = inputs.read_fields(ROW, {"officer": taker})
        guards.check(case, ROW, actor, said, at)
    except Refusal as refusal:
        return str(refusal.message)
    return ""


def _hand_over_all(request, giver, taker, text):
    """Take one step a case; return what the page says of it."""
    actor, done, refused = actors.officer(request.user), [], []
    said = {"officer": taker} | ({"text": clean(text)} if clean(text) else {})
    for line in lines(request.user, giver, taker):
        case = line.case
        try:
            perform(case.pk, ROW.action, actor=actor, at=worlds.now(), seen=case.seq, **said)
        except Refusal as refusal:
            refused.append(Line(case, line.state, str(refusal.message)))
        else:
            done.append(line)
    left = open_cases(request.user).filter(officer=giver).count()
    closed = request.POST.get("deactivate") and _deactivate(request.user, giver, left)
    return {"done": done, "refused": refused, "left": left, "closed": closed}


def _deactivate(user, giver, left):
    """Close the giver's account once nothing is left with them; return whether it was."""
    above = giver.is_superuser and not user.is_superuser
    if not may_deactivate(user) or left or above or giver.pk == user.pk:
        return False
    Officer.objects.filter(pk=giver.pk).update(is_active=False)
    giver.end_sessions()  # also for when the account is opened again
    message = _("移交后停用账号")
    LogEntry.objects.log_actions(user.pk, [giver], CHANGE, message, single_object=True)
    return True


def _with_count(officer, counts):
    words = _("%(who)s：%(n)s件") if officer.is_active else _("%(who)s（账号已停用）：%(n)s件")
    return words % {"who": officer.with_unit(), "n": counts[officer.pk]}

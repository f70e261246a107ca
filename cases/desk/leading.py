"""领导: what waits for a leader on one page, and what leaders have begun on the page of a case."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cases import access, extensions, in_force, inputs, leading, worlds
from cases.calendars import SHANGHAI
from cases.desk import clock_words, waiting
from cases.desk.forms import StepForm
from cases.desk.history import text_of
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.fields import FIELDS, FINDINGS
from cases.models import Case
from cases.transitions import TRANSITIONS, State

_MANY = 50


@dataclass(frozen=True)
class Line:
    """One thing that stands: its name, what it is, whether it is late, words and an address."""

    label: str
    value: str
    late: bool = False
    text: str = ""
    link: str = ""


@dataclass(frozen=True)
class Item:
    """One letter on the leader's page: since when, what about it, and what was written.

    forms: of the steps that can be taken here.
    """

    case: Case
    since: datetime
    line: Line
    forms: tuple = ()


@officer_page("GET", needs=having("lead_case"))
def leaders_page(request):
    """Show a leader the direct reports, their own cases and meetings, and what they must decide."""
    user, at = request.user, worlds.now()
    mine = _seen(leading.charges().filter(user=user), user)
    met = _seen(leading.meetings().filter(user=user).order_by("slot", "pk"), user)
    reports = _seen(leading.reports().filter(case__mailbox=user.unit_id), user)
    context = {
        "title": _("领导"),
        "reports": [_item(event, report_line(event)) for event in reports],
        "requests": [_request(event, user, at) for event in _requests(user)],
        "returned": _returned(user),
        "meetings": [_item(event, meeting_line(event, at)) for event in met],
        "charges": [_item(event, _clock_line(event.case, at)) for event in mine],
    }
    return show(request, "desk/leaders.html", context)


def _seen(events, user):
    """Return the first of these events whose case the officer sees, the oldest first."""
    shown = ("message", "user__unit", "case__letter", "case__mailbox", "case__unit")
    if not events.query.order_by:
        events = events.order_by("at", "pk")
    return events.filter(case__in=access.visible_cases(user)).select_related(*shown)[:_MANY]


def _requests(user):
    """Return the requests for an extension on which this leader's word is waited for."""
    return _seen(extensions.requests().filter(case__in=waiting.asking_for_time(user)), user)


def _request(event, user, at):
    """Return the Item of a request, with the forms that grant it and refuse it."""
    case, now = event.case, _clock_line(event.case, at)
    days = _("申请延期%(n)s天") % {"n": event.data["days"]}
    words = " · ".join(filter(None, [days, str(event.user or ""), now.value]))
    first = {extensions.GRANT: {"days": event.data["days"]}}
    forms = []
    for action in (extensions.GRANT, extensions.REFUSE):
        form = StepForm(TRANSITIONS[action], user, case, first=first.get(action, {}))
        form.auto_id = f"{action}-{case.pk}-%s"  # one page, many letters
        forms.append(form)
    return Item(case, event.at, Line(days, words, now.late, text_of(case, event)), tuple(forms))


def _item(event, line):
    return Item(event.case, event.at, line)


def _returned(user):
    """Return the letters sent back so often that a leader says where they go."""
    limit = in_force.policy().return_limit
    cases = access.visible_cases(user).filter(
        state=State.ACCEPTED, unit=user.unit_id, returns__gte=limit
    )
    return list(
        cases.select_related("letter", "mailbox", "unit").order_by("updated_at", "pk")[:_MANY]
    )


def _clock_line(case, at):
    face = clock_words.face(case, at)
    words = f"{face.clock} {face.left}".strip()
    return Line("", words, face.colour == "red")


def live(user, at):
    """Return how many direct reports and requests wait for this officer, for pages that stay open."""
    if not user.has_perm("cases.lead_case"):
        return "0"
    reports = leading.reports().filter(case__mailbox=user.unit_id)
    seen = reports.filter(case__in=access.visible_cases(user))
    asked = waiting.asking_for_time(user)
    return str(seen.order_by()[:_MANY].count() + asked.order_by()[:_MANY].count())


def next_steps(case, at):
    """Return the actions for which a case waits for a leader: a direct report, minutes to write."""
    stands = leading.standing(case)
    held = stands.meeting and at >= leading.slot_of(stands.meeting)
    return [*(["instruct"] if stands.report else []), *(["meet"] if held else [])]


def panel(case, at):
    """Return the Lines of what leaders and inspectors have begun on a case."""
    stands = leading.standing(case)
    lines = []
    if stands.report:
        lines.append(report_line(stands.report))
    if stands.charge:
        who = _("%(who)s，自%(day)s") % {
            "who": stands.charge.user or "",
            "day": day(stands.charge.at),
        }
        lines.append(Line(_("包案领导"), who, text=text_of(case, stands.charge)))
    if stands.meeting:
        lines.append(meeting_line(stands.meeting, at))
    if stands.clue:
        words = clock_words.in_words(stands.clue_due_at, at)
        lines.append(Line(_("立案审查"), words, at > stands.clue_due_at))
    elif stands.filing:
        lines.append(filing_line(stands.filing))
    if stands.finding:
        lines.append(finding_line(case, stands.finding))
    if stands.rectification or stands.rectified:
        lines.append(rectification_line(case, stands, at))
    return lines


def report_line(event):
    """Return the Line of a direct report that nobody has read."""
    return Line(_("直报"), _("待领导阅知"), True, text_of(event.case, event))


def meeting_line(event, at):
    """Return the Line of a meeting that is arranged, or whose minutes are missing."""
    how = dict(FIELDS["how"].choices)[event.data["how"]]
    begun = at >= leading.slot_of(event)
    words = f"{event.data['slot'][:16].replace('T', ' ')}，{how}"
    words += "，" + _("请登记会见") if begun else ""
    text, link = inputs.split_link(text_of(event.case, event))
    return Line(_("约定会见"), words, begun, text, link)


def filing_line(event):
    """Return the Line of a decision on a clue."""
    words = dict(FIELDS["filing"].choices)[event.data["filing"]]
    return Line(_("立案审查"), f"{words} {event.data.get('number', '')}".strip())


def finding_line(case, event):
    """Return the Line of a finding."""
    return Line(_("认定"), dict(FINDINGS)[event.data["finding"]], text=text_of(case, event))


def rectification_line(case, stands, at):
    """Return the Line of a rectification: done, or by when."""
    if stands.rectified:
        done = _("已于%(day)s完成") % {"day": day(stands.rectified.at)}
        return Line(_("整改"), done, text=text_of(case, stands.rectified))
    due_at = stands.rectification_due_at
    words = _("限%(day)s") % {"day": stands.rectification.data["by_date"]}
    words += "，" + clock_words.in_words(due_at, at)
    return Line(_("整改"), words, at > due_at, text_of(case, stands.rectification))


def day(moment):
    """Return the day of Guangdong on which a moment lies."""
    return moment.astimezone(SHANGHAI).date().isoformat()

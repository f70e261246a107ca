"""For auditors: every showing of a writer's identity, narrowed, paged and as a file; daily anchors."""

from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import access, worlds
from cases.calendars import SHANGHAI
from cases.desk.measures import Days
from cases.desk.pages import around, officer_page, page_number, page_of, show
from cases.desk.periods import day_of
from cases.desk.rights import having
from cases.desk.spreadsheets import csv_file
from cases.identity import clean, fold
from cases.models import Anchor, Disclosure, Export

_EXPORTED = 20_000
_LONGEST = 40


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed to; "" narrows nothing. since, until: days, as ISO dates."""

    who: str = ""
    receipt: str = ""
    since: str = ""
    until: str = ""

    def address(self, **more):
        """Return these as the query of an address."""
        values = {name: value for name, value in {**asdict(self), **more}.items() if value}
        return "?" + urlencode(values)

    def rows(self, user):
        """Return the showings that the auditor may see and asks for, the newest first."""
        shown = Disclosure.objects.filter(letter__case__in=access.visible_cases(user))
        if self.who:
            found = Q(user__username__icontains=self.who) | Q(user__first_name__icontains=self.who)
            shown = shown.filter(found | Q(user__unit__name__icontains=self.who))
        if self.receipt:
            shown = shown.filter(letter__receipt__icontains=self.receipt)
        days = Days(day_of(self.since), day_of(self.until))
        return shown.filter(days.q("at")).select_related("letter", "user__unit").order_by("-pk")


@officer_page("GET", needs=having("view_audit"))
def audit(request):
    """List who was shown whose identity, and why."""
    asked, number = _read(request.GET), page_number(request)
    rows, more = page_of(asked.rows(request.user), number)
    context = {
        "title": _("身份查看记录"),
        "asked": asked,
        "narrowed": asked != Asked(),
        "rows": rows,
        **around(number, more, asked.address()),
    }
    return show(request, "desk/audit.html", context)


@officer_page("POST", needs=having("view_audit"))
def audit_file(request):
    """Give the log as a table; that it was taken away is recorded like every export."""
    asked, at = _read(request.POST), worlds.now()
    rows = list(_table(asked.rows(request.user)[:_EXPORTED]))
    kept = replace(asked, who="*" if asked.who else "").address(log=str(_("身份查看记录")))
    Export.objects.create(user=request.user, at=at, filters=kept[:300], rows=len(rows) - 1)
    return csv_file(f"identity-log-{at.astimezone(SHANGHAI):%Y%m%d}", rows)


@officer_page("GET", needs=having("view_audit"))
def anchor_list(request):
    """List the daily anchors of the event log, the newest first, to be printed and kept."""
    number = page_number(request)
    rows, more = page_of(Anchor.objects.order_by("-day"), number)
    context = {
        "title": _("日志锚"),
        "rows": rows,
        **around(number, more),
    }
    return show(request, "desk/anchors.html", context)


def _read(typed):
    """Return what was asked for; a day that is none narrows nothing."""
    return Asked(
        who=clean(typed.get("who", "")).strip()[:_LONGEST],
        receipt=fold(clean(typed.get("receipt", ""))).strip().upper()[:_LONGEST],
        since=_day(typed.get("since", "")),
        until=_day(typed.get("until", "")),
    )


def _day(typed):
    day = day_of(fold(typed))
    return day.isoformat() if day else ""


def _table(shown):
    yield _("时间"), _("账号"), _("姓名"), _("单位"), _("受理编号"), _("理由")
    for one in shown:
        yield (
            one.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            one.user.username,
            str(one.user),
            one.user.unit or "",
            one.letter.receipt,
            one.reason,
        )

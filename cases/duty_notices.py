"""Telling whoever is on duty that a letter waits, and leaders that nobody is.

The event is the source: a run finds in the database what nobody has been told of. How each message
is sent and given up is cases/outbox.py's. Mails and short messages hold receipts and addresses,
nothing of a letter.
"""

from collections import defaultdict

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cases import access, duty, outbox, sms, worlds
from cases.calendars import SHANGHAI
from cases.models import DutyNotice, DutyWarning, Event, Officer, Unit
from cases.transitions import STATES

# The steps after which a letter waits at a desk or a unit for whoever is there.
TOLD = ("receive", "reconsider", "dispatch", "forward_down", "return_to_desk", "recall")
# So many receipts stand in one mail; the list has them all.
_NAMED = 20
_WAITS = Q(event__case__state=F("event__new_state"), event__case__unit=F("event__unit"))


def tell(limit=500):
    """Tell whoever is on duty what waits, and leaders where nobody is; return how many messages went.

    From no world but the live one. Safe to run twice at once: each notice is claimed.
    """
    if not worlds.current().live:
        return 0
    at = worlds.now()
    _collect(at, limit)
    _assign(at, limit)
    return _send_all(at, limit) + _warn_all(at)


def newest(officer):
    """Return the number of the last event of which an officer on duty was told, or 0."""
    told = DutyNotice.objects.filter(officer=officer)
    return told.aggregate(newest=Max("event_id"))["newest"] or 0


def _collect(at, limit):
    """Note the newest events after which a letter waits; nobody is told of them yet."""
    known = DutyNotice.objects.aggregate(newest=Max("event_id"))["newest"]
    if known is None:
        known = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
    noted = DutyNotice.objects.filter(event=OuterRef("pk"))
    fresh = Event.objects.filter(~Exists(noted), id__gt=known - outbox.OVERLAP, action__in=TOLD)
    rows = fresh.order_by("id").values_list("id", flat=True)[:limit]
    DutyNotice.objects.bulk_create(
        [DutyNotice(event_id=pk, status=DutyNotice.PENDING, next_at=at) for pk in rows],
        ignore_conflicts=True,
    )


def _assign(at, limit):
    """Give what waits at manned units to whoever is on duty there and sees it."""
    open_ = DutyNotice.objects.filter(officer=None, status=DutyNotice.PENDING)
    settled = open_.exclude(_WAITS).values_list("pk", flat=True)
    DutyNotice.objects.filter(pk__in=list(settled[:limit])).update(status=DutyNotice.NONE)
    manned = open_.filter(_WAITS, event__unit__in=duty.manned_units(at))
    for notice in manned.select_related("event").order_by("event_id")[:limit]:
        event, to = notice.event, []
        for officer in duty.on_duty(event.unit_id, at):
            if access.visible_cases(officer).filter(pk=event.case_id).exists():
                to += _ways(event, officer, at)
        if to:
            DutyNotice.objects.bulk_create(to, ignore_conflicts=True)
            DutyNotice.objects.filter(pk=notice.pk).update(status=DutyNotice.NONE)


def _ways(event, officer, at):
    """Return the notices of an event for an officer: by mail, and by SMS if that is wanted."""
    mail = DutyNotice.PENDING if officer.email else DutyNotice.NONE
    found = [DutyNotice(event=event, officer=officer, status=mail, next_at=at)]
    if officer.duty_sms and officer.phone:
        by_sms = {"way": DutyNotice.SMS, "status": DutyNotice.PENDING, "next_at": at}
        found.append(DutyNotice(event=event, officer=officer, **by_sms))
    return found


def _send_all(at, limit):
    """Send each officer one message each way about all that is due; return how many went."""
    due = outbox.due(DutyNotice.objects.filter(officer__isnull=False), at)
    due = due.select_related("officer", "event__case__letter")
    mine = defaultdict(list)
    for notice in due.order_by("event_id")[:limit]:
        mine[notice.officer, notice.way].append(notice)
    return sum(_send(officer, way, notices, at) for (officer, way), notices in mine.items())


def _send(officer, way, notices, at):
    claimed = [notice for notice in notices if outbox.claim(notice, at)]
    kept = DutyNotice.objects.filter(pk__in=[notice.pk for notice in claimed])
    events = [n.event for n in claimed if _still_waits(n.event)]
    address = officer.phone if way == DutyNotice.SMS else officer.email
    if not (events and address and officer.is_active):
        kept.update(status=DutyNotice.NONE)
        return 0
    if way == DutyNotice.SMS:
        return int(outbox.send(kept, lambda: sms.send(address, _short(events))))
    return int(outbox.send(kept, lambda: _mail(officer, events).send()))


def _still_waits(event):
    case = event.case
    return case.state == event.new_state and case.unit_id == event.unit_id


def _mail(officer, events):
    """Return the mail of what waits."""
    with translation.override("zh-hans"):
        lines = [
            f"{e.case.letter.receipt}  {STATES[e.new_state].label}  "
            + settings.SITE_URL
            + reverse("desk:case", args=[e.case.letter.receipt])
            for e in events[:_NAMED]
        ]
        body = (
            _("您正在值班，有%(n)s封来信等待处理：") % {"n": len(events)},
            "\n".join(lines),
            _("全部来信见：%(address)s") % {"address": settings.SITE_URL + reverse("desk:list")},
        )
        subject = _("值班提醒：%(n)s封来信等待处理") % {"n": len(events)}
    return outbox.mail(subject, body, [officer.email])


def _short(events):
    """Return the short message of what waits: a letter's number and page, or how many and the list."""
    with translation.override("zh-hans"):
        if len(events) > 1:
            said = {"n": len(events), "address": settings.SITE_URL + reverse("desk:list")}
            return _("值班提醒：%(n)s封来信等待处理，见 %(address)s") % said
        receipt = events[0].case.letter.receipt
        said = {"receipt": receipt, "state": STATES[events[0].new_state].label}
        said["address"] = settings.SITE_URL + reverse("desk:case", args=[receipt])
        return _("值班提醒：来信%(receipt)s%(state)s，见 %(address)s") % said


def _warn_all(at):
    """Warn the leaders of each unit where letters wait and nobody is on duty, once a day."""
    open_ = DutyNotice.objects.filter(_WAITS, officer=None, status=DutyNotice.PENDING)
    alone = open_.exclude(event__unit__in=duty.manned_units(at))
    day = at.astimezone(SHANGHAI).date()
    warned = DutyWarning.objects.filter(day=day).values("unit")
    units = Unit.objects.filter(pk__in=alone.values("event__unit")).exclude(pk__in=warned)
    row = {"day": day, "status": DutyWarning.PENDING, "next_at": at}
    DutyWarning.objects.bulk_create(
        [DutyWarning(unit=unit, **row) for unit in units if _leaders_of(unit)],
        ignore_conflicts=True,
    )
    due = outbox.due(DutyWarning.objects.all(), at).select_related("unit")
    return sum(_warn(warning, at) for warning in due)


def _warn(warning, at):
    if not outbox.claim(warning, at):  # another run was first
        return 0
    unit, kept = warning.unit, DutyWarning.objects.filter(pk=warning.pk)
    leaders, waiting = _leaders_of(unit), duty.waiting_at([unit.pk]).count()
    if not leaders or not waiting:
        kept.update(status=DutyWarning.NONE)
        return 0
    return int(outbox.send(kept, lambda: _warning(unit, leaders, waiting).send()))


def _leaders_of(unit):
    """Return the leaders with an address at a unit, or at the nearest unit above that has some."""
    leaders = Officer.objects.with_perm(
        "cases.lead_case",
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    ).exclude(email="")
    while unit:
        found = list(leaders.filter(unit=unit))
        if found:
            return found
        unit = unit.parent
    return []


def _warning(unit, leaders, count):
    with translation.override("zh-hans"):
        subject = _("%(unit)s无人值班，有来信等待") % {"unit": unit.name}
        address = settings.SITE_URL + reverse("desk:duty") + f"?unit={unit.code}"
        body = _(
            "%(unit)s现在没有人值班，有%(n)s封来信等待受理、交办或签收。\n\n请安排值班：%(address)s"
        )
        body %= {"unit": unit.name, "n": count, "address": address}
    return outbox.mail(subject, [body], [leader.email for leader in leaders])

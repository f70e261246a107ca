"""The duty roster (值班表): who is on duty where and when, and the gaps in it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from cases.calendars import SHANGHAI
from cases.models import Case, Duty, Officer
from cases.transitions import State

# Where a letter waits to be taken in, sent on or signed for: what whoever is on duty looks after.
WAITING = (State.RECEIVED, State.ACCEPTED, State.DISPATCHED)
WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """A stretch of time; duty: the row of the roster, or None for a gap."""

    starts_at: datetime
    ends_at: datetime
    duty: Duty | None = None


def monday(day):
    """Return the first moment of the week of a date."""
    first = day - timedelta(days=day.weekday())
    return datetime.combine(first, time(), SHANGHAI)


def of_unit(unit, starts_at, ends_at):
    """Return the rows of the roster that reach into this time; who has left counts no more."""
    rows = Duty.objects.filter(unit=unit, officer__is_active=True)
    return rows.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).select_related("officer")


def on_duty(unit, at):
    """Return the officers who are on duty at a unit now."""
    now = Duty.objects.filter(unit=unit, starts_at__lte=at, ends_at__gt=at)
    return Officer.objects.filter(pk__in=now.values("officer"), is_active=True)


def manned_units(at):
    """Return the keys of the units at which somebody is on duty, as a query."""
    now = Duty.objects.filter(starts_at__lte=at, ends_at__gt=at, officer__is_active=True)
    return now.values("unit")


def until(officer, at):
    """Return when an officer's duty at the own unit ends, or None when they are not on duty."""
    rows = Duty.objects.filter(officer=officer, unit=officer.unit_id, ends_at__gt=at)
    end = None
    for row in rows.order_by("starts_at"):
        if row.starts_at > (end or at):
            break
        end = max(end or row.ends_at, row.ends_at)
    return end


def spans(rows, starts_at, ends_at):
    """Return the Spans of the rows within this time, in order, and those of the gaps between."""
    found, covered = [], starts_at
    for row in sorted(rows, key=lambda row: row.starts_at):
        first, last = max(row.starts_at, starts_at), min(row.ends_at, ends_at)
        if first >= last:
            continue
        if first > covered:
            found.append(Span(covered, first))
        found.append(Span(first, last, row))
        covered = max(covered, last)
    if covered < ends_at:
        found.append(Span(covered, ends_at))
    return found


def week(unit, first):
    """Return [(date, its Spans)] for the seven days from this moment."""
    rows = list(of_unit(unit, first, first + WEEK))
    days = [first + n * _DAY for n in range(7)]
    return [(day.date(), spans(rows, day, day + _DAY)) for day in days]


def copy_week(unit, first):
    """Write the week before anew for the week from this moment; return how many rows are new."""
    before = of_unit(unit, first - WEEK, first).filter(starts_at__gte=first - WEEK)
    rows = [
        Duty(
            unit=unit,
            officer=row.officer,
            starts_at=row.starts_at + WEEK,
            ends_at=row.ends_at + WEEK,
        )
        for row in before
    ]
    return add(rows)


def add(rows):
    """Write rows of the roster in one statement; return how many were not there yet."""
    known = Duty.objects.count()
    Duty.objects.bulk_create(rows, ignore_conflicts=True)
    return Duty.objects.count() - known


def remove(unit, key, at):
    """Take a row off the roster; one that has begun ends now, one that is over stays."""
    row = Duty.objects.filter(unit=unit, pk=key, ends_at__gt=at).first()
    if row is None:
        return
    if row.starts_at < at:
        Duty.objects.filter(pk=row.pk).update(ends_at=at)
    else:
        Duty.objects.filter(pk=row.pk).delete()


def waiting_at(units):
    """Return the cases that wait at these units (a query of keys) to be taken on."""
    return Case.objects.filter(state__in=WAITING, unit__in=units)

"""Which letters wait for an officer, what their next step is, and in which order they stand."""

from datetime import timedelta

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)

from cases import access, extensions, in_force, leading
from cases.fields import PROBLEM_KINDS
from cases.models import Event
from cases.transitions import IN_OFFICE, TRANSITIONS, State

# What lies so near ahead is counted as about to be late.
SOON = timedelta(hours=48)
# The step that takes a case on, and so the right for which it waits.
NEXT_STEPS = {
    State.RECEIVED: "accept",
    State.ACCEPTED: "dispatch",
    State.DISPATCHED: "sign",
    State.IN_HAND: "propose_reply",
    State.IN_REVIEW: "approve_reply",
}

# A case that lies with the accused can only be taken back by its desk.
_RECALLED = TRANSITIONS["recall"].sources


def next_step(case):
    """Return the action that keeps the next promise of this case, or ""."""
    if case.accused_unit and case.state in _RECALLED and case.unit.is_within(case.accused_unit):
        return "recall"
    if case.state == State.IN_HAND:
        if case.next_clock in ("contact", "feedback"):
            return case.next_clock
        if case.kind in PROBLEM_KINDS and not case.result:
            return "record_result"
    return NEXT_STEPS.get(case.state, "")


def returned_too_often(case):
    """Return whether a case has been returned so often that a leader says where it goes."""
    return case.returns >= in_force.policy().return_limit


def waiting_for(user, at):
    """Return the visible cases that wait for this officer at this time.

    A case waits where it lies, for who has the right to take its next step; a reply in
    review also for reviewers above, up to the mailbox. Supervisors see what is late or
    carded, return callers what was answered; leaders what has been returned too often, direct
    reports, what they are in charge of, meetings whose minutes are missing, and extensions
    that are asked for.
    """
    condition = Q(pk__in=[])
    for state, action in NEXT_STEPS.items():
        if user.has_perm(f"cases.{TRANSITIONS[action].permission}"):
            condition |= _lies_with(user, state)
    if user.has_perm("cases.dispatch_case"):
        condition |= _lies_with_the_accused(user)
    if user.has_perm("cases.handle_case"):
        condition |= Q(state__in=IN_OFFICE, unit=user.unit_id) & ~Q(supervision="")
    if user.has_perm("cases.supervise_case"):
        condition |= Q(state__in=IN_OFFICE) & (Q(next_due_at__lt=at) | ~Q(supervision=""))
    if user.has_perm("cases.lead_case"):
        condition |= Q(pk__in=leading.waiting_ids(user, at))
        condition |= extensions.waiting() & _of_a_mailbox_above(user)
    cases = access.visible_cases(user)
    if user.has_perm("cases.call_back_case"):
        called = Event.objects.filter(case=OuterRef("pk"), action="call_back")
        cases = cases.annotate(called=Exists(called))
        condition |= Q(state=State.REPLIED, mailbox=user.unit_id, called=False)
    return cases.filter(condition)


def _lies_with(user, state):
    if state == State.IN_REVIEW:
        return Q(state=state) & _of_a_mailbox_above(user)
    here = Q(state=state, unit=user.unit_id)
    if state == State.ACCEPTED and user.has_perm("cases.lead_case"):
        here &= Q(returns__gte=in_force.policy().return_limit)
    return here


def _of_a_mailbox_above(user):
    return Q(mailbox__code__in=user.unit.path.strip("/").split("/"))


def _lies_with_the_accused(user):
    with_accused = Q(accused_unit__isnull=False, unit__path__startswith=F("accused_unit__path"))
    return Q(state__in=_RECALLED, mailbox=user.unit_id) & with_accused


def asking_for_time(user):
    """Return the visible cases for which a leader's word on an extension is waited for, by this one."""
    return access.visible_cases(user).filter(extensions.waiting() & _of_a_mailbox_above(user))


def of_colour(cases, colour, at):
    """Return the cases whose clock is green, yellow (due soon) or red (late) at this time."""
    ours = cases.filter(state__in=IN_OFFICE, next_due_at__isnull=False)
    if colour == "red":
        return ours.filter(next_due_at__lt=at)
    soon = Q(yellow_from__lte=at)
    ours = ours.filter(next_due_at__gte=at).annotate(yellow_from=_yellow_from())
    return ours.filter(soon if colour == "yellow" else ~soon)


def due_within(cases, at, length):
    """Return the cases that are not late yet and will be, within this length, if nothing is done."""
    return cases.filter(state__in=IN_OFFICE, next_due_at__gte=at, next_due_at__lt=at + length)


def _yellow_from():
    """The moment at which only the policy's share of the time is left, as clocks.yellow_at."""
    share = Value(in_force.policy().yellow_share)
    left = (F("next_due_at") - F("episode_at")) * share
    return ExpressionWrapper(F("next_due_at") - left, output_field=DateTimeField())


def in_order(cases, at):
    """Return the cases with the late ones first, then due soon, urgent, and the oldest.

    Before all of them stands an urgent letter that nobody has taken in yet.
    """
    ours = Q(state__in=IN_OFFICE)
    rank = Case(
        When(state=State.RECEIVED, urgent=True, then=Value(-1)),
        When(ours & Q(next_due_at__lt=at), then=Value(0)),
        When(ours & Q(yellow_from__lte=at), then=Value(1)),
        When(urgent=True, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return cases.annotate(yellow_from=_yellow_from(), rank=rank).order_by(
        "rank", F("next_due_at").asc(nulls_last=True), "received_at", "pk"
    )


def keys_in_order(cases, at):
    """Return the keys of all these cases, in order: a number each, so that a long queue is cheap."""
    return list(in_order(cases, at).values_list("pk", flat=True))

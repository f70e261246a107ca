"""Checking the event log: its chain, its completeness, and that replay gives the state.

The chain is made by the database (migration 0002) and computed anew here, so that a row
changed, removed or inserted by anyone, a database superuser too, is found. A whole case rewritten
consistently, chain and all, or removed with its letter is found by the daily anchors.
"""

import hashlib
from collections import defaultdict
from itertools import groupby, islice

from django.db import connection
from django.db.models.expressions import RawSQL

from cases import anchors, calendars, in_force, policy, replay, worlds, writers
from cases.models import Case, Event, Incident, Recusal, Rule, Writer
from cases.transitions import IN_OFFICE, RESUME, TRANSITIONS

# What the database hashes after the previous hash; migration 0002 has the same.
LINK = (
    "concat_ws('|', case_id, seq, (extract(epoch from at) * 1000000)::bigint, action, old_state,"
    " new_state, role, coalesce(user_id::text, ''), unit_id,"
    " coalesce((extract(epoch from due_at) * 1000000)::bigint::text, ''), data::text)"
)
CHUNK = 500
# What steps leave in tables of its own: of which column, by which step, and by which it goes.
BESIDE = (
    (Recusal, "officer", "recuse", "end_recusal"),
    (Incident, "number", "record_incident", ""),
    (Rule, "number", "record_rule", ""),
)


def check(kept=()):
    """Yield a sentence for every fault of the log in the current world.

    kept: Lines of anchors of the live log that were kept elsewhere.
    """
    if worlds.current().live:
        yield from anchors.faults(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_letter l LEFT JOIN cases_case c ON"
                       " c.letter_id = l.id WHERE c.letter_id IS NULL")  # fmt: skip
        lost = cursor.fetchone()[0]
        if lost:
            yield f"{lost} letters have no case"
    yield from _check_orphans()
    for writer in Writer.objects.exclude(key_id="").iterator():
        if not writers.fits(writer):
            yield f"writer {writer.pk}: what is sealed does not open, or is of somebody else"
    keys = Case.objects.order_by("pk").values_list("pk", flat=True)
    for chunk in _batches(keys.iterator(), CHUNK):
        yield from _check_chunk(chunk)


def _batches(keys, size):
    while batch := list(islice(keys, size)):
        yield batch


def _check_orphans():
    known = Case.objects.values("pk")
    for case_id in Event.objects.exclude(case__in=known).values_list("case", flat=True).distinct():
        yield f"case {case_id}: events of a case that is gone"


def _check_chunk(keys):
    found = Case.objects.select_related("letter__mailbox").in_bulk(keys)
    rows = Event.objects.filter(case__in=keys).order_by("case_id", "seq")
    rows = rows.annotate(link=RawSQL(LINK, ()))  # noqa: S611  a constant
    events = {key: list(group) for key, group in groupby(rows, key=lambda e: e.case_id)}
    beside = _beside(keys)
    for key in keys:
        faults = list(_check_case(found[key], events.get(key, []), beside[key]))
        if faults and Case.objects.get(pk=key).seq != found[key].seq:
            yield from _check_chunk([key])  # a step was taken between the two readings
        else:
            yield from faults


def _beside(keys):
    """Return {case: {(model, value)}} of what is kept beside the events of these cases."""
    kept = defaultdict(set)
    for model, column, _made, _ended in BESIDE:
        for key, value in model.objects.filter(case__in=keys).values_list("case", column):
            kept[key].add((model, value))
    return kept


def _check_case(case, events, beside):
    case_id = case.pk
    if [e.seq for e in events] != list(range(1, case.seq + 1)):
        yield f"case {case_id}: events missing or inserted ({len(events)} of {case.seq})"
        return
    if worlds.current().live:
        yield from _check_chain(case_id, events)
    yield from _check_steps(case_id, events)
    yield from _check_replay(case, events)
    yield from _check_beside(case_id, events, beside)


def _check_chain(case_id, events):
    previous = b""
    for event in events:
        expected = hashlib.sha256(previous + event.link.encode()).digest()
        previous = bytes(event.hash or b"")
        if previous != expected:
            yield f"case {case_id}: event {event.seq} was changed"
            return


def _check_steps(case_id, events):
    state = ""
    for place, event in enumerate(events):
        row = TRANSITIONS.get(event.action)
        follows = row is not None and event.old_state == state and state in row.sources
        if not follows or event.new_state != _target(row, state, events[:place]):
            yield f"case {case_id}: event {event.seq} ({event.action}) does not follow from “{state}”"
            return
        state = event.new_state


def _target(row, state, before):
    return replay.resume_state(before) if row.target == RESUME else row.to(state)


def _check_beside(case_id, events, kept):
    told = set()
    for event in events:
        for model, column, made, ended in BESIDE:
            if event.action == made:
                told.add((model, event.data.get(column)))
            elif event.action == ended:
                told.discard((model, event.data.get(column)))
    for model, value in told ^ kept:
        first = model is not Recusal and model.objects.filter(number=value).first()
        # A number is kept with the case that had it first.
        if not first or first.case_id == case_id:
            yield f"case {case_id}: {model._meta.model_name} {value} is not as its events say"


def _check_replay(case, events):
    try:
        facts = _replayed(case, events, in_force.versions())
    except (KeyError, TypeError, ValueError, policy.PolicyError) as error:
        yield f"case {case.pk}: its events cannot be replayed ({error!r})"
        return
    wrong = [name for name in replay.FACTS if getattr(facts, name) != getattr(case, name)]
    if wrong and set(wrong) <= set(replay.LIMITS) and _was_provisional(case, events):
        return
    for name in wrong:
        is_now, said = getattr(case, name), getattr(facts, name)
        yield f"case {case.pk}: {name} is {is_now!r}, its events say {said!r}"


def _replayed(case, events, versions):
    letter = case.letter
    return replay.replay(replay.start_of(letter), events, versions, letter.mailbox.level)


def _was_provisional(case, events):
    """Return whether limits are as they were reckoned before a year's calendar was known.

    They stay so once a case is out of the office; in it, they are computed anew.
    """
    if not case.due_provisional or case.state in IN_OFFICE or not worlds.current().live:
        return False
    for year in range(case.episode_at.year - 1, calendars.known_years()[-1]):
        versions = in_force.versions().knowing(calendars.days_known_to(year))
        facts = _replayed(case, events, versions)
        if all(getattr(facts, name) == getattr(case, name) for name in replay.LIMITS):
            return True
    return False

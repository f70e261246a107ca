"""The one function that changes a case.

perform locks the case, checks the table, the right, the fields and the guards,
folds the event into the case and writes both in one transaction. It sends
nothing and reads no clock: what follows from an event reads the event.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from cases import access, actors, guards, in_force, mentions, replay, writers
from cases.calendars import SHANGHAI
from cases.inputs import Said, read_fields
from cases.models import Case, Event, Evidence, Incident, Message, Recusal, Rule
from cases.refusals import NotFound, Stale, WrongState
from cases.transitions import BY_CITIZEN, BY_OFFICER, RESUME, STATES, TRANSITIONS, State

# Steps beside which an officer may lay files as evidence.
WITH_FILES = ("return_to_desk", "note")
# Steps with which a writer may send more files: photographs, or that of a banner.
FILES_OF_CITIZEN = ("supply", "add", "thank")


def perform(case_id, action, *, actor, at, seen=None, files=(), **fields):
    """Take one step and return its Event.

    action: a key of TRANSITIONS. actor: from cases/actors.py. at: aware datetime.
    seen: the case's seq that the actor's page showed. files: stored ones (cases/attachments.py),
    for the steps in WITH_FILES and FILES_OF_CITIZEN. fields: by the row's names.
    Where a main letter is withdrawn, those inside go on by themselves, each by an event of its own.
    Raises: Refusal (cases/refusals.py); then nothing has changed.
    """
    row = TRANSITIONS[action]
    if files and action not in WITH_FILES + FILES_OF_CITIZEN:
        raise ValueError(f"{action} takes no files")
    with transaction.atomic():
        case, said = _checked(case_id, row, actor, at, seen, fields)
        event = record(case, row, actor=actor, at=max(at, case.updated_at), said=said)
        Evidence.objects.bulk_create(Evidence(event=event, **vars(file)) for file in files)
        if action == "withdraw":
            _let_go(case, event.at)
        return event


def _let_go(main, at):
    """Take the letters out of a case whose writer withdraws it: the others were promised an answer too."""
    inside = main.merged.filter(state=State.MERGED).order_by("pk")
    for pk in list(inside.values_list("pk", flat=True)):
        case = lock(pk)
        if case.merged_into_id == main.pk:  # nobody has taken it out meanwhile
            at = max(at, case.updated_at)
            record(case, TRANSITIONS["unmerge"], actor=actors.system(), at=at, said=Said())


def rehearse(case_id, action, *, actor, at, seen=None, **fields):
    """Check a step as perform does, and take it not. Raises: Refusal, as perform would."""
    with transaction.atomic():
        _checked(case_id, TRANSITIONS[action], actor, at, seen, fields)


def _checked(case_id, row, actor, at, seen, fields):
    """Return the locked case and what was said, if the step may be taken."""
    case = lock(case_id)
    access.check_actor(actor, case, row)  # first: who may not see it learns nothing of it
    _check_seen(case, seen, actor)
    if case.state not in row.sources:
        raise WrongState(
            _("“%(state)s”状态下不能%(action)s。")
            % {"state": STATES[case.state].label, "action": row.label}
        )
    said = read_fields(row, fields)
    guards.check(case, row, actor, said, at)
    return case, said


def lock(case_id):
    """Return the case with its row locked, or raise NotFound. Needs a transaction.

    Only what never changes is joined: after a wait PostgreSQL checks the joins again with the
    rows of before the wait, and a case that has gone to another unit would seem to be absent.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("letter", "mailbox")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise NotFound()
    return case


def record(case, row, *, actor, at, said):
    """Write the event of a checked step, and fold it into the locked case."""
    events = case.events.order_by("seq") if row.target == RESUME else ()
    new_state = replay.target_state(row, case, replay.resume_state(events))
    event = Event(
        case_id=case.pk,
        seq=case.seq + 1,
        at=at,
        action=row.action,
        old_state=case.state,
        new_state=new_state,
        role=actor.role,
        user=actor.user,
        unit_id=replay.unit_after(row.action, case, said.unit and said.unit.pk),
        due_at=replay.due_of(row, case),
        data=said.data,
    )
    replay.apply(case, event, in_force.versions(), case.mailbox.level)
    replay.settle(case, in_force.versions(), case.mailbox.level)
    event.save(force_insert=True)
    case.save(force_insert=event.seq == 1, force_update=event.seq > 1)
    if said.text:
        Message.objects.create(event=event, body=said.text)
    _write_outcome(event)
    if row.action == "forget_writer":
        writers.forget(case.letter)
    if row.action == "note":
        mentions.write(event, case, said.text)
    return event


def _check_seen(case, seen, actor):
    if seen is None or str(seen) == str(case.seq):
        return
    last = case.events.select_related("user").order_by("-seq").first()
    raise Stale(
        _("%(who)s已于%(when)s“%(action)s”，请看过最新情况再决定。您填写的内容还在。")
        % {
            "who": _who(last, actor),
            "when": last.at.astimezone(SHANGHAI).strftime("%H:%M"),
            "action": TRANSITIONS[last.action].label,
        }
    )


def _who(event, reader):
    """Return who took a step, in the reader's words: officers' names are for officers."""
    if event.role == BY_CITIZEN:
        return _("来信人")
    if event.role != BY_OFFICER:
        return _("系统")
    named = event.user and reader.role == BY_OFFICER
    return str(event.user) if named else _("办理单位")


def _write_outcome(event):
    """Keep incidents and rules as things of their own, a number once, and who is recused now."""
    number = event.data.get("number")
    defaults = {"case_id": event.case_id, "recorded_at": event.at}
    if event.action == "record_incident":
        Incident.objects.get_or_create(number=number, defaults=defaults)
    elif event.action == "record_rule":
        defaults["title"] = event.data["title"]
        Rule.objects.get_or_create(number=number, defaults=defaults)
    elif event.action == "recuse":
        Recusal.objects.create(case_id=event.case_id, officer_id=event.data["officer"])
    elif event.action == "end_recusal":
        case, officer = event.case_id, event.data["officer"]
        Recusal.objects.filter(case=case, officer=officer).delete()

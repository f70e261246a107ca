"""What goes on in a practice world while its clock is moved: letters come, and others do their work.

Others are everyone but the practising officer: writers, and officers of the steps that do not
lie with this one. They follow what the simulation had them do, after the same time, whenever the
officer's own step has made it possible; timers are the deadline scan's.
"""

from datetime import timedelta
from itertools import takewhile

from cases import actors, receipts, worlds
from cases.intake import Submission, intake
from cases.models import Case, Event
from cases.refusals import Refusal, WrongState
from cases.transitions import BY_OFFICER, BY_SYSTEM, OPEN, TRANSITIONS, State
from cases.workflow import perform
from simulation import automaton, practice_people
from simulation.models import Practice

_REVIEWED = ("approve_reply", "send_back_reply")


def submission(arrival, words):
    """Return what is typed for an arrival: its words, and a made-up person."""
    title, body, place = words
    person = practice_people.person(arrival.writer_number, arrival.city)
    return {
        "mailbox": arrival.mailbox,
        "kind": arrival.kind,
        "category": arrival.category,
        "title": title,
        "body": body,
        "place": place,
        "person": person,
        "confidential": arrival.confidential,
        "emergency": arrival.emergency or None,
        "channel": "simulation",
        "writer_number": arrival.writer_number,
    }


def receive(typed, at):
    """Keep a letter in the world that this runs in; return its case's id."""
    sent = Submission(**{**typed, "person": dict(typed["person"])})
    return intake(sent, actor=actors.simulated("citizen"), at=at).case_id


def take(case_id, action, said, at):
    """Take one step of somebody else. said: the timeline's fields. Raises: Refusal."""
    said = dict(said)
    role = said.pop("by", None) or automaton.default_role(TRANSITIONS[action])
    if "into" in said:
        said["into"] = receipts.run_receipt(worlds.current().mark, said["into"])
    perform(case_id, action, actor=actors.simulated(role), at=at, **said)


def plan(steps):
    """Return what of a timeline can be done later: [seconds since the step before, action, said].

    Timers are left out; a merge ends it, since the other letter may be another one here.
    """
    found, before = [], steps[0][0]
    for at, action, said in takewhile(lambda step: step[1] != "merge", steps[1:]):
        row = TRANSITIONS[action]
        if (said.get("by") or automaton.default_role(row)) != BY_SYSTEM:
            found.append([at - before, action, said])
            before = at
    return found


def bring(world, since, until):
    """Let a practice world's letters come, and its other people work; return how many came."""
    practice = Practice.objects.select_related("owner__unit").filter(world=world).first()
    if practice is None:
        return 0
    going, letters = practice.coming.get("going", []), practice.coming.get("letters", [])
    began = practice.stands_at
    due = [one for one in letters if began + timedelta(seconds=one[0]) <= until]
    for at, typed, steps in due:
        going.append([receive(typed, began + timedelta(seconds=at)), steps])
    rest = [
        [case_id, left] for case_id, left in _worked(practice.owner, going, since, until) if left
    ]
    practice.coming = {"letters": letters[len(due) :], "going": rest}
    practice.save(update_fields=["coming"])
    return len(due)


def _worked(owner, going, since, until):
    """Yield (case id, steps that are left) of each case, after what others did until then."""
    numbers = [case_id for case_id, _steps in going]
    cases = Case.objects.select_related("mailbox").in_bulk(numbers)
    done = {}
    for case_id, action in Event.objects.filter(case__in=numbers, user=owner).values_list(
        "case_id", "action"
    ):
        done.setdefault(case_id, set()).add(action)
    for case_id, steps in going:
        yield case_id, _go_on(owner, cases[case_id], steps, done.get(case_id, ()), since, until)


def _go_on(owner, case, steps, done, since, until):
    """Take the steps of one case that others can take until then; return those that are left."""
    steps = _after_own(owner, steps, done)
    while steps and case.state in (*OPEN, State.REPLIED, State.CLOSED, State.DECLINED):
        gap, action, said = steps[0]
        at = max(case.updated_at + timedelta(seconds=gap), since)
        if at > until or _is_own(owner, case, steps[0]):
            return steps
        try:
            take(case.pk, action, said, at)
        except WrongState:
            return steps if case.state in OPEN else []
        except Refusal:
            pass  # such as a second extension: what follows may be right
        case = Case.objects.select_related("mailbox").get(pk=case.pk)
        steps = steps[1:]
    return []


def _after_own(owner, steps, done):
    """Return what follows the last step that the officer has taken; they may have left some out."""
    mine = takewhile(lambda step: _is_theirs(owner, step), steps)
    taken = [place for place, step in enumerate(mine, start=1) if step[1] in done]
    return steps[taken[-1] :] if taken else steps


def _is_theirs(owner, step):
    """Return whether the practising officer may take such a step somewhere."""
    row = TRANSITIONS[step[1]]
    role = step[2].get("by") or automaton.default_role(row)
    return role == BY_OFFICER and owner.has_perm(f"cases.{row.permission}")


def _is_own(owner, case, step):
    """Return whether a step is the practising officer's to take."""
    if not _is_theirs(owner, step):
        return False
    if step[1] in _REVIEWED:
        return case.mailbox.code in owner.unit.path.split("/")
    return case.unit_id == owner.unit_id

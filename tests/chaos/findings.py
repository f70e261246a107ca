"""What must be true once the faults are over: each promise, what was counted, and what is wrong."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import requests

from tests.chaos import planner
from tests.chaos.visitors import WALK, Citizen, Failed

DRAIN_SECONDS = 180
# Messages may go twice that a fault caught between the mail server's answer and our note: one each
# time, and the faults of the long form kill or cut so often. More would come of something else.
CAUGHT = 30


@dataclass(frozen=True)
class Finding:
    """A promise; counted: of how many it holds; wrong: of how many not; more: words beside it."""

    promise: str
    counted: int
    wrong: int
    more: str = ""


def drained(house):
    """Wait until nothing is left to do; return the Finding. Nobody restarts anything."""
    from mailbox.models import Notice
    from simulation.models import Practice, Run

    began = time.monotonic()
    left = {}
    while time.monotonic() - began < DRAIN_SECONDS:
        left = planner.patient(
            lambda: {
                "runs": Run.objects.filter(status__in=Run.UNFINISHED).count(),
                "events": _untold().count(),
                "notices": Notice.objects.filter(status=Notice.PENDING, attempts=0).count(),
                "practice worlds": Practice.objects.filter(status=Practice.WAITING).count(),
                "tasks": _waiting_tasks(house),
            }
        )
        if not any(left.values()):
            took = f"after {time.monotonic() - began:.0f} s"
            return Finding("what was left was done without a restart by hand", 1, 0, took)
        time.sleep(1)
    words = ", ".join(f"{count} {name}" for name, count in left.items() if count)
    answer = requests.get(f"{house.address}/health", timeout=30)
    red = " ".join(name for name, word in answer.json().items() if word != "ok")
    if red:
        return Finding("what is left is shown by /health", 1, 0, f"{words}; red: {red}")
    return Finding("what was left was done without a restart by hand", 0, 1, words)


def _waiting_tasks(house):
    with house.redis() as client:
        names = ("default", "simulation")
        return sum(client.llen(name) for name in names)


def _untold():
    """Return the events that owe a notice and have none."""
    from cases.models import Event
    from mailbox.notices import NOTICES

    return Event.objects.filter(action__in=NOTICES, notices=None)


def letters(house, diary, again):
    """Yield what became of the letters, as their writers and officers know them.

    again: how many are sent and looked up once more; one address may look up sixty in a while.
    """
    from cases.models import Case, Event, Letter

    known = set(Letter.objects.values_list("receipt", flat=True))
    lost = [one.receipt for one in diary.written if one.receipt not in known]
    yield Finding("each receipt shown has its letter", len(diary.written), len(lost))
    without = Letter.objects.filter(case=None).count()
    yield Finding("each letter has its case", len(known), without)
    keys = Counter(Letter.objects.values_list("idempotency_key", flat=True))
    yield Finding("one form sent again and again is one letter", len(keys), len(known) - len(keys))
    yield _same_again(house, diary, again)
    taken = Counter(Event.objects.values_list("case__letter__receipt", "action"))
    gone = [step for step in diary.steps if not taken[step]]
    yield Finding("each step confirmed to an officer is an event", len(diary.steps), len(gone))
    walked = {action for _who, action, _said in WALK}
    twice = [step for step, times in taken.items() if step[1] in walked and times > 1]
    yield Finding("no step was taken twice", len(taken), len(twice))
    replied = Case.objects.filter(state="replied", letter__receipt__in=diary.handled).count()
    done = len(diary.handled)
    yield Finding("each letter that officers answered is answered", done, done - replied)


def desk(diary):
    """Yield what became of batches, and of worlds for practice."""
    from cases.models import Event
    from simulation.models import Practice

    noted = Event.objects.filter(action="note")
    taken = Counter(noted.values_list("case__letter__receipt", "message__body"))
    wanted = {(receipt, text) for text, receipts in diary.batches for receipt in receipts}
    wrong = [step for step in wanted | set(taken) if taken[step] != 1]
    said = f"{len(diary.batches)} batches"
    yield Finding("each letter of a batch has its step once", len(wanted), len(wrong), said)
    made = Practice.objects.filter(status=Practice.READY).count()
    lost = max(len(diary.practice) - made, 0)
    yield Finding("each practice world that was promised was made", made, lost)


def _same_again(house, diary, again):
    """Send forms once more, those of trouble first, and open their letters by what was shown."""
    citizen = Citizen(house, diary, None)
    wrong = 0
    asked = sorted(diary.written, key=lambda one: -one.tries)[:again]
    for one in asked:
        try:
            wrong += citizen.again(one) != (one.receipt, one.code) or not citizen.follow(one)
        except Failed:
            wrong += 1
    tried = sum(one.tries > 1 for one in asked)
    said = f"{tried} of them had been sent again while it failed"
    return Finding("the form sent once more shows the same receipt", len(asked), wrong, said)


def files(house):
    """Yield whether files and rows agree."""
    from cases import attachments, worlds
    from cases.models import Attachment, Evidence
    from mailbox import unsent

    rows = set(Attachment.objects.values_list("path", flat=True))
    rows |= set(Evidence.objects.values_list("path", flat=True))
    folder = Path(house.folder) / "files"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    yield Finding("each file of a letter is on disk", len(rows), len(rows - there))
    stray = len(there - rows - unsent.paths())
    swept = attachments.discard_stray(worlds.now(), unsent.paths(), age=timedelta(seconds=-1))
    said = f"{stray} that no letter has were swept"
    yield Finding("no file is left without its letter", len(there), stray - swept, said)


def log():
    """Yield whether the log is whole."""
    from cases import log as event_log
    from cases.models import Case

    faults = list(event_log.check())
    said = faults[0] if faults else ""
    yield Finding(
        "the log is whole, and replay gives every state", Case.objects.count(), len(faults), said
    )


def notices(house):
    """Yield whether everyone was told, and how often."""
    from mailbox.models import Notice

    status = Counter(Notice.objects.values_list("status", flat=True))
    said = ", ".join(f"{count} {name}" for name, count in sorted(status.items()))
    wrong = _untold().count() + status["failed"]
    yield Finding("each event that owes a notice has one", sum(status.values()), wrong, said)
    mails = Counter((mail["to"], mail.get_content()) for mail in _mails(house.folder / "mail"))
    sent = Notice.objects.filter(status=Notice.SENT, channel=Notice.MAIL)
    told = sent.count()
    missing = max(told - len(mails), 0)
    twice = sum(mails.values()) - len(mails)
    said = f"{twice} went twice: the process died between the mail server's answer and our note"
    wrong = missing + max(twice - CAUGHT, 0)
    yield Finding(
        "each notice marked as sent went out", told, wrong, said if twice else "none twice"
    )


def _mails(folder):
    for path in sorted(folder.glob("*.log")):
        for part in path.read_bytes().split(b"-" * 79 + b"\n"):
            if part.strip():
                yield message_from_bytes(part, policy=policy.default)


def runs(diary, letters):
    """Yield whether the runs are what an undisturbed one is, which is made now."""
    disturbed = list(diary.runs)
    calm = planner.one(diary, letters)
    failed = [run for run in disturbed if run[1] != "done"]
    said = failed[0][3][:80] if failed else ""
    yield Finding("each run came to its end", len(disturbed), len(failed), said)
    other = [run for run in disturbed if run[1] == "done" and run[2] != calm.digest]
    yield Finding("each run's digest is that of an undisturbed one", len(disturbed), len(other))


def manners(diary):
    """Yield whether what failed was said as it should be."""
    words = Counter(diary.unkind)
    said = ", ".join(f"{times} × {what}" for what, times in words.most_common(3))
    failed = sum(1 for *_when, what in diary.answers if what.isdigit())
    yield Finding(
        "what could not be done was said by a page of ours (503)", failed, len(diary.unkind), said
    )

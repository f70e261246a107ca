"""Cases and their events made by the fold alone: no database, any time, a line of words a case."""

from datetime import timedelta
from types import SimpleNamespace

from cases import policy, replay
from cases.statistics import Tally, measure
from cases.transitions import BY_SYSTEM, RESUME, TRANSITIONS
from tests.beijing import at

BOX, UNIT, OTHER = 1, 2, 3
START = at("2026-03-02 09:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# Short names of what happens, as a clerk would write it down.
RATE = {
    "satisfied": ("rate", {"satisfied": True, "solved": True}),
    "solved, not satisfied": ("rate", {"satisfied": False, "solved": True}),
    "unsolved": ("rate", {"satisfied": False, "solved": False}),
}
STEPS = {
    "accept": ("accept", {}),
    "dispatch": ("dispatch", {"unit": UNIT}),
    "sign": ("sign", {}),
    "called": ("contact", {"how": "phone", "reached": True}),
    "no answer": ("contact", {"how": "phone", "reached": False}),
    "feedback": ("feedback", {}),
    "done": ("record_result", {"result": "done"}),
    "explained": ("record_result", {"result": "explained"}),
    "no ground": ("record_result", {"result": "no_ground"}),
    "propose": ("propose_reply", {}),
    "reply": ("approve_reply", {}),
    "close": ("close", {}),
    "silence": ("close", {"by": BY_SYSTEM}),
    "reopen": ("reopen", {}),
    "ask": ("ask_citizen", {}),
    "supply": ("supply", {}),
    "decline": ("decline", {"decline_reason": "not_ours", "elsewhere": "12345"}),
    "reconsider": ("reconsider", {}),
    "retract": ("retract_decline", {}),
    "out": ("transfer_out", {"elsewhere": "12345"}),
    "return": ("return_to_desk", {"return_reason": "unclear"}),
    "down": ("forward_down", {"unit": OTHER}),
    "merge": ("merge", {"into": 7}),
    "unmerge": ("unmerge", {}),
    "withdraw": ("withdraw", {}),
    "urge": ("urge", {"by": BY_SYSTEM}),
    "yellow": ("supervise", {"level": "yellow", "by": BY_SYSTEM}),
    "thanks": ("thank", {"form": "letter"}),
    "banner": ("thank", {"form": "banner"}),
    "incident A": ("record_incident", {"number": "A"}),
    "incident B": ("record_incident", {"number": "B"}),
    "rule": ("record_rule", {"number": "R", "title": "规定"}),
    "note": ("note", {}),
    "another kind": ("reclassify", {"kind": "consult", "category": "noise"}),
    "a fraud": ("reclassify", {"kind": "report", "category": "fraud"}),
    **RATE,
}
SIGNED = "accept dispatch sign"
ANSWERED = f"{SIGNED} called feedback done propose reply"


def _words(text):
    """Split a line of steps; names of several words are joined by “_”."""
    return [word.replace("_", " ") for word in text.split()]


class Played:
    """A case and its events, made by the same fold as everything else."""

    def __init__(self, text="", kind="help", start=START, gap=MINUTE, times=()):
        """text: names of STEPS. gap: between steps. times: {step number: moment} overrides."""
        self.facts = replay.Facts(
            mailbox_id=BOX, kind=kind, category="noise", received_at=start, urgent=False
        )
        self.events = []
        self.step("receive", {}, start)
        for number, word in enumerate(_words(text), start=1):
            action, said = STEPS[word]
            moment = dict(times).get(number, self.events[-1].at + gap)
            self.step(action, dict(said), moment)
        replay.settle(self.facts, policy.load(), "city")

    def step(self, action, said, moment):
        row = TRANSITIONS[action]
        assert self.facts.state in row.sources, f"{action} in {self.facts.state}"
        before = replay.resume_state(self.events) if row.target == RESUME else ""
        unit = said.pop("unit", None)
        event = SimpleNamespace(
            action=action,
            at=moment,
            seq=len(self.events) + 1,
            old_state=self.facts.state,
            new_state=replay.target_state(row, self.facts, before),
            role=said.pop("by", row.roles[0]),
            unit_id=replay.unit_after(action, self.facts, unit),
            due_at=replay.due_of(row, self.facts),
            data=said,
        )
        replay.apply(self.facts, event, policy.load(), "city")
        self.events.append(event)

    def counts(self):
        """Return {measure: count}, without what came to nothing."""
        sums = {}
        for hit in measure(self.facts.kind, self.events):
            sums[hit.measure] = sums.get(hit.measure, 0) + hit.value
        return {name: n for name, n in sums.items() if n}


def tally(*played, area=None):
    found = Tally()
    for one in played:
        found.add_case(one.facts, one.events, area)
    return found

"""What each step changes in the facts of a case beyond state, unit and clocks; see cases/replay.py."""

# How far a late case has been pressed; index into clocks.Pressing for what comes next.
_URGED, _YELLOW, _RED = 1, 2, 3


def _receive(facts, event):
    facts.received_at = facts.episode_at = event.at
    facts.accused_unit_id = event.data.get("accused_unit")


def _new_episode(facts, event):
    facts.episode_at, facts.extended_days = event.at, 0
    if event.action == "reopen":
        facts.reopened += 1
        facts.result, facts.satisfied, facts.solved_said = "", None, None
        facts.rated_at = facts.closed_at = None
    else:
        facts.accepted_at = None


def _reclassify(facts, event):
    facts.kind, facts.category = event.data["kind"], event.data["category"]


def _moved(facts, event):
    facts.hops, facts.officer_id = facts.hops + 1, None


def _returned(facts, event):
    facts.returns, facts.officer_id = facts.returns + 1, None


def _recalled(facts, event):
    facts.officer_id = None


def _assign(facts, event):
    facts.officer_id = event.data["officer"]


def _name_accused(facts, event):
    facts.accused_unit_id = event.data["accused_unit"]


def _clear_accused(facts, event):
    facts.accused_unit_id = None


def _recuse(facts, event):
    if facts.officer_id == event.data["officer"]:
        facts.officer_id = None


def _result(facts, event):
    facts.result = event.data["result"]


def _extend(facts, event):
    facts.extended_days = event.data["days"]


def _rate(facts, event):
    facts.satisfied, facts.solved_said = event.data["satisfied"], event.data["solved"]
    facts.rated_at = event.at


def _close(facts, event):
    facts.closed_at = event.at


def _merge(facts, event):
    facts.merged_into_id = event.data["into"]


def _apart(facts, event):
    facts.merged_into_id = None


def _urge(facts, event):
    if event.role != "citizen":
        facts.pressure = max(facts.pressure, _URGED)


def _supervise(facts, event):
    facts.supervision = event.data["level"]
    facts.pressure = max(facts.pressure, _RED if facts.supervision == "red" else _YELLOW)


def _answer(facts, event):
    facts.supervision = ""


CHANGES = {
    "receive": _receive,
    "reconsider": _new_episode,
    "reopen": _new_episode,
    "reclassify": _reclassify,
    "dispatch": _moved,
    "forward_down": _moved,
    "return_to_desk": _returned,
    "recall": _recalled,
    "assign": _assign,
    "hand_over": _assign,
    "name_accused": _name_accused,
    "clear_accused": _clear_accused,
    "recuse": _recuse,
    "record_result": _result,
    "extend": _extend,
    "rate": _rate,
    "close": _close,
    "merge": _merge,
    "unmerge": _apart,
    "withdraw": _apart,
    "urge": _urge,
    "supervise": _supervise,
    "answer_supervision": _answer,
}
# Steps after which every due time is computed anew.
RECOMPUTE = ("receive", "reconsider", "reopen", "reclassify", "extend", "recompute")

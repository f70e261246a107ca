"""A timeline's events as numbers, so that millions of them fit into plain arrays.

An event is (action, said, arg): an index into ACTIONS, an index into SAID, the fields that
never vary, and one number for what does vary, by action:
- dispatch, forward_down: the unit, as an index into unit_codes(scenario);
- merge: the number of the letter it is merged into;
- extend: the days;
- record_rule: its number × 2**32 + its number within the category;
- record_incident: nothing, since its number is the letter's; and 0 for all others.
"""

import numpy as np

from cases import fields
from cases.transitions import BY_CITIZEN, TRANSITIONS
from simulation.scenario import (
    DECLINE_CODES,
    DEPARTMENT,
    ELSEWHERE_CODES,
    KIND_CODES,
    RESULT_CODES,
    RETURN_CODES,
)

ACTIONS = tuple(TRANSITIONS)
_ACTION_CODE = {action: code for code, action in enumerate(ACTIONS)}
_RULE = 1 << 32

# Where a writer is pointed to, by the reason for which the letter is declined.
_POINTED = {
    "emergency": "110", "not_ours": "12345", "in_proceedings": "court", "repeated": "other",
    "no_request": "other", "private_dispute": "court", "unlawful": "other", "no_contact": "other",
}  # fmt: skip
NOTHING = {}
DECLINED = {
    reason: {
        "decline_reason": reason,
        "elsewhere": _POINTED[reason],
        "template": f"decline.{reason}",
    }
    for reason in DECLINE_CODES
}
TRANSFERRED = {
    place: {"elsewhere": place, "template": f"transfer.{place}"} for place in ELSEWHERE_CODES
}
RETURNED = {
    reason: {"return_reason": reason, "template": f"return.{reason}"} for reason in RETURN_CODES
}
ASKED = {kind: {"template": f"ask.{kind}"} for kind in KIND_CODES}
FED_BACK = {kind: {"template": f"feedback.{kind}"} for kind in KIND_CODES}
RESULT = {result: {"result": result} for result in RESULT_CODES}
REPLY = {result: {"template": f"reply.{result}"} for result in RESULT_CODES}
CALLED = {reached: {"how": "phone", "reached": reached} for reached in (False, True)}
RATED = {
    (satisfied, solved): {"satisfied": satisfied, "solved": solved}
    for satisfied in (False, True)
    for solved in (False, True)
}
THANKED = {
    form: {"form": form, "template": f"thank.{form}"} for form, _ in fields.FIELDS["form"].choices
}
CARD = {level: {"level": level} for level, _ in fields.LEVELS}
SUPPLIED, REOPENED, RECONSIDERED, SENT_BACK, EXTENDED, ANSWERED = (
    {"template": name}
    for name in (
        "supply", "reopen", "reconsider", "send_back.unclear", "extend.complex",
        "supervision.answer",
    )
)  # fmt: skip
BY_WRITER = {"by": BY_CITIZEN}

# All that can be said; a group stands in the order of its keys, so that code + key is a code.
SAID = (
    NOTHING,
    *(SUPPLIED, REOPENED, RECONSIDERED, SENT_BACK, EXTENDED, ANSWERED, BY_WRITER),
    *(
        said
        for group in (
            *(DECLINED, TRANSFERRED, RETURNED, ASKED, FED_BACK, RESULT, REPLY, CALLED, RATED),
            *(THANKED, CARD),
        )
        for said in group.values()
    ),
)
_SAID_CODE = {tuple(said.items()): code for code, said in enumerate(SAID)}
# Every standard text that a timeline may name.
TEMPLATES = tuple(sorted(said["template"] for said in SAID if "template" in said))


def action_code(action):
    """Return the code of an action, as NumPy's integer (compiled code takes no other kindly)."""
    return np.int64(_ACTION_CODE[action])


def said_code(said):
    """Return the code of fields that stand in SAID; of a group, pass its first."""
    return np.int64(_SAID_CODE[tuple(said.items())])


def unit_codes(scenario):
    """Return the codes of all units of a scenario: the department, the cities, their units."""
    cities = scenario.cities
    return (DEPARTMENT, *(c.code for c in cities), *(unit for c in cities for unit in c.units))


class Coder:
    """Says what the numbers of one scenario's events mean."""

    def __init__(self, scenario):
        self.units = unit_codes(scenario)
        self._titles = scenario.outcomes.rule_titles

    def fields_of(self, action, said, arg, number, category):
        """Return the fields of an event: never change them, they may be shared.

        action, said, arg: its numbers. number, category: of the letter, the category's code.
        """
        name = ACTIONS[action]
        if name in ("dispatch", "forward_down"):
            return {"unit": self.units[arg]}
        if name == "merge":
            return {"into": arg}
        if name == "record_incident":
            return incident(number)
        if name == "record_rule":
            return rule(self._titles[category], *divmod(arg, _RULE))
        if name == "extend":
            return {"days": arg, **EXTENDED}
        return SAID[said]


def incident(number):
    """Return the fields of the incident of a letter: it has one at most, so its number serves."""
    return {"number": f"SIM-{number:07d}"}


def rule(title, number, within):
    """Return the fields of a rule: its number, and its number within its category."""
    return {"number": f"GD-{number:04d}", "title": f"{title}({within})"}

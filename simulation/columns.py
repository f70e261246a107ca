"""Which column of a letter's rows of draws says what."""

# Columns of a letter's rows; where an action can come more than once, its first column.
WORK = (
    ("accept", 2), ("dispatch", 4), ("forward_down", 1), ("sign", 4), ("return_to_desk", 3),
    ("contact", 1), ("record_result", 2), ("propose_reply", 3), ("approve_reply", 3),
)  # fmt: skip
ACCEPT, DISPATCH, FORWARD, SIGN, RETURN, CONTACT, RECORD, PROPOSE, APPROVE = (
    sum(times for _, times in WORK[:place]) for place in range(len(WORK))
)
(
    DECLINES, EMERGENCY, REASON, RECONSIDERS, TRANSFERS, PLACE, WRONG, RETURN_REASON, REACHED,
    ASKS, SUPPLIES, EXTENDS, SENDS_BACK, MERGES, CHOICES,
) = (0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 14, 15, 16, 17, 18)  # fmt: skip
# Twice: after the first reply, and after the one that is given when the letter is reopened.
RESULT, RATES, SAID, SATISFIED, REOPENS, CLOSES, THANKS, BANNER, INCIDENT, OUTCOMES = range(10)
SUPPLY, RECONSIDER, FEEDBACK, RATE, RATE_AGAIN, REOPEN, THANK, CLUE, RULE = range(9)
LAG_OF = (
    "supply", "reconsider", "feedback", "rate", "rate", "reopen", "thank", "record_incident",
    "record_rule",
)  # fmt: skip

"""What comes of a letter once it is answered: rating, closing, thanks, incidents, rules.

None of it takes a queue, so it is written at once, with its times still to come.
"""

from cases.fields import PROBLEM_KINDS
from simulation import codes
from simulation import columns as col


def afterwards(letter, office, at, redo):
    """Write what follows the reply sent at `at`; return when it is reopened, or None."""
    rated = _rating(letter, office, at, redo)
    silent_at = at + office.silence
    if rated is None:
        return _conclude(letter, office, at, [(silent_at, "close", codes.NOTHING)], silent_at, redo)
    rated_at, said = rated
    rate = (rated_at, "rate", said)
    draws, chances = letter.outcomes[redo], office.chances
    if not (redo or said["solved"] or said["satisfied"]) and draws[col.REOPENS] < chances["reopen"]:
        letter.say(*rate)
        reopened_at = rated_at + letter.lags[col.REOPEN]
        if reopened_at > silent_at:
            letter.say(silent_at, "close")
        return reopened_at
    content = said["satisfied"] and draws[col.CLOSES] < chances["close"]
    close = (rated_at, "close", codes.BY_WRITER) if content else (silent_at, "close", codes.NOTHING)
    solved_at = rated_at if said["solved"] else None
    return _conclude(letter, office, at, [rate, close], solved_at, redo)


def _rating(letter, office, at, redo):
    """Return (time, what the writer says), or None if the writer is silent."""
    draws = letter.outcomes[redo]
    rated_at = at + letter.lags[col.RATE + redo]
    if draws[col.RATES] >= office.chances["rate"] or rated_at >= at + office.silence:
        return None
    outcomes = office.outcomes
    solved = draws[col.SAID] < outcomes.said_solved[letter.result]
    satisfied = draws[col.SATISFIED] < outcomes.satisfied[letter.result]
    return rated_at, codes.RATED[satisfied, solved]


def _conclude(letter, office, at, events, solved_at, redo):
    """Write the last events of a letter. solved_at: when it counts as solved, if it was done."""
    draws, lags, outcomes = letter.outcomes[redo], letter.lags, office.outcomes
    solved = solved_at is not None and letter.result == "done" and letter.kind in PROBLEM_KINDS
    if solved and draws[col.THANKS] < outcomes.thanks_per_solved:
        form = "banner" if draws[col.BANNER] < outcomes.banners else "letter"
        events.append((solved_at + lags[col.THANK], "thank", codes.THANKED[form]))
    if draws[col.INCIDENT] < office.incident[letter.kind, letter.category]:
        events.append((at + lags[col.CLUE], "record_incident", codes.incident(letter.number)))
    rule = office.rule(letter)
    if rule:
        events.append((at + lags[col.RULE], "record_rule", rule))
    events.sort(key=lambda event: event[0])
    for event in events:
        letter.say(*event)

"""What comes of an answered letter: the compiled counterpart of simulation/aftermath.py."""

from simulation import codes
from simulation import columns as col
from simulation.codes import action_code, said_code
from simulation.compiled import compiled, compiled_whole
from simulation.compiled.mail import PILED, lag, outcome, say
from simulation.compiled.numbers import ZERO

_RATE, _CLOSE, _THANK = action_code("rate"), action_code("close"), action_code("thank")
_INCIDENT, _RULE = action_code("record_incident"), action_code("record_rule")
_RATED = said_code(codes.RATED[False, False])
_BY_WRITER = said_code(codes.BY_WRITER)
_LETTER, _BANNER = said_code(codes.THANKED["letter"]), said_code(codes.THANKED["banner"])
_DONE = list(codes.RESULT).index("done")
_RULE_BITS = 32
NOT_REOPENED = -1


@compiled_whole
def afterwards(mail, i, at):
    """Write what follows the reply sent at `at`; return when it is reopened, or NOT_REOPENED."""
    plan, row = mail.plan[0], mail.letters[i]
    silent_at = at + plan.silence
    mail.count[PILED] = 0
    rated_at = at + lag(mail, i, col.RATE + row.redo)
    if outcome(mail, i, col.RATES) >= plan.chance.rate or rated_at >= silent_at:
        _pile(mail, silent_at, _CLOSE, ZERO, ZERO)
        _conclude(mail, i, at, silent_at)
        return NOT_REOPENED
    solved = outcome(mail, i, col.SAID) < plan.said_solved[row.result]
    satisfied = outcome(mail, i, col.SATISFIED) < plan.satisfied[row.result]
    said = _RATED + 2 * int(satisfied) + int(solved)
    unhappy = row.redo == 0 and not solved and not satisfied
    if unhappy and outcome(mail, i, col.REOPENS) < plan.chance.reopen:
        say(mail, i, rated_at, _RATE, said, ZERO)
        reopened_at = rated_at + lag(mail, i, col.REOPEN)
        if reopened_at > silent_at:
            say(mail, i, silent_at, _CLOSE, ZERO, ZERO)
        return reopened_at
    _pile(mail, rated_at, _RATE, said, ZERO)
    if satisfied and outcome(mail, i, col.CLOSES) < plan.chance.close:
        _pile(mail, rated_at, _CLOSE, _BY_WRITER, ZERO)
    else:
        _pile(mail, silent_at, _CLOSE, ZERO, ZERO)
    _conclude(mail, i, at, rated_at if solved else -1)
    return NOT_REOPENED


@compiled
def _conclude(mail, i, at, solved_at):
    """Write the last events. solved_at: when it counts as solved if it was done, or -1."""
    plan, row = mail.plan[0], mail.letters[i]
    solved = solved_at != -1 and row.result == _DONE and plan.problem[row.kind]
    if solved and outcome(mail, i, col.THANKS) < plan.thanks:
        said = _BANNER if outcome(mail, i, col.BANNER) < plan.banners else _LETTER
        _pile(mail, solved_at + lag(mail, i, col.THANK), _THANK, said, ZERO)
    if outcome(mail, i, col.INCIDENT) < plan.incident[row.kind, row.category]:
        _pile(mail, at + lag(mail, i, col.CLUE), _INCIDENT, ZERO, ZERO)
    number = _rule(mail, row.kind, row.category)
    if number:
        _pile(mail, at + lag(mail, i, col.RULE), _RULE, ZERO, number)
    for place in range(mail.count[PILED]):
        event = mail.pile[place]
        say(mail, i, event[0], event[1], event[2], event[3])


@compiled
def _rule(mail, kind, category):
    """Count the letter as a fault of its category; return the rule it brings as arg, or 0."""
    plan, faults = mail.plan[0], mail.faults
    if not plan.brings_rules[kind]:
        return ZERO
    faults[category] += 1
    if faults[category] % plan.letters_per_rule:
        return ZERO
    faults[-1] += 1
    return (faults[-1] << _RULE_BITS) + faults[category] // plan.letters_per_rule


@compiled
def _pile(mail, at, action, said, arg):
    """Put an event in its place by time among those to be written, after its equals."""
    pile, place = mail.pile, mail.count[PILED]
    mail.count[PILED] += 1
    while place > 0 and pile[place - 1, 0] > at:
        for column in range(4):
            pile[place, column] = pile[place - 1, column]
        place -= 1
    pile[place, 0], pile[place, 1], pile[place, 2], pile[place, 3] = at, action, said, arg

"""What happens to a letter while a unit has it, and what comes out: parts of the journey."""

import numpy as np

from simulation import codes
from simulation import columns as col
from simulation.codes import action_code, said_code
from simulation.compiled import compiled_whole
from simulation.compiled.floor import DAY, end, opening
from simulation.compiled.mail import choice, lag, matter, outcome, pause, promise, say
from simulation.compiled.numbers import ZERO, pick
from simulation.office import WEEK, YEAR

_ASK, _SUPPLY, _LAPSE = action_code("ask_citizen"), action_code("supply"), action_code("lapse")
_FEEDBACK, _EXTEND = action_code("feedback"), action_code("extend")
_ASKED = said_code(next(iter(codes.ASKED.values())))
_FED_BACK = said_code(next(iter(codes.FED_BACK.values())))
_SUPPLIED, _EXTENDED = said_code(codes.SUPPLIED), said_code(codes.EXTENDED)
_DONE = list(codes.RESULT).index("done")


@compiled_whole
def result_of(mail, i, at):
    """Return the result of handling: done by chance, by kind, category, unit, hops and time."""
    plan, row, draw = mail.plan[0], mail.letters[i], outcome(mail, i, col.RESULT)
    if not plan.problem[row.kind]:
        results = plan.results[row.kind]
        return results.codes[pick(results.edges, draw)]
    done = plan.done[row.kind, row.category]
    done *= mail.effects[row.place] * plan.per_return[row.returns]
    done *= 1 + plan.growth * at / YEAR
    done *= plan.per_week ** ((at - row.at) / WEEK)
    if draw < done:
        return _DONE
    return plan.undone.codes[pick(plan.undone.edges, (draw - done) / (1 - done))]


@compiled_whole
def ready_at(mail, i, at):
    """Return when the matter is through: it goes on in office hours, of some kinds always."""
    plan, takes = mail.plan[0], matter(mail, i)
    if plan.at_any_hour[mail.letters[i].kind]:
        return at + takes
    work = max(np.int64(takes * plan.office_share), 1)
    return end(mail.floor.calendar, plan.office_hours, at, work)


@compiled_whole
def ask(mail, i, at):
    """Ask the writer; return when the answer is there, or the time for it has run out."""
    plan = mail.plan[0]
    say(mail, i, at, _ASK, _ASKED + mail.letters[i].kind, ZERO)
    takes = plan.supply
    if choice(mail, i, col.SUPPLIES) < plan.chance.supply:
        takes = min(lag(mail, i, col.SUPPLY), plan.supply)
    back = at + takes
    pause(mail, i, back, takes)
    if takes < plan.supply:
        say(mail, i, back, _SUPPLY, _SUPPLIED, ZERO)
    else:
        say(mail, i, back, _LAPSE, ZERO, ZERO)
    return back


@compiled_whole
def tell_on_the_way(mail, i, at, ready):
    """Write first feedback and extension, if the matter takes long enough for them."""
    plan, row, calendar = mail.plan[0], mail.letters[i], mail.floor.calendar
    feedback_at = opening(calendar, plan.office_hours, at + lag(mail, i, col.FEEDBACK))
    asked_at = opening(calendar, plan.office_hours, row.due - plan.reply[row.kind] // 10)
    fed_back, late = feedback_at < ready, at < asked_at < row.due < ready
    extended = late and choice(mail, i, col.EXTENDS) < plan.chance.extend
    if fed_back and not (extended and asked_at < feedback_at):
        say(mail, i, feedback_at, _FEEDBACK, _FED_BACK + row.kind, ZERO)
        fed_back = False
    if extended:
        days = plan.extension[row.kind]
        say(mail, i, asked_at, _EXTEND, _EXTENDED, days)
        promise(mail, i, row.due + days * DAY)
    if fed_back:
        say(mail, i, feedback_at, _FEEDBACK, _FED_BACK + row.kind, ZERO)

"""What a letter goes through, as a machine: the compiled counterpart of simulation/journey.py.

Read that first. A stage names what a letter waits for; `go_on` is called when that is done,
and sends the letter to a station or lets it wait, with its next stage. True: it has ended.
"""

import numpy as np

from simulation import codes
from simulation import columns as col
from simulation.codes import action_code, said_code
from simulation.compiled import compiled, compiled_whole
from simulation.compiled import plan as plans
from simulation.compiled.aftermath import NOT_REOPENED, afterwards
from simulation.compiled.away import rest
from simulation.compiled.floor import NOW
from simulation.compiled.handling import ask, ready_at, result_of, tell_on_the_way
from simulation.compiled.loop import join
from simulation.compiled.mail import choice, is_open, lag, promise, say, set_open, set_over, work
from simulation.compiled.numbers import ZERO, pick, uniform

(
    AT_DESK, OBJECTING, AT_DESK_AGAIN, IN_CITY, AT_UNIT, COMING_BACK, MATTER, IN_HANDS,
    IN_REVIEW, MENDING, IN_REVIEW_AGAIN, REOPENING,
) = np.arange(12)  # fmt: skip
(
    _RECEIVE, _ACCEPT, _MERGE, _DECLINE, _RECONSIDER, _TRANSFER, _DISPATCH, _FORWARD, _SIGN,
    _CONTACT, _RETURN, _RECORD, _PROPOSE, _SEND_BACK, _APPROVE, _REOPEN,
) = (
    action_code(action)
    for action in (
        "receive accept merge decline reconsider transfer_out dispatch forward_down sign contact"
        " return_to_desk record_result propose_reply send_back_reply approve_reply reopen"
    ).split()
)  # fmt: skip
_DECLINED = said_code(codes.DECLINED["emergency"])
_TRANSFERRED = said_code(next(iter(codes.TRANSFERRED.values())))
_RETURNED = said_code(next(iter(codes.RETURNED.values())))
_CALLED = said_code(codes.CALLED[False])
_RESULT = said_code(codes.RESULT["done"])
_REPLY = said_code(codes.REPLY["done"])
_RECONSIDERED, _SENT_BACK = said_code(codes.RECONSIDERED), said_code(codes.SENT_BACK)
_REOPENED = said_code(codes.REOPENED)
_EMERGENCY = list(codes.DECLINED).index("emergency")
_NOT_OUR_AREA = list(codes.RETURNED).index("not_our_area")


@compiled_whole
def begin(mail, i):
    """Let a letter arrive now: at the desk of its mailbox."""
    plan, row, at = mail.plan[0], mail.letters[i], mail.floor.clock[NOW]
    returns = pick(plan.returns, uniform(plan.roots[plans.RETURNS], row.key, 0))
    row.returns = 0 if mail.cities[row.city, 1] == 1 else returns
    promise(mail, i, at + plan.reply[row.kind])
    say(mail, i, at, _RECEIVE, ZERO, ZERO)
    set_open(mail, i)
    _to(mail, i, AT_DESK, _desk(mail, i), work(mail, i, col.ACCEPT) + work(mail, i, col.DISPATCH))


@compiled_whole
def go_on(mail, i):
    """Go on with a letter for which what it waited for is done; return whether it has ended."""
    stage, at = mail.letters[i].stage, mail.floor.clock[NOW]
    if stage == AT_DESK:
        return _accepted(mail, i, at)
    if stage == OBJECTING:
        return _objected(mail, i, at)
    if stage == AT_DESK_AGAIN:
        say(mail, i, mail.floor.visits[i].started, _ACCEPT, ZERO, ZERO)
        return _send_out(mail, i, at)
    if stage == IN_CITY:
        say(mail, i, at, _FORWARD, ZERO, _unit_code(mail, _unit(mail, i)))
        return _to_duty(mail, i)
    if stage == AT_UNIT:
        return _at_unit(mail, i, at)
    if stage == COMING_BACK:
        mail.letters[i].passed += 1
        return _dispatch(mail, i, at)
    if stage == MATTER:
        return _take_in_hand(mail, i)
    if stage == IN_HANDS:
        return _handled(mail, i, at)
    if stage == IN_REVIEW:
        return _reviewed(mail, i, at)
    if stage == MENDING:
        return _propose(mail, i, at, IN_REVIEW_AGAIN, col.APPROVE + 1)
    if stage == IN_REVIEW_AGAIN:
        return _reply(mail, i, at)
    return _reopened(mail, i, at)


# -- where to ----------------------------------------------------------------------------------


@compiled
def _to(mail, i, stage, station, work_):
    mail.letters[i].stage = stage
    rank = 0 if mail.letters[i].emergency else 1
    join(mail.floor, station, rank, work_, i)


@compiled
def _until(mail, i, stage, at):
    mail.letters[i].stage = stage
    rest(mail, i, at)
    return False


@compiled
def _desk(mail, i):
    """Return the station of the letter's mailbox; stations stand in the order of Office's."""
    row = mail.letters[i]
    return 0 if row.to_department else 1 + row.city


@compiled
def _hands(mail, i):
    plan, row = mail.plan[0], mail.letters[i]
    duty = 1 + plan.cities + row.place
    return duty if plan.at_any_hour[row.kind] else duty + plan.units


@compiled
def _review(mail, i):
    plan, row = mail.plan[0], mail.letters[i]
    if plan.at_any_hour[row.kind]:
        return 1 + row.city
    return 1 + plan.cities + 2 * plan.units + row.city


@compiled
def _unit_code(mail, place):
    """Return a unit's index in codes.unit_codes."""
    return 1 + mail.plan[0].cities + place


@compiled
def _unit(mail, i):
    """Return the unit to which the letter is sent this time: the right one, or another."""
    row = mail.letters[i]
    if row.passed == row.returns:
        return row.place
    first, units = mail.cities[row.city, 0], mail.cities[row.city, 1]
    ahead = 1 + int(choice(mail, i, col.WRONG + row.passed) * (units - 1))
    return first + (row.unit + ahead) % units


# -- at the desk -------------------------------------------------------------------------------


@compiled
def _end(mail, i, at, action, said, arg):
    say(mail, i, at, action, said, arg)
    set_over(mail, i)


@compiled_whole
def _accepted(mail, i, at):
    plan, row = mail.plan[0], mail.letters[i]
    say(mail, i, mail.floor.visits[i].started, _ACCEPT, ZERO, ZERO)
    if is_open(mail, row.repeats) and choice(mail, i, col.MERGES) < plan.chance.merge:
        _end(mail, i, at, _MERGE, ZERO, np.int64(row.repeats))
        return True
    emergency = row.emergency and choice(mail, i, col.EMERGENCY) < plan.emergency_declined
    if not emergency and choice(mail, i, col.DECLINES) >= plan.chance.decline:
        return _send_out(mail, i, at)
    reason = _EMERGENCY
    if not emergency:
        reason = plan.decline.codes[pick(plan.decline.edges, choice(mail, i, col.REASON))]
    _end(mail, i, at, _DECLINE, _DECLINED + reason, ZERO)
    if emergency or choice(mail, i, col.RECONSIDERS) >= plan.chance.reconsider:
        return True
    return _until(mail, i, OBJECTING, at + lag(mail, i, col.RECONSIDER))


@compiled_whole
def _objected(mail, i, at):
    row = mail.letters[i]
    say(mail, i, at, _RECONSIDER, _RECONSIDERED, ZERO)
    promise(mail, i, at + mail.plan[0].reply[row.kind])
    set_open(mail, i)
    work_ = work(mail, i, col.ACCEPT + 1) + work(mail, i, col.DISPATCH)
    _to(mail, i, AT_DESK_AGAIN, _desk(mail, i), work_)
    return False


@compiled_whole
def _send_out(mail, i, at):
    plan = mail.plan[0]
    if choice(mail, i, col.TRANSFERS) < plan.chance.transfer_out:
        place = plan.elsewhere.codes[pick(plan.elsewhere.edges, choice(mail, i, col.PLACE))]
        _end(mail, i, at, _TRANSFER, _TRANSFERRED + place, ZERO)
        return True
    return _dispatch(mail, i, at)


# -- to the unit -------------------------------------------------------------------------------


@compiled_whole
def _dispatch(mail, i, at):
    row = mail.letters[i]
    if row.passed == 0 and row.to_department:
        say(mail, i, at, _DISPATCH, ZERO, np.int64(1 + row.city))
        _to(mail, i, IN_CITY, 1 + row.city, work(mail, i, col.FORWARD))
        return False
    say(mail, i, at, _DISPATCH, ZERO, _unit_code(mail, _unit(mail, i)))
    return _to_duty(mail, i)


@compiled_whole
def _to_duty(mail, i):
    row = mail.letters[i]
    after = col.CONTACT if row.passed == row.returns else col.RETURN + row.passed
    work_ = work(mail, i, col.SIGN + row.passed) + work(mail, i, after)
    _to(mail, i, AT_UNIT, 1 + mail.plan[0].cities + _unit(mail, i), work_)
    return False


@compiled_whole
def _at_unit(mail, i, at):
    plan, row, started = mail.plan[0], mail.letters[i], mail.floor.visits[i].started
    if row.passed == row.returns:
        say(mail, i, started, _SIGN, ZERO, ZERO)
        reached = choice(mail, i, col.REACHED) < plan.chance.contact
        say(mail, i, at, _CONTACT, _CALLED + int(reached), ZERO)
        return _handle(mail, i, at)
    drawn = pick(plan.return_reason.edges, choice(mail, i, col.RETURN_REASON + row.passed))
    reason = plan.return_reason.codes[drawn]
    if reason != _NOT_OUR_AREA:  # that is seen from the address, before signing
        say(mail, i, started, _SIGN, ZERO, ZERO)
    say(mail, i, at, _RETURN, _RETURNED + reason, ZERO)
    _to(mail, i, COMING_BACK, _desk(mail, i), work(mail, i, col.DISPATCH + row.passed + 1))
    return False


# -- in the unit -------------------------------------------------------------------------------


@compiled_whole
def _handle(mail, i, at):
    row = mail.letters[i]
    if row.redo == 0 and choice(mail, i, col.ASKS) < mail.plan[0].chance.ask_citizen:
        at = ask(mail, i, at)
    ready = ready_at(mail, i, at)
    if row.redo == 0:
        tell_on_the_way(mail, i, at, ready)
    return _until(mail, i, MATTER, ready)


@compiled_whole
def _take_in_hand(mail, i):
    redo = mail.letters[i].redo
    work_ = work(mail, i, col.RECORD + redo) + work(mail, i, col.PROPOSE + 2 * redo)
    _to(mail, i, IN_HANDS, _hands(mail, i), work_)
    return False


@compiled_whole
def _handled(mail, i, at):
    row = mail.letters[i]
    row.result = result_of(mail, i, at)
    say(mail, i, at, _RECORD, _RESULT + row.result, ZERO)
    return _propose(mail, i, at, IN_REVIEW, col.APPROVE + 2 * row.redo)


@compiled
def _propose(mail, i, at, stage, column):
    say(mail, i, at, _PROPOSE, _REPLY + mail.letters[i].result, ZERO)
    _to(mail, i, stage, _review(mail, i), work(mail, i, column))
    return False


@compiled_whole
def _reviewed(mail, i, at):
    redo = mail.letters[i].redo
    if redo or choice(mail, i, col.SENDS_BACK) >= mail.plan[0].chance.send_back_reply:
        return _reply(mail, i, at)
    say(mail, i, at, _SEND_BACK, _SENT_BACK, ZERO)
    _to(mail, i, MENDING, _hands(mail, i), work(mail, i, col.PROPOSE + 1))
    return False


@compiled_whole
def _reply(mail, i, at):
    _end(mail, i, at, _APPROVE, ZERO, ZERO)
    reopened_at = afterwards(mail, i, at)
    if reopened_at == NOT_REOPENED:
        return True
    return _until(mail, i, REOPENING, reopened_at)


@compiled_whole
def _reopened(mail, i, at):
    row = mail.letters[i]
    row.redo = 1
    say(mail, i, at, _REOPEN, _REOPENED, ZERO)
    promise(mail, i, at + mail.plan[0].redo[row.kind])
    return _handle(mail, i, at)

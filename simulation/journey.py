"""What a letter goes through: one generator per letter, to be read from top to bottom.

A journey asks for an officer's work with `yield (station, rank, seconds)` and waits with
`yield (None, 0, until)`; the answer is the time when that is done. On the way it writes
the letter's timeline: (second, action, fields) by the table in cases/transitions.py.
All draws stand in the letter's own rows, so the order of events changes none of them.
Fields may be shared between letters: read them, never change them. "by" among them says
who takes a step that the table allows to several and whose usual taker is another.
"""

from simulation import codes
from simulation import columns as col
from simulation.aftermath import afterwards
from simulation.stations import NEVER


def journey(letter, office):
    """Take a letter from its arrival to its last event, as a process for stations.play."""
    letter.promise(letter.at + office.reply[letter.kind])
    letter.say(letter.at, "receive")
    office.open.add(letter.number)
    at = yield from triage(letter, office)
    if at is not None:
        at = yield from reach_unit(letter, office, at)
        at = yield from handle(letter, office, at, redo=0)
        yield from once_answered(letter, office, at)


def once_answered(letter, office, at):
    """What follows the first reply; if the letter is reopened it is handled once more."""
    reopened_at = afterwards(letter, office, at, redo=0)
    if reopened_at is not None:
        yield None, 0, reopened_at
        letter.say(reopened_at, "reopen", codes.REOPENED)
        letter.promise(reopened_at + office.redo[letter.kind])
        at = yield from handle(letter, office, reopened_at, redo=1)
        afterwards(letter, office, at, redo=1)


def triage(letter, office):
    """The desk reads the letter; return when it is to be dispatched, or None if it ends here."""
    choices, chances = letter.choices, office.chances
    desk = office.desks[letter.mailbox]
    at = yield desk, letter.rank, letter.work[col.ACCEPT] + letter.work[col.DISPATCH]
    letter.say(letter.started, "accept")
    if letter.repeats in office.open and choices[col.MERGES] < chances["merge"]:
        _end(letter, office, at, "merge", {"into": letter.repeats})
        return None
    emergency = letter.emergency and choices[col.EMERGENCY] < office.emergency_declined
    if emergency or choices[col.DECLINES] < chances["decline"]:
        reason = "emergency" if emergency else office.decline_reason(choices[col.REASON])
        _end(letter, office, at, "decline", codes.DECLINED[reason])
        if emergency or choices[col.RECONSIDERS] >= chances["reconsider"]:
            return None
        at += letter.lags[col.RECONSIDER]
        yield None, 0, at
        letter.say(at, "reconsider", codes.RECONSIDERED)
        letter.promise(at + office.reply[letter.kind])
        office.open.add(letter.number)
        at = yield desk, letter.rank, letter.work[col.ACCEPT + 1] + letter.work[col.DISPATCH]
        letter.say(letter.started, "accept")
    if choices[col.TRANSFERS] < chances["transfer_out"]:
        place = office.elsewhere(choices[col.PLACE])
        _end(letter, office, at, "transfer_out", codes.TRANSFERRED[place])
        return None
    return at


def _end(letter, office, at, action, said):
    letter.say(at, action, said)
    letter.press_at = NEVER
    office.open.discard(letter.number)


def reach_unit(letter, office, at):
    """Dispatch until the right unit has it; return when that unit has called the writer."""
    work, choices = letter.work, letter.choices
    desk, to_unit = office.desks[letter.mailbox], office.to_unit
    for passed in range(letter.returns + 1):
        right = passed == letter.returns
        unit = letter.unit if right else office.other_unit(letter, choices[col.WRONG + passed])
        if passed == 0 and letter.mailbox != letter.city:
            letter.say(at, "dispatch", to_unit[letter.city])
            at = yield office.desks[letter.city], letter.rank, work[col.FORWARD]
            letter.say(at, "forward_down", to_unit[unit])
        else:
            letter.say(at, "dispatch", to_unit[unit])
        after = work[col.CONTACT] if right else work[col.RETURN + passed]
        at = yield office.duty[unit], letter.rank, work[col.SIGN + passed] + after
        if right:
            letter.say(letter.started, "sign")
            letter.say(
                at, "contact", codes.CALLED[choices[col.REACHED] < office.chances["contact"]]
            )
            return at
        reason = office.return_reason(choices[col.RETURN_REASON + passed])
        if reason != "not_our_area":  # that is seen from the address, before signing
            letter.say(letter.started, "sign")
        letter.say(at, "return_to_desk", codes.RETURNED[reason])
        at = yield desk, letter.rank, work[col.DISPATCH + passed + 1]
    return at


def handle(letter, office, at, redo):
    """The unit handles the letter and its reply is reviewed; return when it is sent."""
    work, choices = letter.work, letter.choices
    if not redo and choices[col.ASKS] < office.chances["ask_citizen"]:
        at = _ask(letter, office, at)
    ready = office.ready(letter.kind, at, letter.matter[redo])
    if not redo:
        _tell_on_the_way(letter, office, at, ready)
    yield None, 0, ready
    hands, _review = office.hands_and_review(letter)
    at = yield hands, letter.rank, work[col.RECORD + redo] + work[col.PROPOSE + 2 * redo]
    letter.result = office.result(letter, at, letter.outcomes[redo][col.RESULT])
    letter.say(at, "record_result", codes.RESULT[letter.result])
    letter.say(at, "propose_reply", codes.REPLY[letter.result])
    return (yield from review(letter, office, redo))


def review(letter, office, redo):
    """The reply that was proposed is read, sent back once perhaps; return when it is sent."""
    work, (hands, reviewers) = letter.work, office.hands_and_review(letter)
    at = yield reviewers, letter.rank, work[col.APPROVE + 2 * redo]
    if not redo and letter.choices[col.SENDS_BACK] < office.chances["send_back_reply"]:
        letter.say(at, "send_back_reply", codes.SENT_BACK)
        at = yield hands, letter.rank, work[col.PROPOSE + 1]
        letter.say(at, "propose_reply", codes.REPLY[letter.result])
        at = yield reviewers, letter.rank, work[col.APPROVE + 1]
    _end(letter, office, at, "approve_reply", codes.NOTHING)
    return at


def _ask(letter, office, at):
    """Ask the writer; return when the answer is there, or the time for it has run out."""
    letter.say(at, "ask_citizen", codes.ASKED[letter.kind])
    answers = letter.choices[col.SUPPLIES] < office.chances["supply"]
    lag = letter.lags[col.SUPPLY] if answers else office.supply
    back = at + min(lag, office.supply)
    letter.pause(back, back - at)
    if lag < office.supply:
        letter.say(back, "supply", codes.SUPPLIED)
    else:
        letter.say(back, "lapse")
    return back


def _tell_on_the_way(letter, office, at, ready):
    """Write first feedback and extension, if the matter takes long enough for them."""
    events = []
    feedback_at = office.opening(at + letter.lags[col.FEEDBACK])
    if feedback_at < ready:
        events.append((feedback_at, "feedback", codes.FED_BACK[letter.kind]))
    asked_at = office.opening(letter.due - office.reply[letter.kind] // 10)
    late = at < asked_at < letter.due < ready
    if late and letter.choices[col.EXTENDS] < office.chances["extend"]:
        days = office.extension_days[letter.kind]
        events.append((asked_at, "extend", {"days": days, **codes.EXTENDED}))
    for event in sorted(events, key=lambda event: event[0]):
        letter.say(*event)
        if event[1] == "extend":
            letter.promise(letter.due + event[2]["days"] * 86400)

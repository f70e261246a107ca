"""The engine from a given state: letters that are open at the start go on from where they are.

They take what is left of their way by the same journeys as all others. What has passed is
known, so what is left is drawn given that: a matter that has taken long is likely to take
longer still.
"""

import math
from statistics import NormalDist

import numpy as np

from simulation import arrivals as arrivals_module
from simulation import backlog as stages
from simulation import codes, engine
from simulation import columns as col
from simulation.aftermath import afterwards
from simulation.journey import handle, once_answered, reach_unit, review, triage
from simulation.stations import NEVER


def run(scenario, seed, backlog):
    """Return a Run that begins with a Backlog at its second `now`; what comes later is drawn.

    Letters 1 to len(backlog) are those of the backlog; their timelines hold what is to come.
    """
    drawn = arrivals_module.draw(scenario, seed)
    later = drawn.take(np.flatnonzero(drawn.at >= backlog.now))
    return Resumed(scenario, seed, later, backlog)


class Resumed(engine.Run):
    """A Run whose feed begins with the letters of a backlog."""

    def __init__(self, scenario, seed, arrivals, backlog):
        before = backlog.arrivals(scenario, seed)
        super().__init__(scenario, seed, _joined(before, arrivals))
        self.backlog_letters, self._before = backlog, len(before)

    def _process(self, letter, office):
        """Return the way a letter takes: the rest of it, if it was there before."""
        place = letter.number - 1
        if place >= self._before:
            return super()._process(letter, office)
        was = {name: getattr(self.backlog_letters, name)[place] for name in stages.LISTS}
        return resume(letter, office, self.scenario, was, self.backlog_letters.now)


def _joined(before, arrivals):
    """Return both as one: the later letters numbered on, and what they repeat with them."""
    later = {name: value for name, value in vars(arrivals).items() if name != "scenario"}
    known = np.zeros(1 + max(arrivals.number.max(initial=0), arrivals.repeats.max(initial=0)), int)
    known[arrivals.number] = np.arange(1, len(arrivals) + 1) + len(before)
    later |= {"number": known[arrivals.number], "repeats": known[arrivals.repeats]}
    columns = {name: np.concatenate([getattr(before, name), later[name]]) for name in later}
    return arrivals_module.Columns(scenario=arrivals.scenario, **columns)


def resume(letter, office, scenario, was, now):
    """Take a letter on from its stage, as a process for stations.play.

    was: {name of backlog.LISTS: value} of this letter.
    """
    letter.at = was["received"]
    letter.promise(was["due"])
    _forget_pressing(letter, now)
    office.open.add(letter.number)
    stage, redo, at = was["stage"], was["redo"], now
    if stage <= stages.DISPATCHED:
        at = yield from _reach(letter, office, was)
        if at is None:
            return
    elif stage == stages.ASKED:
        at = yield from _hear(letter, office, was, now)
    elif stage == stages.IN_HAND:
        _shorten(letter, scenario, redo, now - was["since"])
    if stage == stages.IN_REVIEW:
        letter.result = office.result(letter, at, letter.outcomes[redo][col.RESULT])
        at = yield from review(letter, office, redo)
    else:
        at = yield from handle(letter, office, at, redo)
    if redo:
        afterwards(letter, office, at, redo)
    else:
        yield from once_answered(letter, office, at)


def _forget_pressing(letter, now):
    """Leave out what has been pressed before the start."""
    while letter.press_at < now and letter.press_at != NEVER:
        letter.pressed += 1
        letter.press_at = letter.press_times(letter.due, letter.pressed)


def _reach(letter, office, was):
    """From the desk, or from a unit that has not signed yet, to the unit that calls the writer."""
    desk, work = office.desks[letter.mailbox], letter.work
    if was["stage"] == stages.RECEIVED:
        at = yield from triage(letter, office)
        return None if at is None else (yield from reach_unit(letter, office, at))
    letter.returns = max(letter.returns - was["returns"], 0)
    if was["stage"] == stages.ACCEPTED:
        at = yield desk, letter.rank, work[col.DISPATCH]
        return (yield from reach_unit(letter, office, at))
    duty = office.duty[letter.unit]
    if letter.returns == 0 or office.is_alone(letter):
        at = yield duty, letter.rank, work[col.SIGN] + work[col.CONTACT]
        letter.say(letter.started, "sign")
        reached = letter.choices[col.REACHED] < office.chances["contact"]
        letter.say(at, "contact", codes.CALLED[reached])
        return at
    at = yield duty, letter.rank, work[col.SIGN] + work[col.RETURN]
    reason = office.return_reason(letter.choices[col.RETURN_REASON])
    letter.say(at, "return_to_desk", codes.RETURNED[reason])
    letter.returns -= 1
    letter.unit = office.other_unit(letter, letter.choices[col.WRONG])
    at = yield desk, letter.rank, work[col.DISPATCH + 1]
    return (yield from reach_unit(letter, office, at))


def _hear(letter, office, was, now):
    """Wait for the writer who was asked; return when the answer is there, or no longer awaited."""
    since, lag = was["since"], letter.lags[col.SUPPLY]
    answers = letter.choices[col.SUPPLIES] < office.chances["supply"]
    waited = now - since
    # What has passed without an answer is past: what is left is as long as it was to be at first.
    back = max(min(now + lag, since + office.supply), now + 1) if answers else since + office.supply
    back = max(back, now + 1)
    letter.pause(back, waited + back - now)
    yield None, 0, back
    letter.say(back, "supply" if answers else "lapse")
    letter.choices[col.ASKS] = 1.0  # nobody is asked twice
    return back


def _shorten(letter, scenario, redo, passed):
    """Make the matter what is left of it, given that it has taken so long already."""
    spread = scenario.matter[letter.kind]
    variance = math.log1p(spread.cv**2)
    mean = spread.mean * (scenario.redo_matter if redo else 1)
    if not variance or passed <= 0:
        return
    normal = NormalDist(math.log(mean) - variance / 2, math.sqrt(variance))
    gone = normal.cdf(math.log(passed))
    drawn = normal.cdf(math.log(letter.matter[redo]))
    whole = math.exp(normal.inv_cdf(min(gone + (1 - gone) * drawn, 1 - 1e-9)))
    letter.matter = [max(int(whole - passed), 1)] * 2

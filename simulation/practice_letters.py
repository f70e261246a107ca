"""Which letters stand in a practice world: a part of a simulated year, moved to the chosen day.

A pure function: the year is played whole, and the letters of one unit are taken from it. Most
come as they are, moved by whole weeks. Some are stopped early, so that each kind of work waits
for the unit, as if nobody had come to it yet; what is left of their timelines is kept.
"""

from collections import Counter
from dataclasses import dataclass
from dataclasses import fields as fields_of

import numpy as np

from cases.transitions import OPEN, RESUME, SAME, START, TRANSITIONS, State
from simulation import engine
from simulation.arrivals import Arrival
from simulation.blocks import Block
from simulation.model import DAY
from simulation.scenario import DEPARTMENT

WINDOW = 28 * DAY  # letters keep their weekday and hour when they are moved by this
YEAR = 52 * 7 * DAY
COMING = 14 * DAY  # how long letters go on to come after the chosen instant
OLDEST = 120 * DAY  # nothing in a practice world is older
BLOCK = 5000
# How long ago the last step of a stopped letter was: most are in time, some are late.
AGES = [60 * minutes for minutes in (2, 4, 7, 15, 40, 180, 3, 25, 1500, 5, 90, 9000)]
# How many cases rest after a step, in the unit and as many below it, for each 100 letters.
RESTS = {
    "receive": 3, "accept": 2, "dispatch": 2, "sign": 2,
    **dict.fromkeys(
        "reconsider return_to_desk forward_down contact ask_citizen supply feedback extend "
        "record_result propose_reply send_back_reply approve_reply rate reopen".split(), 1
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """One letter: (second, action, fields) counted from the chosen instant, `done` of them before."""

    arrival: Arrival
    steps: list
    done: int


class Place:
    """Where the practising officer works. paths: {unit code: path} of all units."""

    def __init__(self, code, paths, scenario):
        self.code, self._paths, self._path = code, paths, paths[code]
        above = self._path.strip("/").split("/")
        cities = {city.code: city for city in scenario.cities}
        self.city = above[1] if len(above) > 1 and above[1] in cities else ""
        self._swap, self._mailbox = {}, ""
        # Among how many units the letters of its mailbox are shared out.
        self.shared_by = len(cities[self.city].units) if self.city and self.city != code else 1
        if not self.city and code != DEPARTMENT:
            # A line has no letters of its own in a scenario: it takes over a city's.
            largest = max(scenario.cities, key=lambda city: city.share)
            self.city, self._mailbox = largest.code, DEPARTMENT
            self._swap = dict.fromkeys(largest.units, code)
        elif len(above) > 3:  # nor has a station: it takes over its district's
            self._swap = {above[2]: code}

    def may_have(self, letters):
        """Return the places of the letters (Columns) that could come to this unit."""
        if not self.city:
            return np.flatnonzero(letters.to_department)
        index = [city.code for city in letters.scenario.cities].index(self.city)
        mine = letters.city == index
        return np.flatnonzero(mine & ~letters.to_department if self._mailbox else mine)

    def moved(self, arrival, timeline):
        """Return both as they are here, with this unit in the place of another if need be."""
        if self._mailbox:
            arrival = arrival._replace(mailbox=self._mailbox)
        if self.code == self.city and arrival.mailbox == DEPARTMENT:
            timeline = _kept_by_the_city(timeline)
        swap = self._swap
        return arrival, [
            (at, action, {"unit": swap.get(said["unit"], said["unit"])} if "unit" in said else said)
            for at, action, said in timeline
        ]

    def has(self, mailbox, unit):
        """Return whether this unit has to do with a case of a mailbox that a unit has."""
        if self.code == DEPARTMENT:
            return mailbox == self.code
        return self.code == mailbox or self._paths[unit].startswith(self._path)


def _kept_by_the_city(timeline):
    """Return a timeline in which the city handles what it would forward to a district."""
    kept, signed = [], False
    for at, action, said in timeline:
        if action == "forward_down" or (action == "sign" and signed):
            continue
        signed = action == "sign" or (signed and action not in ("return_to_desk", "dispatch"))
        kept.append((at, action, said))
    return kept


def stories(scenario, seed, place, seconds, count):
    """Return (the Stories begun before the instant, those to come), each in order of time.

    seconds: of the instant, from the scenario's start; it may lie in any year. count: about how
    many letters there are before it.
    """
    instant = _within(scenario, seconds)
    played = [
        (block, place.may_have(block.letters)) for block in engine.run(scenario, seed).blocks(BLOCK)
    ]
    oldest = _oldest(place, played, instant, count)
    known = [
        place.moved(*one)
        for block, mine in played
        for one in _part(block, mine[_is_near(block.letters.at[mine], instant, oldest)])
    ]
    known = [one for one in known if any(place.has(*where) for where in _where(*one))]
    stopped = _stopped(place, known, instant, max(count // 100, 1))
    taken = {story.arrival.number for story in stopped}
    rest = [(a, steps) for a, steps in known if a.number not in taken]
    comes = [instant < arrival.at <= instant + COMING for arrival, _steps in rest]
    before = [one for one, later in zip(rest, comes, strict=True) if not later]
    coming = [
        Story(arrival, _from(steps, instant), 0)
        for (arrival, steps), later in zip(rest, comes, strict=True)
        if later
    ]
    past = stopped + _background(before, instant, max(count - len(stopped), count // 3))
    every = max(1, len(coming) // count)
    return past, sorted(coming, key=lambda story: story.arrival.at)[::every]


def _within(scenario, seconds):
    """Return the same hour and weekday within the scenario, in the same season if it can be."""
    seconds = WINDOW + (seconds - WINDOW) % YEAR
    while seconds > scenario.horizon - COMING:
        seconds -= 7 * DAY
    return seconds


def _oldest(place, played, instant, count):
    """Return how long before the instant letters are taken from: enough of them, and no more."""
    ages = np.sort(
        np.concatenate([(instant - block.letters.at[mine]) % YEAR for block, mine in played])
    )
    return max(ages[min(2 * count * place.shared_by, len(ages)) - 1], WINDOW)


def _is_near(at, instant, oldest):
    """Return which letters are needed: those not too old, and those that come later."""
    return ((instant - at) % YEAR <= oldest) | ((at > instant) & (at <= instant + COMING))


def _part(block, chosen):
    """Yield (arrival, timeline) of some letters of a block."""
    lengths = np.diff(block.start)[chosen]
    start = np.concatenate([[0], np.cumsum(lengths)])
    events = np.repeat(block.start[chosen] - start[:-1], lengths) + np.arange(start[-1])
    columns = {
        field.name: getattr(block, field.name)[events]
        for field in fields_of(Block)
        if field.name not in ("letters", "start")
    }
    return Block(letters=block.letters.take(chosen), start=start, **columns).timelines()


def _where(arrival, timeline):
    """Yield (mailbox, unit that has the case) after each step."""
    unit = arrival.mailbox
    for _at, action, said in timeline:
        if action in ("return_to_desk", "reconsider"):
            unit = arrival.mailbox
        unit = said.get("unit", unit)
        yield arrival.mailbox, unit


def _states(timeline):
    """Yield the state after each step."""
    state, before = START, START
    for _at, action, _said in timeline:
        target = TRANSITIONS[action].target
        target = {SAME: state, RESUME: before}.get(target, target)
        if target in (State.AWAITING_CITIZEN, State.MERGED):
            before = state
        state = target
        yield state


def _stopped(place, known, instant, times):
    """Return Stories that rest after each kind of step, their last step not long ago."""
    room = {action: times * count for action, count in RESTS.items()}
    found, used = [], Counter()
    for arrival, steps in known:
        if instant < arrival.at <= instant + COMING:
            continue  # these come later
        after = zip(steps, _where(arrival, steps), _states(steps), strict=True)
        for done, ((at, action, _said), where, state) in enumerate(after, start=1):
            here = (action, where[1] == place.code)
            rests = place.has(*where) and (state in OPEN or state == State.REPLIED)
            if not rests or used[here] == room.get(action, 0) or at - arrival.at > OLDEST / 2:
                continue
            used[here] += 1
            age = AGES[len(found) % len(AGES)]
            found.append(Story(arrival, _from(steps, at + age), done))
            break
    return found


def _background(known, instant, count):
    """Return Stories as they happened, spread over the weeks before."""
    found = []
    by_age = sorted(known, key=lambda one: (instant - one[0].at) % YEAR)
    every = max(1, len(by_age) // max(count, 1))
    for arrival, steps in by_age[::every][: max(count, 0)]:
        moved = arrival.at + (instant - arrival.at) // WINDOW * WINDOW
        steps = _from(steps, instant - moved + arrival.at)
        found.append(Story(arrival, steps, sum(at <= 0 for at, _action, _said in steps)))
    return found


def _from(steps, instant):
    """Return steps counted from another instant."""
    return [(at - instant, action, said) for at, action, said in steps]

"""A letter on its way: what it is, its draws, its timeline, and its reply clock.

Draws are looked up in rows, one of each stream per letter, made for a block of letters
at a time: quick, and the same whatever happens in between.
"""

import numpy as np

from simulation import columns as col
from simulation import draws
from simulation.codes import ANSWERED, CARD, NOTHING
from simulation.scenario import KIND_CODES

BLOCK = 4096

# How a late letter is pressed: the unit explains itself after each card.
PRESSES = (
    ("urge", NOTHING),
    ("supervise", CARD["yellow"]),
    ("answer_supervision", ANSWERED),
    ("supervise", CARD["red"]),
    ("answer_supervision", ANSWERED),
)


class Letter:
    """One letter on its way: what it is, its draws, its timeline, and its reply clock."""

    __slots__ = (
        "arrival", "number", "at", "mailbox", "city", "unit", "kind", "category", "repeats", "emergency",
        "rank", "returns", "work", "matter", "choices", "outcomes", "lags", "result", "log",
        "process", "entered", "started", "work_here", "due", "press_at", "pressed", "press_times",
    )  # fmt: skip

    def __init__(self, arrival, row, press_times):
        """arrival, row: what and when, and its draws. press_times: (due, pressed) → next."""
        self.arrival = arrival
        self.number, self.at, self.mailbox = arrival.number, arrival.at, arrival.mailbox
        self.city, self.unit = arrival.city, arrival.unit
        self.kind, self.category = arrival.kind, arrival.category
        self.repeats, self.emergency = arrival.repeats, arrival.emergency
        self.rank = 0 if arrival.emergency else 1
        self.work, self.matter, self.lags, self.choices, self.outcomes, self.returns = row
        self.log, self.press_times = [], press_times

    def say(self, at, action, said=NOTHING):
        """Write one event, after the pressing that fell due before it."""
        if self.press_at < at:
            self.press(at)
        self.log.append((at, action, said))

    def press(self, until):
        """Write the pressing of a late letter up to a time."""
        while self.press_at < until:
            self.log.append((self.press_at, *PRESSES[self.pressed]))
            self.pressed += 1
            self.press_at = self.press_times(self.due, self.pressed)

    def promise(self, due):
        """Start the reply clock: pressed from `due` on."""
        self.due = self.press_at = due
        self.pressed = 0

    def pause(self, until, seconds):
        """Put the clock off; nothing is pressed before `until`."""
        self.due += seconds
        self.press_at = max(until, self.press_times(self.due, self.pressed))

    def finish(self, horizon):
        """Return the timeline up to the horizon."""
        self.press(horizon)
        while self.log and self.log[-1][0] >= horizon:  # none yet, if it was there at the start
            self.log.pop()
        return self.log


def rows(scenario, seed, arrivals, start, stop):
    """Return the rows of draws of letters start..stop (from 0): one tuple of lists a letter.

    Each tuple: work seconds, seconds of the matter (first and again), lags in seconds,
    choices, outcomes (first and again) as numbers between 0 and 1, number of returns.
    """
    keys, kinds = arrivals.key[start:stop], arrivals.kind[start:stop]
    of_work = [scenario.work[action] for action, times in col.WORK for _ in range(times)]
    work = _lengths(seed, "work", keys, of_work)
    effort = np.array([scenario.effort[kind] for kind in KIND_CODES])[kinds]
    work[:, col.RECORD : col.RECORD + 2] *= effort[:, None]
    matters = [scenario.matter[kind] for kind in KIND_CODES]
    uniform = draws.uniforms(seed, "matter", keys, 2)
    mean = np.array([spread.mean for spread in matters])[kinds, None]
    cv = np.array([spread.cv for spread in matters])[kinds, None]
    matter = draws.lognormals(uniform, mean, cv) * (1.0, scenario.redo_matter)
    lags = _lengths(seed, "lags", keys, [scenario.lags[action] for action in col.LAG_OF])
    outcomes = draws.uniforms(seed, "outcomes", keys, 2 * col.OUTCOMES)
    returns = draws.pick(draws.uniforms(seed, "returns", keys, 1)[:, 0], scenario.returns)
    columns = (
        _seconds(work),
        _seconds(matter),
        _seconds(lags),
        draws.uniforms(seed, "choices", keys, col.CHOICES).tolist(),
        outcomes.reshape(len(keys), 2, col.OUTCOMES).tolist(),
        returns.tolist(),
    )
    return zip(*columns, strict=True)


def _lengths(seed, concern, keys, spreads):
    uniform = draws.uniforms(seed, concern, keys, len(spreads))
    return draws.lognormals(
        uniform, np.array([s.mean for s in spreads]), np.array([s.cv for s in spreads])
    )


def _seconds(lengths):
    return np.maximum(np.rint(lengths), 1).astype(np.int64).tolist()

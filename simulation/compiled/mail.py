"""Letters on their way in arrays: what each is, its draws, its timeline, its reply clock.

The compiled counterpart of simulation/letters.py. A letter has a slot while it is on its
way; its events are a chain of rows that goes back to the pool when the letter is given out.
"""

from collections import namedtuple

import numpy as np

from simulation import columns as col
from simulation.codes import action_code, said_code
from simulation.compiled import compiled, compiled_whole, plan
from simulation.compiled.floor import end
from simulation.compiled.numbers import ZERO, seconds, uniform
from simulation.letters import PRESSES
from simulation.stations import NEVER

_ARRIVAL = [
    ("number", np.int32), ("key", np.int64), ("at", np.int32), ("to_department", np.bool_),
    ("city", np.int16), ("unit", np.int16), ("kind", np.int8), ("category", np.int8),
    ("writer_number", np.int32), ("repeats", np.int32), ("emergency", np.bool_),
    ("confidential", np.bool_),
]  # fmt: skip
ARRIVAL = np.dtype(_ARRIVAL, align=True)
# place: of the unit among all units. first, last: of the chain of events. The arrival stands
# last, since Numba takes a record that begins like another for a kind of it, and warns.
LETTER = np.dtype(
    [
        ("due", np.int64), ("press_at", np.int64), ("place", np.int32), ("first", np.int32),
        ("last", np.int32), ("returns", np.int8), ("passed", np.int8), ("redo", np.int8),
        ("stage", np.int8), ("result", np.int8), ("pressed", np.int8), *_ARRIVAL,
    ],
    align=True,
)  # fmt: skip
EVENT = np.dtype(
    [("arg", np.int64), ("at", np.int32), ("next", np.int32), ("said", np.uint16),
     ("action", np.uint8)]
)  # fmt: skip

# letters, events: with free slots named in free_*; count says how many of those there are.
# cities: first unit and units of each. effects: of each unit. open: a bit by letter number.
# faults: by category, then all rules. pile: events to be put in order, see aftermath.py.
# away: see away.py.
Mail = namedtuple(
    "Mail",
    "floor plan letters events free_letters free_events count cities effects open faults pile away",
)
FREE_LETTERS, FREE_EVENTS, PILED = 0, 1, 2
NO_EVENT = -1
# No step of one letter writes more events than this, and no letter has more.
MOST_EVENTS = 128

_PRESS_ACTION = np.array([action_code(action) for action, _said in PRESSES])
_PRESS_SAID = np.array([said_code(said) for _action, said in PRESSES])


# -- slots -------------------------------------------------------------------------------------


@compiled
def crowded(mail):
    """Return whether slots may be short for what comes next."""
    return mail.count[FREE_LETTERS] == 0 or mail.count[FREE_EVENTS] < MOST_EVENTS


@compiled
def slot(mail):
    """Return a free slot for a letter."""
    mail.count[FREE_LETTERS] -= 1
    return mail.free_letters[mail.count[FREE_LETTERS]]


@compiled
def free(mail, i):
    """Free a letter's slot; its events have been dropped."""
    mail.free_letters[mail.count[FREE_LETTERS]] = i
    mail.count[FREE_LETTERS] += 1
    mail.letters[i].number = 0


@compiled
def drop_event(mail, place):
    """Free the place of one event, and return that of the letter's next, or NO_EVENT."""
    mail.free_events[mail.count[FREE_EVENTS]] = place
    mail.count[FREE_EVENTS] += 1
    return mail.events[place].next


# -- whether letters are open ------------------------------------------------------------------


@compiled
def is_open(mail, number):
    """Return whether the letter of a number is open; number 0 is none's."""
    return (mail.open[number >> 3] >> (number & 7)) & 1


@compiled
def set_open(mail, i):
    """Note that a letter is open."""
    number = mail.letters[i].number
    mail.open[number >> 3] |= 1 << (number & 7)


@compiled
def set_over(mail, i):
    """Note that a letter is not open, and is pressed no more."""
    number = mail.letters[i].number
    mail.open[number >> 3] &= 255 - (1 << (number & 7))
    mail.letters[i].press_at = NEVER


# -- draws -------------------------------------------------------------------------------------


@compiled
def choice(mail, i, column):
    """Return the letter's number between 0 and 1 for a choice."""
    return uniform(mail.plan[0].roots[plan.CHOICES], mail.letters[i].key, column)


@compiled
def outcome(mail, i, column):
    """Return the letter's number between 0 and 1 for an outcome, of this time of handling."""
    row = mail.letters[i]
    return uniform(mail.plan[0].roots[plan.OUTCOMES], row.key, row.redo * col.OUTCOMES + column)


@compiled_whole
def work(mail, i, column):
    """Return the seconds of an officer's work that the letter takes."""
    row, law = mail.letters[i], mail.plan[0].work[column]
    again = col.RECORD <= column < col.RECORD + 2
    effort = mail.plan[0].effort[row.kind] if again else 1.0
    return seconds(uniform(mail.plan[0].roots[plan.WORK], row.key, column), law[0], law[1], effort)


@compiled_whole
def lag(mail, i, column):
    """Return the seconds that the letter's writer, or something else outside, takes."""
    law = mail.plan[0].lags[column]
    draw = uniform(mail.plan[0].roots[plan.LAGS], mail.letters[i].key, column)
    return seconds(draw, law[0], law[1], 1.0)


@compiled
def matter(mail, i):
    """Return the seconds that the matter itself takes, the first time or again."""
    row = mail.letters[i]
    law, factor = mail.plan[0].matter[row.kind], mail.plan[0].redo_matter if row.redo else 1.0
    draw = uniform(mail.plan[0].roots[plan.MATTER], row.key, row.redo)
    return seconds(draw, law[0], law[1], factor)


# -- the timeline ------------------------------------------------------------------------------


@compiled
def write(mail, i, at, action, said, arg):
    """Write one event."""
    count = mail.count
    count[FREE_EVENTS] -= 1
    place = mail.free_events[count[FREE_EVENTS]]
    row, event = mail.letters[i], mail.events[place]
    event.at, event.action, event.said, event.arg = at, action, said, arg
    event.next = NO_EVENT
    if row.last == NO_EVENT:
        row.first = place
    else:
        mail.events[row.last].next = place
    row.last = place


@compiled_whole
def say(mail, i, at, action, said, arg):
    """Write one event, after the pressing that fell due before it."""
    if mail.letters[i].press_at < at:
        press(mail, i, at)
    write(mail, i, at, action, said, arg)


@compiled_whole
def press(mail, i, until):
    """Write the pressing of a late letter up to a time."""
    row = mail.letters[i]
    while row.press_at < until:
        write(mail, i, row.press_at, _PRESS_ACTION[row.pressed], _PRESS_SAID[row.pressed], ZERO)
        row.pressed += 1
        row.press_at = press_time(mail, row.due, row.pressed)


@compiled
def press_time(mail, due, pressed):
    """Return when a letter late since `due`, pressed so often, is pressed again."""
    if pressed == 0:
        return due
    if pressed > len(mail.plan[0].press_after):
        return NEVER
    after = mail.plan[0].press_after[pressed - 1]
    return end(mail.floor.calendar, mail.plan[0].working_days, due, after)


@compiled
def promise(mail, i, due):
    """Start the reply clock: pressed from `due` on."""
    row = mail.letters[i]
    row.due = row.press_at = due
    row.pressed = 0


@compiled
def pause(mail, i, until, time):
    """Put the clock off; nothing is pressed before `until`."""
    row = mail.letters[i]
    row.due += time
    row.press_at = max(until, press_time(mail, row.due, row.pressed))

"""One replication: a scenario played once for its figures alone, without rows or texts.

The same engine, fold and counting as a stored run, so its counts equal those of the run with
the same seed; and the delays of each letter, for what counts can't say.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from datetime import time as clock

import numpy as np

from cases import policy as policies
from cases.calendars import DAY as POLICY_DAY
from cases.calendars import EPOCH, MICROSECOND, Length
from cases.statistics import CHINA, Tally, rates
from simulation import codes, counting, engine, folding, published
from simulation.model import DAY
from simulation.scenario import DEPARTMENT

HOUR = 3600
NEVER = -1
BLOCK = 5000  # letters folded at once
GROUPS = ("desk", "duty", "handlers", "review")  # of stations, by the first word of the name
QUEUES = ("department", "desks", "duty", "handlers", "review")  # the department's desk apart
DELAYS = ("contact", "response", "reply", "close")
_FIGURE = "figure:"
# What is counted once a letter ends these delays; the first action of the name ends the others.
_COUNTED = {"response": "responded", "reply": "replied"}


@dataclass(frozen=True)
class Outcome:
    """What came of a replication; arrays have a value a letter, in the order of finishing.

    tally, opened: as of a stored run; areas are numbers of `areas`, {code of city or department:
    number}. stations: {name: stations.Measure}. hours, backlog: as of engine.Run. delays:
    {name of DELAYS: int32 array, seconds from receipt, NEVER if it did not come}; response is the
    first word of substance. received: letters that came on each day.
    """

    tally: Tally
    opened: counting.OpenCount
    stations: dict
    hours: dict
    backlog: dict
    delays: dict
    received: np.ndarray
    areas: dict


def play(scenario, seed):
    """Return the Outcome of a scenario and a seed."""
    start = (datetime.combine(scenario.start, clock(), CHINA) - EPOCH) // MICROSECOND
    table, policy = folding.plain_offices(scenario), policy_of(scenario)
    offices = folding.Offices(scenario, table)
    counts = counting.Counts(scenario.start, scenario.horizon)
    delays, received = {name: [] for name in DELAYS}, np.zeros(scenario.days, np.int64)
    playing = engine.run(scenario, seed)
    for block in playing.blocks(BLOCK):
        folded = folding.fold(block, start, offices, policy)
        counts.add(folded)
        received += np.bincount(block.letters.at // DAY, minlength=scenario.days)
        for name, array in _delays_of(folded).items():
            delays[name].append(array.astype(np.int32))
    cities = (DEPARTMENT, *(city.code for city in scenario.cities))
    return Outcome(
        tally=counts.tally(),
        opened=counts.opened,
        stations=playing.stations,
        hours=playing.hours,
        backlog=playing.backlog,
        delays={name: np.concatenate(delays.pop(name)) for name in DELAYS},
        received=received,
        areas={code: table[code][0] for code in cities},
    )


def _delays_of(folded):
    """Return the delays of a block's letters."""
    block = folded.block
    began, found = block.at[block.start[:-1]], {}
    measure, _value, event = folded.hits()
    for name in DELAYS:
        if name in _COUNTED:
            ends = event[measure == folded.automaton.measures.get(_COUNTED[name], NEVER)]
        else:
            ends = np.flatnonzero(block.action == codes.action_code(name))
        first = folded.first(ends)
        found[name] = np.where(first == -1, NEVER, first - began)
    return found


def values(outcome, scenario):
    """Return {name: number} of everything that one can plan by.

    Counts of the whole span; shares from 0 to 1; delays in hours, over the letters that got
    so far, and how many did not (reply_missing …); backlog in letters; utilisation of groups
    of stations; hours that a letter waits at each visit to a group of queues (wait_handlers …);
    queue_end, the letters in all queues in the last four weeks; queue_growth, by how much more
    they are than a quarter of the span before, over the letters of that quarter; queue_days,
    how many of that quarter's days brought as many; "figure:KEY" for each published figure
    that ends within the span. What has no value is left out.
    """
    counts = dict(outcome.tally.narrowed())
    found = {name: float(n) for name, n in counts.items()}
    found |= {f"{name}_rate": share for name, share in rates(counts).items()}
    found["on_time"] = found.pop("on_time_rate")
    found["contact_on_time"] = found.pop("response_rate")
    if counts.get("received"):
        found["closing_rate"] = counts.get("closed", 0) / counts["received"]
    found |= _delays(outcome) | _backlog(outcome) | _utilisation(outcome) | _queues(outcome)
    for figure in published.within(scenario):
        area = outcome.areas.get(figure.area)  # "all" is none
        counted = published.counts(outcome.tally, figure, area)
        found[f"{_FIGURE}{figure.key}"] = published.value(figure, counted)
    return {name: float(value) for name, value in found.items() if value is not None}


def figures(found):
    """Return {key: value} of the published figures in what `values` returned."""
    keys = (name for name in found if name.startswith(_FIGURE))
    return {name.removeprefix(_FIGURE): found[name] for name in keys}


def policy_of(scenario):
    """Return the policy of the desk, with the scenario's own promises where they differ."""
    policy, promises = policies.load(), scenario.promises
    lengths = dict(policy.lengths)
    for clock_name, days in (("reply", promises.reply), ("redo", promises.redo)):
        for (level, kind, name), length in policy.lengths.items():
            if name == clock_name and length.size != days[kind] * POLICY_DAY:
                lengths[level, kind, name] = Length.parse(f"{days[kind]}d")
    return policy if lengths == policy.lengths else replace(policy, lengths=lengths)


def keeps_policy(scenario):
    """Return whether a scenario promises what the desk's policy does, by which a stored run counts."""
    return policy_of(scenario).lengths == policies.load().lengths


def _delays(outcome):
    found = {}
    for name, seconds in outcome.delays.items():
        hours = seconds[seconds != NEVER] / HOUR
        found[f"{name}_missing"] = len(seconds) - len(hours)
        if len(hours):
            p50, p90 = np.quantile(hours, (0.5, 0.9))
            found |= {f"{name}_p50": p50, f"{name}_p90": p90, f"{name}_mean": hours.mean()}
    renamed = {"contact_p50": "first_contact_p50", "contact_p90": "first_contact_p90"}
    return {renamed.get(name, name): value for name, value in found.items()}


def _backlog(outcome):
    hourly = outcome.opened.hourly()
    return {
        "backlog_mean": hourly.mean(),
        "backlog_max": hourly.max(),
        "backlog_end": int(outcome.opened.net.sum()),
        "backlog_last_week": hourly[-7 * DAY // HOUR :].mean(),
    }


def _utilisation(outcome):
    """Return work done over time on duty, of all stations of a group together."""
    found = {}
    for group in GROUPS:
        pairs = [pair for name, pair in outcome.hours.items() if name.split()[0] == group]
        on_duty = sum(duty.sum() for _busy, duty in pairs)
        if on_duty:
            found[f"{group}_utilisation"] = sum(busy.sum() for busy, _duty in pairs) / on_duty
    return found


def queue_of(station):
    """Return which of QUEUES a station belongs to, by its name."""
    group = station.split()[0]
    if group == "desk":
        return "department" if station == f"desk {DEPARTMENT}" else "desks"
    return group


def _queues(outcome):
    found = {}
    for queue in QUEUES:
        measures = [m for name, m in outcome.stations.items() if queue_of(name) == queue]
        joined = sum(measure.joined for measure in measures)
        if joined:
            waited = sum(measure.mean_wait * measure.joined for measure in measures)
            found[f"wait_{queue}"] = waited / joined / HOUR
    daily = sum(outcome.backlog.values())
    quarter = len(daily) // 4
    weeks = min(quarter, 28)  # a mean over whole weeks: at a weekend's end more wait
    if weeks:
        found["queue_end"] = daily[-weeks:].mean()
        came = outcome.received[len(daily) - quarter :].sum()
        before = daily[-quarter - weeks : -quarter].mean()
        found["queue_growth"] = (found["queue_end"] - before) / max(came, 1)
        found["queue_days"] = found["queue_end"] / max(came / quarter, 1)
    return found

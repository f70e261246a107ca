"""What comes of today's open letters in one replication, and what many of them say together."""

import numpy as np

from simulation import resuming
from simulation.backlog import ASKED, Backlog
from simulation.model import DAY

_ENDS = ("approve_reply", "decline", "merge", "transfer_out")
_BEGINS = ("receive", "reconsider", "reopen")


def play(scenario, seed, spec):
    """Return one replication as a dict for its row.

    spec: {"backlog": as Backlog.as_json}. open, old: letters open at each day's end, all and
    those that were there at the start. late: numbers of the cases that were answered late or
    were not when they fell due, late_new: how many of the letters to come. cleared: the day (1
    for the first) by whose end none of the first is open, or None.
    """
    backlog = Backlog(**spec["backlog"])
    there = len(backlog)
    change = np.zeros((2, scenario.days + 1), np.int64)
    late, late_new = [], 0
    for arrival, timeline in resuming.run(scenario, seed, backlog).letters():
        place = arrival.number - 1
        old = place < there
        if old:
            change[:, backlog.now // DAY] += 1
            due, asked = backlog.due[place], backlog.since[place]
            if backlog.stage[place] != ASKED:
                asked = None
        else:
            due, asked = arrival.at + scenario.promises.reply[arrival.kind] * DAY, None
        _count(change, timeline, old, scenario.horizon)
        if due >= backlog.now and _is_late(timeline, due, asked, scenario.horizon):
            if old:
                late.append(backlog.number[place])
            else:
                late_new += 1
    opened, old = np.cumsum(change, axis=1)[:, : scenario.days].tolist()
    cleared = next((day for day, n in enumerate(old, start=1) if not n), None)
    return {"open": opened, "old": old, "late": late, "late_new": late_new, "cleared": cleared}


def _count(change, timeline, old, horizon):
    """Count a letter's comings and goings by day: of all letters, and of the old until they end."""
    first = old
    for at, action, _said in timeline:
        if action in _BEGINS:
            change[0, at // DAY] += 1
        elif action in _ENDS:
            change[0, at // DAY] -= 1
            if first:
                change[1, at // DAY] -= 1
                first = False


def _is_late(timeline, due, asked, horizon):
    """Return whether a letter is not answered by its due time; being asked and extension move it.

    asked: since when the writer is asked, or None.
    """
    for at, action, said in timeline:
        if action == "ask_citizen":
            asked = at
        elif asked is not None and action in ("supply", "lapse"):
            due, asked = due + at - asked, None
        elif action == "extend":
            due += said["days"] * DAY
        elif action in _ENDS:
            return at > due
    return asked is None and due < horizon


def summary(replications, spec):
    """Return what the replications of a forecast say together, as JSON.

    replications: dicts of play. Intervals are those in which 95 % of them lie. cleared: of the
    day by whose end the first letters are all answered; None for days that lie beyond the end.
    """
    backlog = Backlog(**spec["backlog"])
    share = dict.fromkeys(backlog.number, 0)
    for one in replications:
        for number in one["late"]:
            share[number] += 1
    n = len(replications)
    days = len(replications[0]["open"])
    cleared = _spread([one["cleared"] or days + 1 for one in replications])
    return {
        "replications": n,
        "backlog": len(backlog),
        "late_now": sum(due < backlog.now for due in backlog.due),
        "open": _band([one["open"] for one in replications]),
        "old": _band([one["old"] for one in replications]),
        "late": _spread([len(one["late"]) for one in replications]),
        "late_new": _spread([one["late_new"] for one in replications]),
        "cleared": {name: day if day <= days else None for name, day in cleared.items()},
        "cases": [
            {"case": number, "late": times / n}
            for number, times in sorted(share.items(), key=lambda item: (-item[1], item[0]))
            if times
        ],
    }


def _spread(values):
    low, middle, high = np.quantile(values, (0.025, 0.5, 0.975))
    return {"low": float(low), "middle": float(middle), "high": float(high)}


def _band(lists):
    """Return {"low": …, "middle": …, "high": …} of lists by day."""
    low, middle, high = np.quantile(np.array(lists), (0.025, 0.5, 0.975), axis=0)
    return {"low": low.tolist(), "middle": middle.tolist(), "high": high.tolist()}

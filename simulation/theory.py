"""Queues whose waiting times are known exactly; what the stations are checked against."""

from math import exp


def erlang_c(officers, load):
    """Return the probability that a letter has to wait, in a queue M/M/c.

    load: work that arrives in a time over that time (Erlang), less than `officers`.
    Raises: ValueError if the queue would grow for ever.
    Source: Erlang (1917), by the recursion for Erlang B.
    """
    if not 0 < load < officers:
        raise ValueError(f"load must lie between 0 and {officers}, not {load}")
    blocked = 1.0
    for n in range(1, officers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / officers * (1 - blocked))


def mean_wait(officers, load, mean_work):
    """Return the mean time before work begins in a queue M/M/c, in the unit of mean_work."""
    return erlang_c(officers, load) * mean_work / (officers - load)


def longer_than(wait, officers, load, mean_work):
    """Return the share of letters that wait longer than `wait` in a queue M/M/c."""
    return erlang_c(officers, load) * exp(-(officers - load) * wait / mean_work)


def officers_needed(load, mean_work, wait, share):
    """Return the least number of officers with which `share` of letters wait no more than `wait`."""
    officers = int(load) + 1
    while 1 - longer_than(wait, officers, load, mean_work) < share:
        officers += 1
    return officers


def mean_wait_one_officer(load, mean_work, cv):
    """Return the mean wait in a queue M/G/1 whose work has this coefficient of variation.

    Source: Pollaczek (1930), Khinchine (1932).
    """
    if not 0 < load < 1:
        raise ValueError(f"load must lie between 0 and 1, not {load}")
    return load / (1 - load) * (1 + cv * cv) / 2 * mean_work

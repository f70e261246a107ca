"""Queues whose waiting times are known exactly; what the stations are checked against."""

from itertools import pairwise
from math import exp, factorial

import numpy as np


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


def priority_waits_one_officer(rates, means, cvs):
    """Return the mean wait of each class in a queue M/G/1 with non-preemptive priority.

    rates: letters a time unit; means, cvs: of their work; the class served first stands first.
    Raises: ValueError if the queue would grow for ever.
    Source: Cobham (1954).
    """
    loads = [rate * mean for rate, mean in zip(rates, means, strict=True)]
    in_hand = sum(
        load * mean * (1 + cv * cv) / 2 for load, mean, cv in zip(loads, means, cvs, strict=True)
    )
    return [in_hand / (before * after) for before, after in _left_over(loads, 1)]


def priority_waits(officers, loads, mean_work):
    """Return the mean wait of each class in a queue M/M/c with non-preemptive priority.

    loads: Erlang of each class, first served first; mean_work: the same for all classes.
    Raises: ValueError if the queue would grow for ever.
    Source: Kella and Yechiali (1985).
    """
    all_busy = erlang_c(officers, sum(loads)) * mean_work / officers
    return [all_busy / (before * after) for before, after in _left_over(loads, officers)]


def visit_rates(arrivals, routes):
    """Return the rate at which letters visit each station of an open network.

    arrivals: letters from outside a time unit, by station. routes[i][j]: probability that a
    letter goes from station i to j.
    """
    routes = np.asarray(routes, float)
    return np.linalg.solve(np.eye(len(routes)) - routes.T, np.asarray(arrivals, float))


def letters_there(officers, load, most):
    """Return the probabilities that 0 … most letters are at a station M/M/c, waiting or in hand.

    In an open network of such stations the numbers there are independent, and each is
    distributed as if the station stood alone. Source: Jackson (1957).
    """
    weight, weights = 1.0, []
    for n in range(most + 1):
        weights.append(weight)
        weight *= load / min(n + 1, officers)
    # All that is over: with every officer busy weights fall by load / officers each time.
    below = sum(load**n / factorial(n) for n in range(officers))
    last = load**officers / factorial(officers) / (1 - load / officers)
    return [weight / (below + last) for weight in weights]


def mean_there(officers, load):
    """Return the mean number of letters at a station M/M/c, waiting or in hand."""
    return load + erlang_c(officers, load) * load / (officers - load)


def _left_over(loads, officers):
    """Return (share of time left by the classes before this one, by these and this one)."""
    if not 0 < sum(loads) < officers:
        raise ValueError(f"loads must sum to between 0 and {officers}, not {sum(loads)}")
    left = [1 - sum(loads[:n]) / officers for n in range(len(loads) + 1)]
    return list(pairwise(left))

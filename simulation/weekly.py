"""How busy desks and units are by hour of the week: officers' time at work over that on duty."""

import numpy as np

HOURS = 168  # from Monday 0 h
NOBODY = -1  # on duty in this hour


def of(hours, scenario):
    """Return {"desk 440100": [per mille of the time on duty, NOBODY where no one was]}.

    hours: as engine.Run has them. A desk stands for itself; duty officers, handlers and reviewers
    of a city's units are taken together.
    """
    above = {unit: city.code for city in scenario.cities for unit in city.units}
    sums = {}
    for name, pair in hours.items():
        group, code = name.split()
        total = sums.setdefault(f"{group} {above.get(code, code)}", np.zeros((2, HOURS)))
        total += pair
    return {name: _per_mille(*total) for name, total in sums.items()}


def _per_mille(busy, duty):
    shares = np.full(HOURS, NOBODY)
    there = duty > 0
    shares[there] = np.rint(1000 * busy[there] / duty[there])
    return shares.tolist()

"""Values in a scenario's tree by dotted paths, lengths of time in seconds."""

from simulation.reader import SECONDS
from simulation.scenario import KIND_CODES

DAY = 86400
# Of a log without kinds: the time that passes in the matter, of all kinds alike.
ALL_KINDS = "work.matter"


def place(tree, path):
    """Return (table, key) of a dotted path; a city stands in it by its code."""
    *above, key = path.split(".")
    table = tree
    for name in above:
        if isinstance(table, list):
            table = next(row for row in table if row["code"] == name)
        else:
            table = table[name]
    return table, key


def is_length(path):
    """Say whether a path is that of a length of time."""
    lengths = ("lags.", "work.matter")
    return path == "arrivals.repeat_days" or path.startswith(lengths) and not path.endswith(".cv")


def _of(path, kind):
    return f"{ALL_KINDS}.{kind}.cv"


def get(tree, path):
    """Return the value at a path; lengths of time in seconds."""
    if path == f"{ALL_KINDS}.cv":
        return sum(share * get(tree, _of(path, kind)) for kind, share in tree["kinds"].items())
    if path == ALL_KINDS:
        return sum(share * get(tree, f"{path}.{kind}") for kind, share in tree["kinds"].items())
    table, key = place(tree, path)
    value = table[key]
    if isinstance(value, dict):
        unit = next(unit for unit in SECONDS if unit in value)
        return value[unit] * SECONDS[unit]
    return value * DAY if is_length(path) else value


def put(tree, path, value):
    """Set the value at a path; lengths of time in seconds."""
    if path == f"{ALL_KINDS}.cv":
        for kind in KIND_CODES:
            put(tree, _of(path, kind), value)
        return
    if path == ALL_KINDS:
        factor = value / get(tree, path)
        for kind in KIND_CODES:
            put(tree, f"{path}.{kind}", factor * get(tree, f"{path}.{kind}"))
        return
    table, key = place(tree, path)
    if isinstance(table[key], dict):
        unit = next(unit for unit in SECONDS if unit in table[key])
        table[key] = {**table[key], unit: float(f"{value / SECONDS[unit]:.4g}")}
    else:
        table[key] = float(f"{shown(path, value):.4g}")


def shown(path, value):
    """Return seconds as days, as the lengths of a scenario stand in it; else the value itself."""
    return float(value) / DAY if is_length(path) else float(value)

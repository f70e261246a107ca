"""What is not known about a scenario: roles of figures, free parameters, and priors.

`[roles]` says which published figures were put in and which parameters were tuned to; all
others are predicted. `[[free]]` names the parameters that calibrate may change, `[priors]`
how uncertain the stated guesses are. Names are those of simulation/changing.py.
"""

import re
from dataclasses import dataclass

from simulation import changing, draws, published
from simulation.reader import SECONDS

# Leaves of these are shares: what is drawn for them stays at or below 1.
_SHARES = re.compile(
    r"chances\..*|arrivals\.confidential\..*|outcomes\.(said_solved|satisfied)\..*|.*to_department"
)


@dataclass(frozen=True)
class Free:
    """A parameter that may be fitted, and the figure it moves most.

    low, high: what it may be at all. prior: from where to where it was expected before any
    figure was looked at.
    """

    parameter: str
    figure: str
    low: float
    high: float
    prior: tuple[float, float]

    def distance(self, value):
        """Return how far a value is from the middle of the prior, in halves of its width."""
        low, high = self.prior
        return (value - (low + high) / 2) / ((high - low) / 2)


@dataclass(frozen=True)
class Prior:
    """How uncertain a parameter is: anything from low to high, or a factor about 1 with this cv.

    A factor is drawn for each number that stands under the name, by itself.
    """

    low: float | None = None
    high: float | None = None
    cv: float | None = None


def read(file, tree):
    """Return what the tables say, as fields of Scenario.

    file: Table of the whole scenario. tree: its values. Raises: ScenarioError.
    """
    inputs, tuned, compared = _roles(file)
    free = _free(file, tree, tuned)
    return {
        "inputs": inputs,
        "tuned": tuned,
        "compared": compared,
        "free": free,
        "priors": _priors(file, tree),
    }


def role(figure, scenario):
    """Return whether a scenario has a published figure as input, tuned or predicted."""
    if figure.key in scenario.inputs:
        return "input"
    return "tuned" if figure.key in scenario.tuned else "predicted"


def draw(tree, seed):
    """Change a scenario's tree in place: every parameter with a prior is drawn from it.

    The draw of a name depends on seed and name alone.
    """
    for name, told in tree.get("priors", {}).items():
        if "cv" in told:
            for place, (table, key) in enumerate(changing.places(tree, name)):
                table[key] = _times(table[key], told["cv"], seed, f"{name}/{place}", name)
        else:
            uniform = float(draws.uniforms(seed, f"prior {name}", [0], 1)[0, 0])
            drawn = told["low"] + (told["high"] - told["low"]) * uniform
            changing.apply(tree, {name: f"{drawn:.6f}"}, name)


def _times(value, cv, seed, place, name):
    """Return a number, or all numbers of a table, times a factor each; shares add up as before."""
    if isinstance(value, dict):
        unit = next((unit for unit in SECONDS if unit in value), None)
        keys = [unit] if unit else list(value)
        new = {k: _times(value[k], cv, seed, f"{place}/{k}", f"{name}.{k}") for k in keys}
        return {**value, **_as_shares(new, name)}
    if isinstance(value, list):
        return [_times(n, cv, seed, f"{place}/{i}", f"{name}.{i}") for i, n in enumerate(value)]
    uniform = draws.uniforms(seed, f"prior {place}", [0], 1)
    factor = float(draws.lognormals(uniform, 1.0, cv)[0, 0])
    if isinstance(value, int):
        return max(1, round(value * factor)) if value else 0
    drawn = value * factor
    return min(drawn, 1.0) if _SHARES.fullmatch(name) else drawn


def _as_shares(values, name):
    if not changing.adds_up(name):
        return values
    total = sum(values.values())
    return {key: value / total for key, value in values.items()}


def _roles(file):
    if not file.has("roles"):
        return (), (), False
    table, keys = file.table("roles"), [figure.key for figure in published.figures()]
    inputs = table.names("input", keys, "published figure") if table.has("input") else ()
    tuned = table.names("tuned", keys, "published figure") if table.has("tuned") else ()
    compared = table.take("compared", bool, "true or false") if table.has("compared") else True
    table.done()
    for key in tuned:
        if key in inputs:
            raise table.error("tuned", f"{key} is an input: what is put in can't be fitted")
    return inputs, tuned, compared


def _free(file, tree, tuned):
    found = []
    for table in file.tables("free") if file.has("free") else ():
        free = Free(
            table.text("parameter"),
            table.text("figure"),
            table.number("low"),
            table.number("high"),
            tuple(table.numbers("prior", 2)),
        )
        table.done()
        if free.figure not in tuned:
            raise table.error(
                "figure", f"{free.figure} is predicted: only tuned figures are fitted"
            )
        if free.parameter in [other.parameter for other in found]:
            raise table.error("parameter", f"{free.parameter} stands there a second time")
        if not free.low < free.high:
            raise table.error("low", "must be less than high")
        if not free.low <= free.prior[0] < free.prior[1] <= free.high:
            raise table.error("prior", "must rise, and lie between low and high")
        changing.places(tree, free.parameter, table.file)
        found.append(free)
    if len(found) > len(tuned):
        rule = f"{len(found)} free parameters for {len(tuned)} tuned figures: never more than those"
        raise file.error("free", rule)
    return tuple(found)


def _priors(file, tree):
    if not file.has("priors"):
        return {}
    table, found = file.table("priors"), {}
    for name in tree["priors"]:
        row = table.table(name)
        if row.has("cv"):
            found[name] = Prior(cv=row.number("cv", 0.0, 1.0))
        else:
            found[name] = Prior(row.number("low"), row.number("high"))
            if not found[name].low < found[name].high:
                raise row.error("low", "must be less than high")
        row.done()
        changing.places(tree, name, table.file)
    table.done()
    return found

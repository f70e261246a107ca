"""Calibration: a scenario's free parameters fitted to its tuned figures, by replications.

Predicted figures are not looked at. All points are played with the same seeds, so that the
same command gives the same parameters, whatever the number of workers.
"""

import tomlkit

from simulation import changing, newton, priors, published, replication, sources, studies
from simulation import scenario as scenarios
from simulation.reader import ScenarioError

MARK = "# Calibrated: "


def targets(scenario):
    """Return {key: value} of the figures to be met. Raises: ScenarioError if nothing can be fitted."""
    there = {figure.key: figure.value for figure in published.within(scenario)}
    if not scenario.free:
        raise ScenarioError(scenario.name, "free", "there is no free parameter to fit")
    for key in scenario.tuned:
        if key not in there:
            raise ScenarioError(scenario.name, "roles.tuned", f"{key} ends after the scenario")
    return {key: there[key] for key in scenario.tuned}


def start_of(text, scenario):
    """Return {parameter: value} as it stands in a scenario's text."""
    tree = sources.tree(text, scenario.name)
    return {row.parameter: changing.current(tree, row.parameter) for row in scenario.free}


def create(text, name, seed, user=None):
    """Make the study of a calibration, and return it; `fit` goes on from there.

    Raises: ScenarioError.
    """
    targets(scenarios.parse(text, name))
    spec = {"open": True, "seed": seed}
    return studies.create("calibrate", text, arms={}, seeds=[], scenario=name, spec=spec, user=user)


def fit(study, replications, watch):
    """Return the Fit of a study's scenario. watch: called to wait until its replications are done.

    Raises: RuntimeError if the study ends otherwise.
    """
    scenario = scenarios.parse(study.text, study.scenario)
    goals, seeds = targets(scenario), studies.seeds(study.spec["seed"], replications)
    start = start_of(study.text, scenario)

    def measure(points):
        arms = {arm_of(point): point for point in points}
        for n, (arm, point) in enumerate(arms.items()):
            # A nudge needs one seed: its neighbour was played with the same random numbers.
            studies.add(study, {arm: point}, seeds if n == 0 else seeds[:1])
        watch(study)
        if not study.unfinished:
            raise RuntimeError(study.error or study.status)
        found = studies.by_arm(study)
        return [[replication.figures(values) for values in found[arm_of(p)]] for p in points]

    found = newton.fit(scenario.free, start, goals, measure)
    result = {"parameters": found.parameters, "figures": found.figures, "met": found.met}
    studies.finish(study, result)
    return found


def arm_of(point):
    """Return the name of a point's arm: its values, in the order of the parameters."""
    return "fit " + " ".join(f"{value:g}" for value in point.values())


def written(name, fit, command):
    """Return a scenario's own text with the fitted parameters, and a head that says how they were made.

    Comments are kept; a head of an earlier calibration makes room. Of a scenario that stands on
    another one the parameters come under its [changes]. name: of the scenario, or its file.
    """
    whole = sources.source(name)
    lines = sources.own(name).splitlines(True)
    document = tomlkit.parse("".join(line for line in lines if not line.startswith(MARK)))
    if "base" in document:
        document.setdefault("changes", tomlkit.table()).update(fit.parameters)
    else:
        changing.apply(document, fit.parameters, name)
    missed = f"; not met: {', '.join(fit.missed())}" if not fit.met else ""
    head = [
        command,
        f"from a scenario whose other values have the SHA-256 {source_of(whole, fit)[:16]}",
        f"fitted {', '.join(fit.parameters)} to {', '.join(fit.targets)}{missed}",
    ]
    return "".join(f"{MARK}{line}\n" for line in head) + tomlkit.dumps(document)


def source_of(text, fit):
    """Return the fingerprint of a scenario without the values that were fitted."""
    document = tomlkit.parse(text)
    for name in fit.parameters:
        for table, key in changing.places(document, name):
            del table[key]
    return sources.fingerprint(tomlkit.dumps(document))


def place(row, value):
    """Return in words where a fitted value lies beside its prior. row: priors.Free."""
    far, bound = row.distance(value), value <= row.low or value >= row.high
    told = "within" if abs(far) <= 1 else "OUTSIDE: less plausible than was thought"
    return f"{far:+.2f} half-widths, {told}{', at its bound' if bound else ''}"


def lines(fit, scenario):
    """Return the fit in lines for a terminal: figures, then parameters beside their ranges."""
    found = [f"{'tuned figure':22} {'published':>10} {'fitted':>10} {'diff':>8}"]
    for key, target in fit.targets.items():
        value = fit.figures[key]
        sign = "" if newton.near(value, target) else "  NOT MET"
        found.append(
            f"{key:22} {target:>10,.6g} {value:>10,.6g} {100 * (value / target - 1):>+7.2f} %{sign}"
        )
    found += ["", f"{'free parameter':32} {'fitted':>10}   {'prior':14} from its middle"]
    for row in scenario.free:
        value = fit.parameters[row.parameter]
        told = f"{row.prior[0]:g} to {row.prior[1]:g}"
        found.append(f"{row.parameter:32} {value:>10.6g}   {told:14} {place(row, value)}")
    predicted = sum(
        priors.role(figure, scenario) == "predicted" for figure in published.within(scenario)
    )
    return [*found, "", f"{predicted} predicted figures were not looked at."]

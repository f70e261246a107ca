"""The two intervals of each published figure, from replications: by chance, and with priors.

They come from the newest finished study of the very same scenario, or from the file that
`manage.py replicate --ship` wrote beside the scenarios; without either there are none. With
priors, every parameter that has one is drawn anew for each replication, and the free
parameters are then fitted again by one step, for what was tuned stays tuned; the replication
that counts has a seed of its own, so that its chance isn't fitted away
(docs/decisions/0010-two-intervals.md).
"""

import json
from pathlib import Path
from statistics import fmean

from simulation import calibrating, estimates, newton, published, sources, studies
from simulation import scenario as scenarios
from simulation.models import Study
from simulation.replication import figures

FOLDER = Path(__file__).parent / "data" / "intervals"
CHANCE, PRIORS = "chance", "priors"


def find(text):
    """Return the intervals of a scenario's text, or None.

    As a dict: replications, and figures: {key: {"mean": n, CHANCE: [low, high], PRIORS: [low, high]}}.
    """
    done = Study.objects.filter(kind="intervals", status=Study.DONE)
    newest = done.filter(spec__fingerprint=sources.fingerprint(text)).first()
    return newest.result if newest else shipped(text)


def shipped(text):
    """Return the intervals in the file of this very scenario, or None."""
    wanted = sources.fingerprint(text)
    for path in sorted(FOLDER.glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["fingerprint"] == wanted:
            return found
    return None


def create(text, name, count, seed, user=None):
    """Make the study of both intervals with its first replications; `finish` goes on from there.

    Raises: ScenarioError; ValueError for fewer than 2 replications.
    """
    if count < 2:
        raise ValueError("an interval needs at least 2 replications")
    scenario = scenarios.parse(text, name)
    spec = {"open": True, "count": count, "seed": seed, "fingerprint": sources.fingerprint(text)}
    study = studies.create(
        "intervals",
        text,
        arms={CHANCE: {}},
        seeds=studies.seeds(seed, count),
        scenario=name,
        spec=spec,
        user=user,
    )
    if scenario.free:
        for point in _nudged(study, scenario):
            studies.add(study, {calibrating.arm_of(point): point}, studies.seeds(seed, 1))
    for n in range(1, count + 1):
        studies.add(study, {f"drawn {n}": {scenarios.DRAWN: n}}, [_seed(study, "drawn", n)])
    return study


def finish(study, watch):
    """Play the rest of a started study and end it with its result, which is returned.

    watch: called to wait until all that the study has is done. Raises: RuntimeError if it ends
    otherwise.
    """
    _done(study, watch)
    scenario = scenarios.parse(study.text, study.scenario)
    for n in range(1, study.spec["count"] + 1):
        point = _refitted(study, scenario, n) if scenario.free else {}
        changes = {scenarios.DRAWN: n, **point}
        studies.add(study, {f"{PRIORS} {n}": changes}, [_seed(study, PRIORS, n)])
    _done(study, watch)
    result = _result(study)
    studies.finish(study, result)
    return result


def _done(study, watch):
    watch(study)
    if not study.unfinished:
        raise RuntimeError(study.error or study.status)


def _seed(study, arm, n):
    return studies.seed_of(f"{study.spec['seed']}/{arm}", n)


def _nudged(study, scenario):
    return newton.nudged(scenario.free, calibrating.start_of(study.text, scenario))


def _refitted(study, scenario, n):
    """Return the free parameters of a draw, after one step towards the tuned figures."""
    found, start = studies.by_arm(study), calibrating.start_of(study.text, scenario)
    goals = calibrating.targets(scenario)
    points = _nudged(study, scenario)
    trials = [(p, list(map(figures, found[calibrating.arm_of(p)]))) for p in points]
    base = [figures(found[CHANCE][0])]
    slopes = newton.jacobian(scenario.free, start, base, trials, goals)
    drawn = figures(found[f"drawn {n}"][0])
    return newton.rounded(newton.stepped(scenario.free, start, drawn, goals, slopes), start)


def _result(study):
    arms = studies.by_arm(study)
    chance = [figures(values) for values in arms[CHANCE]]
    numbers = range(1, study.spec["count"] + 1)
    wide = [figures(arms[f"{PRIORS} {n}"][0]) for n in numbers]
    known = {}
    for figure in published.within(scenarios.parse(study.text, study.scenario)):
        values = [found[figure.key] for found in chance]
        known[figure.key] = {
            "mean": round(fmean(values), 2),
            CHANCE: _interval(figure, values),
            PRIORS: _interval(figure, [found[figure.key] for found in wide]),
        }
    return {
        "scenario": study.scenario,
        "fingerprint": study.spec["fingerprint"],
        "seed": study.spec["seed"],
        "replications": study.spec["count"],
        "figures": known,
    }


def _interval(figure, values):
    low, high = estimates.prediction(values)
    top = 100.0 if figure.is_rate else high
    return [round(max(low, 0.0), 2), round(min(high, top), 2)]

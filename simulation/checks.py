"""The published figures beside a run's own, each with its role and two intervals."""

from cases.models import Unit
from simulation import priors, published
from simulation.intervals import CHANCE, PRIORS


def rows(tally, scenario, spread=None):
    """Return the published figures that end within a scenario beside those of a run.

    tally: of the run's letters, areas by ids of units. spread: as simulation/intervals.py
    finds it. low, high: where chance alone would leave a figure, 95 times of 100; from
    replications if there are any, else from this one count. prior_low, prior_high: chance with
    parameters drawn from their priors, from replications only. ok: whether the published value
    lies in the second interval; None for inputs, and without replications. published is None
    unless the run is the whole, unchanged scenario, for other years are set against nothing.
    """
    whole, known = is_whole(scenario), spread["figures"] if spread else {}
    found = []
    for figure in published.within(scenario):
        simulated, low, high = _simulated(tally, figure, scenario.letters)
        if simulated is None:
            continue
        role, mine = priors.role(figure, scenario), known.get(figure.key) if whole else None
        if mine:
            low, high = mine[CHANCE]
        prior_low, prior_high = mine[PRIORS] if mine else (None, None)
        judged = mine and role != "input"
        found.append(
            {
                "key": figure.key,
                "measure": figure.measure,
                "area": figure.area,
                "as_of": figure.until.isoformat(),
                "since": figure.since.isoformat() if figure.since else None,
                "published": figure.value if whole else None,
                "simulated": simulated,
                "low": low,
                "high": high,
                "prior_low": prior_low,
                "prior_high": prior_high,
                "role": role,
                "ok": prior_low <= figure.value <= prior_high if judged else None,
                "verb": figure.verb,
                "source": figure.source,
                "source_zh": figure.source_zh,
                "note": figure.note,
                "note_zh": figure.note_zh,
                "variant_of": figure.variant_of,
            }
        )
    return found


def replicated(scenario, spread):
    """Return the published figures beside the mean of replications; no one run is at hand.

    Rows as of `rows`, with mean in place of simulated.
    """
    found = []
    for figure in published.within(scenario):
        role, mine = priors.role(figure, scenario), spread["figures"][figure.key]
        (low, high), (prior_low, prior_high) = mine[CHANCE], mine[PRIORS]
        within = prior_low <= figure.value <= prior_high
        found.append(
            {
                "key": figure.key,
                "role": role,
                "published": figure.value if scenario.compared else None,
                "mean": mine["mean"],
                "low": low,
                "high": high,
                "prior_low": prior_low,
                "prior_high": prior_high,
                "ok": within if scenario.compared and role != "input" else None,
                "note": figure.note,
                "note_zh": figure.note_zh,
            }
        )
    return found


def is_whole(scenario):
    """Return whether a scenario is one to be compared, neither scaled nor changed."""
    return scenario.compared and not scenario.notes


def _simulated(tally, figure, letters):
    """Return (value, low, high) of a figure in one run, by chance; a rate is a share of 100."""
    area = None if figure.area == "all" else Unit.objects.get(code=figure.area).pk
    counts = published.counts(tally, figure, area)
    value = published.value(figure, counts)
    if not figure.is_rate:
        return value, *published.by_chance(value, max(letters, value))
    if value is None:
        return None, None, None
    low, high = published.share_by_chance(published.part(figure, counts), counts["received"])
    return value, 100 * low, 100 * high

"""A scenario as numbers, for the compiled journey: one record, and what hangs on places."""

from itertools import accumulate

import numpy as np

from simulation import columns as col
from simulation import draws
from simulation.scenario import (
    CATEGORY_CODES,
    CHANCES,
    DECLINE_CODES,
    ELSEWHERE_CODES,
    KIND_CODES,
    RESULT_CODES,
    RETURN_CODES,
)

STREAMS = ("work", "matter", "lags", "choices", "outcomes", "returns")
WORK, MATTER, LAGS, CHOICES, OUTCOMES, RETURNS = range(len(STREAMS))
_KINDS, _CATEGORIES, _RESULTS = len(KIND_CODES), len(CATEGORY_CODES), len(RESULT_CODES)
_WORKS = sum(times for _, times in col.WORK)
_LONGEST = max(map(len, (DECLINE_CODES, ELSEWHERE_CODES, RETURN_CODES, RESULT_CODES)))

# A choice by shares: rising edges, and the code of each piece.
_CHOICE = np.dtype([("edges", float, _LONGEST), ("codes", np.int64, _LONGEST)])
PLAN = np.dtype(
    [
        ("roots", np.uint64, len(STREAMS)),
        ("work", float, (_WORKS, 2)),  # mu and sigma, as of all times
        ("lags", float, (len(col.LAG_OF), 2)),
        ("matter", float, (_KINDS, 2)),
        ("effort", float, _KINDS),
        ("redo_matter", float),
        ("office_share", float),
        ("chance", np.dtype([(name, float) for name in CHANCES])),
        ("emergency_declined", float),
        ("returns", float, 3),
        *((name, _CHOICE) for name in ("decline", "elsewhere", "return_reason", "undone")),
        ("results", _CHOICE, _KINDS),
        ("problem", np.int8, _KINDS),
        ("at_any_hour", np.int8, _KINDS),
        ("done", float, (_KINDS, _CATEGORIES)),
        ("per_return", float, 4),
        ("growth", float),
        ("per_week", float),
        ("incident", float, (_KINDS, _CATEGORIES)),
        ("said_solved", float, _RESULTS),
        ("satisfied", float, _RESULTS),
        ("thanks", float),
        ("banners", float),
        ("letters_per_rule", np.int64),
        ("brings_rules", np.int8, _KINDS),
        ("reply", np.int64, _KINDS),
        ("redo", np.int64, _KINDS),
        ("extension", np.int64, _KINDS),
        ("supply", np.int64),
        ("silence", np.int64),
        ("press_after", np.int64, 4),
        ("cities", np.int64),
        ("units", np.int64),
        ("office_hours", np.int64),
        ("working_days", np.int64),
    ]
)


def build(scenario, seed, office):
    """Return the plan, an array of one PLAN record, without the rosters' places."""
    plan = np.zeros(1, PLAN)
    row, outcomes = plan[0], scenario.outcomes
    row["roots"] = [draws.root(seed, stream) for stream in STREAMS]
    row["work"] = [_law(scenario.work[action]) for action, times in col.WORK for _ in range(times)]
    row["lags"] = [_law(scenario.lags[action]) for action in col.LAG_OF]
    row["matter"] = [_law(scenario.matter[kind]) for kind in KIND_CODES]
    row["effort"] = [scenario.effort[kind] for kind in KIND_CODES]
    row["redo_matter"] = scenario.redo_matter
    row["office_share"] = office.office_share
    for name in CHANCES:
        row["chance"][name] = scenario.chances[name]
    row["emergency_declined"] = scenario.arrivals.emergency_declined
    row["returns"] = np.cumsum(scenario.returns)[:-1]
    _set_choice(row["decline"], scenario.decline_reasons, DECLINE_CODES)
    _set_choice(row["elsewhere"], scenario.elsewhere, ELSEWHERE_CODES)
    _set_choice(row["return_reason"], scenario.return_reasons, RETURN_CODES)
    _set_choice(row["undone"], outcomes.undone, RESULT_CODES)
    for place, kind in enumerate(KIND_CODES):
        if kind in outcomes.results:
            _set_choice(row["results"][place], outcomes.results[kind], RESULT_CODES)
        for other, category in enumerate(CATEGORY_CODES):
            row["done"][place, other] = office.done.get((kind, category), 0.0)
            row["incident"][place, other] = office.incident[kind, category]
    _set_outcomes(row, scenario, office)
    row["cities"] = len(scenario.cities)
    row["units"] = sum(len(city.units) for city in scenario.cities)
    return plan


def _set_outcomes(row, scenario, office):
    outcomes = scenario.outcomes
    row["problem"] = [kind not in outcomes.results for kind in KIND_CODES]
    row["at_any_hour"] = [kind in scenario.at_any_hour for kind in KIND_CODES]
    row["brings_rules"] = [kind in outcomes.rule_kinds for kind in KIND_CODES]
    row["per_return"] = office.per_return
    row["growth"], row["per_week"] = outcomes.done_growth_per_year, outcomes.done_per_week
    row["said_solved"] = [outcomes.said_solved[result] for result in RESULT_CODES]
    row["satisfied"] = [outcomes.satisfied[result] for result in RESULT_CODES]
    row["thanks"], row["banners"] = outcomes.thanks_per_solved, outcomes.banners
    row["letters_per_rule"] = outcomes.letters_per_rule
    row["reply"] = [office.reply[kind] for kind in KIND_CODES]
    row["redo"] = [office.redo[kind] for kind in KIND_CODES]
    row["extension"] = [office.extension_days[kind] for kind in KIND_CODES]
    row["supply"], row["silence"] = office.supply, office.silence
    row["press_after"] = office.press_after


def _law(spread):
    """Return mu and sigma of a lognormal Spread."""
    variance = np.log1p(np.square(spread.cv))
    return np.log(spread.mean) - variance / 2, np.sqrt(variance)


def _set_choice(row, shares, codes):
    names = list(shares)
    row["edges"] = np.inf
    row["edges"][: len(names) - 1] = list(accumulate(shares.values()))[:-1]
    row["codes"][: len(names)] = [codes.index(name) for name in names]

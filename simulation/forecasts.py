"""Forecasts: studies that begin with today's open letters and go on for some weeks."""

from datetime import date, timedelta

import tomlkit

from cases import worlds
from cases.calendars import known_years
from cases.statistics import CHINA
from simulation import forecasting, snapshot, sources, studies
from simulation import scenario as scenarios
from simulation.models import Study
from simulation.reader import ScenarioError

DEFAULT = "guangdong-2021"
WEEKS, MOST_WEEKS, REPLICATIONS = 8, 26, 20
KIND = "forecast"


def weeks_known(at):
    """Return for how many whole weeks from now the official calendar is known, at most MOST_WEEKS."""
    last = date(known_years()[-1], 12, 31)
    return max(min((last - at.astimezone(CHINA).date()).days // 7, MOST_WEEKS), 0)


def create(name=DEFAULT, *, weeks=None, changes=None, replications=REPLICATIONS, seed=1, user=None):
    """Make a forecast of the live backlog, and return the Study. Nothing starts yet.

    name: the scenario whose staff, work and chances are taken; its bursts and absences are about
    days of its own and left out. weeks: by default WEEKS, or as many as the calendar is known
    for. Letters a day are those of the last four weeks, or the scenario's where there were too
    few. Raises: ScenarioError.
    """
    at = worlds.now()
    known = weeks_known(at)
    if not 1 <= (1 if weeks is None else weeks) <= known:
        rule = (
            f"must be from 1 to {known}: the official calendar is known no longer, or it is too far"
        )
        raise ScenarioError("forecast", "weeks", rule)
    weeks = min(WEEKS, known) if weeks is None else weeks
    level = snapshot.level(at)
    text, daily = _text(name, at, weeks, level)
    backlog = snapshot.of_live(scenarios.parse(text, name, changes), at)
    spec = {
        "backlog": backlog.as_json(),
        "at": at.isoformat(),
        "start": at.astimezone(CHINA).date().isoformat(),
        "weeks": weeks,
        "daily": daily,
        "measured": level is not None,
        "answered": snapshot.answered(at),
    }
    return studies.create(
        KIND,
        text,
        arms={KIND: changes or {}},
        seeds=studies.seeds(seed, replications),
        scenario=name,
        user=user,
        spec=spec,
    )


def _text(name, at, weeks, level):
    """Return the scenario's text from today on for some weeks, and its letters a day."""
    source = sources.source(name)
    given = scenarios.parse(source, name)
    daily = given.letters / given.days if level is None else level
    document = tomlkit.parse(source)
    # They are about the published year, or about the scenario's own days.
    for table in ("roles", "free", "priors", "burst", "absence"):
        document.pop(table, None)
    document["scenario"].update(
        start=at.astimezone(CHINA).date(), days=7 * weeks, letters=max(round(daily * 7 * weeks), 1)
    )
    document["arrivals"].pop("checkpoints", None)
    document["arrivals"]["surge_peak"] = 0.0
    return tomlkit.dumps(document), daily


def latest(**which):
    """Return the newest forecast, or None. which: filters."""
    return Study.objects.filter(kind=KIND, **which).first()


def told(study):
    """Return what a finished forecast says, as JSON: see forecasting.summary; and its days."""
    found = forecasting.summary(studies.by_arm(study)[KIND], study.spec)
    first = date.fromisoformat(study.spec["start"])
    days = [(first + timedelta(days=n)).isoformat() for n in range(7 * study.spec["weeks"])]
    facts = {key: study.spec[key] for key in ("at", "weeks", "daily", "measured")}
    facts["answered"] = study.spec.get("answered")  # what was made before this was asked has none
    return {"scenario": study.scenario, **facts, "days": days, **found}

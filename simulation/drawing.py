"""Drawing a scenario from a book: what was measured where it could be, the base elsewhere.

Three kinds of numbers. Direct ones are shares as they were counted. Fitted ones (lengths of
time, and shares that the span's end cuts off) can't be seen: an officer's own time, nights and
queues lie in between; so the scenario is played, measured like the log, and moved until both
agree. The rest no log holds (officers, their own time, promises): it is taken from the base.
"""

import tomllib
from dataclasses import dataclass
from math import ceil

import numpy as np

from cases.fields import PROBLEM_KINDS
from simulation import casebook, measuring, moving, playbook, values, writing
from simulation import scenario as scenarios
from simulation.reader import ScenarioError
from simulation.scenario import CATEGORY_CODES, KIND_CODES, RESULT_CODES

MIN_LETTERS, MIN_DAYS, MIN_COUNT = 100, 7, 30
ROUNDS, SOUNDED, PLAYED, MOST, MOST_TIMES = 7, 3, 60_000, 100_000, 20

_LAGS = tuple(f"lags.{action}" for action in scenarios.LAGS)
_MATTERS = tuple(f"work.matter.{kind}" for kind in KIND_CODES)
# A log shows no duplicate that nobody noticed; the others are scaled (SCALED).
_NOT_SEEN = ("merge", "rate", "extend")
DIRECT = (
    "arrivals.daily_cv", "arrivals.day_off", "arrivals.emergency", "arrivals.emergency_declined",
    *(f"arrivals.confidential.{kind}" for kind in KIND_CODES),
    *(f"chances.{action}" for action in scenarios.CHANCES if action not in _NOT_SEEN),
    "outcomes.banners",
    *(f"outcomes.satisfied.{result}" for result in RESULT_CODES),
    *(f"outcomes.said_solved.{result}" for result in RESULT_CODES),
)  # fmt: skip
SHIFTED = ("arrivals.repeat_days", *_LAGS, *_MATTERS, values.ALL_KINDS)
SCALED = (
    "arrivals.repeat", "arrivals.same_matter", "chances.rate", "chances.extend", "outcomes.done",
    "outcomes.thanks_per_solved", "outcomes.incident",
    *(f"{path}.cv" for path in (*_LAGS, *_MATTERS, values.ALL_KINDS)),
)  # fmt: skip
# Factors beside outcomes.done: only what they differ from the whole is theirs.
RELATIVE = (
    *(f"outcomes.done_kind.{kind}" for kind in PROBLEM_KINDS),
    *(f"outcomes.done_category.{category}" for category in CATEGORY_CODES),
)
SHARES = ("arrivals.repeat", "arrivals.same_matter", "chances.rate", "chances.extend")
# Shares whose part is to be counted, not what they are shares of.
COUNTED = (*SHARES, "outcomes.done", "outcomes.thanks_per_solved", "outcomes.incident", *RELATIVE)


@dataclass
class Drawn:
    """A scenario drawn from a book: its tree, its name, and {path: (n, low, high)} of what was
    measured; paths in `few` had too few observations (their n) and keep the base's value."""

    tree: dict
    base: str
    measured: dict
    few: dict

    @property
    def scenario(self):
        """The Scenario of this tree. Raises: ScenarioError."""
        return scenarios.parse(writing.as_toml(self.tree), self.tree["scenario"]["name"])


def draw(book, base_text, base_name, on_round=None):
    """Return the Drawn scenario of a book.

    base_text, base_name: the scenario whose values stand in where nothing was measured.
    on_round: called with (round, rounds) before each time the scenario is played.
    Raises: ScenarioError for too short a span, too few letters, or a year without a calendar.
    """
    if book.days < MIN_DAYS:
        raise ScenarioError(
            "log", "", f"a span of {book.days} days is too short: {MIN_DAYS} or more"
        )
    if len(book) < MIN_LETTERS:
        rule = f"{len(book)} letters were received in this span; {MIN_LETTERS} are needed"
        raise ScenarioError("log", "", rule)
    drawn = Drawn(tomllib.loads(base_text), base_name, {}, {})
    # They are about the base's published figures, or about its own days.
    for table in ("roles", "free", "priors", "burst", "absence"):
        drawn.tree.pop(table, None)
    found = measuring.figures(book)
    _set_head(drawn, book)
    _set_groups(drawn, book)
    for path in DIRECT:
        _direct(drawn, path, found[path])
    for code in book.cities:
        _direct(drawn, f"city.{code}.to_department", found[f"city.{code}.to_department"])
    fitted = _begin(drawn, found, with_kinds=bool((book["kind"] >= 0).any()))
    for number in range(1, ROUNDS + 1):
        if on_round:
            on_round(number, ROUNDS)
        played = _played(drawn.scenario)
        if number == SOUNDED:
            _sound(drawn, [fit for fit in fitted if fit.path.endswith(".cv")], played)
        _adjust(drawn, fitted, found, played)
    return drawn


def _set_head(drawn, book):
    tree, n = drawn.tree, len(book)
    head, arrivals = tree["scenario"], tree["arrivals"]
    factor = n / book.days / (head["letters"] / head["days"])
    last = book.start.fromordinal(book.start.toordinal() + book.days - 1)
    head.update(
        name=f"drawn-{book.start:%Y%m%d}-{last:%Y%m%d}",
        title=f"Drawn from a log, {book.start} to {last}",
        start=book.start,
        days=book.days,
        letters=n,
    )
    arrivals.update(checkpoints=_checkpoints(book), surge_peak=0.0, surge_days=45)
    if not arrivals["checkpoints"]:
        del arrivals["checkpoints"]
    for path in ("scenario.letters", "arrivals.checkpoints"):
        drawn.measured[path] = (n, n, n)
    # No log says how many officers there are: the base's, in proportion to the letters a day.
    staff = tree["staff"]
    staff["department_desk"] = [ceil(k * factor) for k in staff["department_desk"]]
    for city in tree["city"]:
        for key in ("desk", "duty"):
            city[key] = [ceil(k * factor) for k in city[key]]
        for key in ("handlers", "reviewers"):
            city[key] = ceil(city[key] * factor)


def _checkpoints(book):
    """Return what was received until the end of each month inside the span."""
    first = book.start.toordinal()
    dates = [book.start.fromordinal(first + day) for day in range(book.days)]
    received = np.cumsum(np.bincount(book["received"] // 86400, minlength=book.days))
    return [
        {"until": day, "received": int(received[n])}
        for n, day in enumerate(dates[:-1])
        if dates[n + 1].day == 1
    ]


def _set_groups(drawn, book):
    for path, counts in measuring.groups(book).items():
        n = sum(counts.values())
        if n < max(MIN_COUNT, 3 * len([c for c in counts.values() if c])):
            drawn.few[path] = n
            continue
        shares = _rounded({code: count / n for code, count in counts.items()})
        drawn.measured[path] = (n, None, None)
        if path == "city":
            for city in drawn.tree["city"]:
                city.pop("population", None)
                city["share"] = shares[city["code"]]
                drawn.measured[f"city.{city['code']}.share"] = _interval(counts[city["code"]], n)
        else:
            table, key = values.place(drawn.tree, path)
            table[key] = {code: share for code, share in shares.items() if share}
            if path in ("arrivals.hours", "arrivals.weekdays"):
                table[key] = list(shares.values())
    # Where a city has one unit no letter can go to a wrong one.
    several = [n for n, c in enumerate(drawn.scenario.cities) if len(c.units) > 1]
    reached = (book["contacted"] >= 0) | (book["replied"] >= 0)
    there = reached & np.isin(book["city"], [*several, casebook.NONE])
    returns = np.minimum(book["returns"][there], 3)
    if len(returns) < MIN_COUNT:
        drawn.few["work.returns"] = len(returns)
        return
    counts = np.bincount(returns, minlength=4)
    shares = _rounded({k: counts[k] / len(returns) for k in range(4)})
    drawn.tree["work"]["returns"] = list(shares.values())
    drawn.measured["work.returns"] = (len(returns), None, None)


def _interval(part, whole):
    found = measuring.share(part, whole)
    return found.n, found.low, found.high


def _rounded(shares):
    """Round to six places so that the sum stays 1; the largest takes what is left."""
    rounded = {code: round(float(value), 6) for code, value in shares.items()}
    largest = max(rounded, key=rounded.get)
    rounded[largest] = round(rounded[largest] + 1 - sum(rounded.values()), 6)
    return rounded


def _direct(drawn, path, figure):
    if figure.n < MIN_COUNT:
        drawn.few[path] = figure.n
        return
    values.put(drawn.tree, path, figure.value)
    drawn.measured[path] = (figure.n, figure.low, figure.high)


def _begin(drawn, found, with_kinds):
    """Return the paths to be fitted, lengths set to what elapses to begin with."""
    fitted = []
    for path in (*SHIFTED, *SCALED, *RELATIVE):
        if path in (values.ALL_KINDS, f"{values.ALL_KINDS}.cv") and with_kinds:
            continue
        figure = found[path]
        counted = figure.n * (figure.value if path in COUNTED else 1)
        if figure.n < MIN_COUNT or counted < MIN_COUNT / 3:
            drawn.few[path] = int(counted)
            continue
        fitted.append(
            moving.Fit(path, figure, path in SHIFTED, most=1.0 if path in SHARES else None)
        )
        if path in SHIFTED:
            values.put(drawn.tree, path, max(figure.value, moving.SHORTEST))
    return fitted


def _played(scenario):
    """Return the figures of the scenario played, as often as it takes for them to be steady.

    The seeds are the same each time, so that two plays differ by what was changed alone.
    """
    size = min(scenario.letters, MOST)
    times = min(ceil(PLAYED / size), MOST_TIMES)
    books = [playbook.of_run(scenario.scaled(size), seed) for seed in range(1, times + 1)]
    return measuring.figures(casebook.joined(books))


def _sound(drawn, fitted, before):
    """See what larger scatters do: nights and queues hide much of some, little of others."""
    for fit in fitted:
        fit.old = values.get(drawn.tree, fit.path)
        values.put(drawn.tree, fit.path, fit.old * moving.STEP)
    after = _played(drawn.scenario)
    for fit in fitted:
        fit.sound(before[fit.path], after[fit.path])
        values.put(drawn.tree, fit.path, fit.old)


def _adjust(drawn, fitted, found, played):
    done = "outcomes.done"
    whole = found[done].value / played[done].value if played[done].value else 1.0
    for fit in fitted:
        by = (whole or 1.0) if fit.path in RELATIVE else 1.0
        told = fit.step(drawn.tree, played[fit.path], by)
        if told:
            drawn.measured[fit.path] = told
    arrivals = drawn.tree["arrivals"]
    arrivals["same_matter"] = min(arrivals["same_matter"], arrivals["repeat"])

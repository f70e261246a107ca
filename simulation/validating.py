"""Shapes of a simulated year beside those of real mailboxes, distance by distance.

Each comparison takes the same measure of two logs. Levels (how many letters, how many days)
are other cities' own and are told, never judged; shapes are judged by stated limits.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulation import distances, mailboxes, shapes

SAME, NEAR, OFF, TOLD = "within chance", "near", "OFF", "told"
LAUNCH = 0.42  # the share of the span that is left out where the surge would tell
FEWEST = 10  # windows from which scatter can be told
PARTS = {
    "arrivals": "Arrivals: when letters come",
    "dispersion": "Arrivals: how much days scatter",
    "delays": "Time to the reply",
    "clock": "Replies: hours and weekdays",
    "letters": "Transfers, writers, duplicates",
}


@dataclass(frozen=True)
class Row:
    """One comparison. size: letters (or windows) of the real side; chance: the distance that
    19 of 20 samples of that size would stay below, if known; limit: None if it is only told."""

    part: str
    what: str
    source: str
    size: int
    real: str
    simulated: str
    distance: float | None
    chance: float | None
    limit: float | None
    meaning: str = ""

    @property
    def verdict(self):
        """One of SAME, NEAR, OFF, TOLD."""
        if self.limit is None:
            return TOLD
        if self.chance is not None and self.distance <= self.chance:
            return SAME
        return NEAR if self.distance <= self.limit else OFF


def compare(found, log, consult):
    """Return the Rows of all that can be compared.

    found: as from mailboxes.real. log, consult: as from mailboxes.simulated.
    """
    span = log.received[-1] - log.received[0]
    settled = log.only(log.received >= log.received[0] + span * LAUNCH)
    handled = log.only(~consult)
    if "board" in found and "topics" in found:
        both = [found[name].received for name in ("board", "topics")]
        found = {"both": mailboxes.Log(received=np.concatenate(both)), **found}
    rows = []
    for name, log_of in found.items():
        for part, compared, other in (
            (HOURS, _hours, log), (WEEKDAYS, _weekdays, settled), (OFF_DAYS, _days_off, settled),
            (DISPERSION, _dispersion, settled), (DELAYS, _delays, handled), (CLOCK, _clock, log),
            (CLOCK, _clock_of_matters, handled), (TRANSFERS, _transfers, log),
            (WRITERS, _writers, log), (DUPLICATES, _duplicates, log),
        ):  # fmt: skip
            if name in part:
                rows += compared(part[name], log_of, other)
    order = list(PARTS)
    return sorted(rows, key=lambda row: order.index(row.part))


BOARD = "letters to a provincial leader board, 2011-2020"
GAS = "letters to party leaders about gas and heating, 2022-2023"
RIVERS = "one city's letters about rivers, 2016-2020"
REQUESTS = "a US city's service requests, 2014-2019"
CASEWORK = "a US city council's casework, 2015-2025"
CALLS = "calls of a bank, 1999"
# Which source takes part in which comparison, and by what name it is told.
HOURS = {"both": BOARD, "gas": GAS}
WEEKDAYS = {"both": BOARD, "gas": GAS, "rivers": RIVERS}
OFF_DAYS = {"both": BOARD, "rivers": RIVERS}
DISPERSION = {"topics": BOARD, "calls": CALLS}
DELAYS = {
    "board": BOARD, "gas": GAS, "rivers": RIVERS, "requests": REQUESTS, "casework": CASEWORK,
}  # fmt: skip
CLOCK = {"board": BOARD, "gas": GAS}
TRANSFERS, WRITERS, DUPLICATES = {"rivers": RIVERS}, {"topics": BOARD}, {"requests": REQUESTS}


def _shares(part, what, source, real, simulated, limit, meaning, shown=None):
    """Return the Row of two sets of counts. shown: their classes, to tell the shares of each."""
    told = [f"peak {np.argmax(c)}" if shown is None else _told(c, shown) for c in (real, simulated)]
    size = int(np.sum(real))
    return Row(
        part, what, source, size, *told,
        distances.total_variation(real, simulated),
        distances.total_variation_by_chance(simulated, size), limit, meaning,
    )  # fmt: skip


def _told(counts, classes):
    parts = distances.shares(counts)
    return ", ".join(f"{name} {100 * x:.1f}" for name, x in zip(classes, parts, strict=True)) + " %"


def _number(part, what, source, size, real, simulated, limit, meaning, *, ratio=False):
    """Return the Row of two numbers; ratio: their distance is the logarithm of their ratio."""
    distance = None
    if limit is not None:
        ratio = ratio and min(real, simulated) > 0
        distance = abs(np.log(simulated / real)) if ratio else abs(simulated - real)
    return Row(
        part, what, source, size, f"{real:.3g}", f"{simulated:.3g}", distance, None, limit, meaning
    )


# -- arrivals ------------------------------------------------------------------------------------


def _hours(source, real, log):
    meaning = "the scenario's hours are the board's own; another subject has other evenings"
    return [_shares("arrivals", "hour of receipt", source, shapes.by_hour(real.received), shapes.by_hour(log.received), 0.15, meaning)]  # fmt: skip


def _weekdays(source, real, log):
    meaning = "the scenario's weekdays are the board's own, one factor for all days off; other subjects, other weekends"
    both = shapes.by_weekday(real.received), shapes.by_weekday(log.received)
    return [_shares("arrivals", "weekday of receipt", source, *both, 0.08, meaning, shapes.WEEK)]


def _days_off(source, real, log):
    """Compare kinds of days, in years whose official calendar is known, against working days."""
    rows = []
    mine, theirs = shapes.by_kind_of_day(log.received), shapes.by_kind_of_day(real.received)
    for kind, limit in (("weekend", 0.2), ("holiday on a weekday", 0.5), ("make-up workday", 0.5)):
        if kind in mine and kind in theirs:
            rows.append(
                _number(
                    "arrivals", f"letters a day, {kind} over working day", source,
                    theirs[kind][1], theirs[kind][0], mine[kind][0], limit,
                    "n is days, few of some kinds; one factor for all days off, none for make-up workdays", ratio=True,
                )
            )  # fmt: skip
    return rows


def _dispersion(source, real, log):
    """Compare scatter of days, of weeks of five working days, and with calls of hours."""
    days, counts = shapes.daily(log.received)
    mine = shapes.windows(days, counts)
    if isinstance(real, tuple):
        theirs = shapes.windows(*shapes.days_of_calls(real))
        theirs["hours"] = shapes.hours_of_calls(real)
        mine["hours"] = shapes.hours_of(log.received, days)
    else:
        theirs = shapes.windows(*shapes.daily(real.received))
    meaning = (
        "days have independent levels here; where weeks scatter more than a fifth of the days' "
        "variance says, real levels go on for some days"
    )
    rows = []
    for window in theirs:
        if min(sum(map(len, side[window])) for side in (theirs, mine)) < FEWEST:
            continue
        both = [distances.dispersion(side[window]) for side in (theirs, mine)]
        size = sum(map(len, theirs[window]))
        for place, what, limit in ((0, "index of dispersion", None), (1, "scatter", 0.12)):
            values = [side[place] for side in both]
            text = f"{what}, {window}"
            rows.append(_number("dispersion", text, source, size, *values, limit, meaning))
    return rows


# -- replies -------------------------------------------------------------------------------------


def _delays(source, real, log):
    """Compare the shape of the time to the reply; matters that a unit handles, no consultations."""
    theirs, mine = shapes.waits_of(real, real.dated), shapes.waits_of(log, real.dated)
    both = [waits / np.median(waits) for waits in (theirs, mine)]
    size = len(theirs)
    rows = [
        Row("delays", "median, days", source, size, *(f"{np.median(w):.1f}" for w in (theirs, mine)), None, None, None)
    ]  # fmt: skip
    rows.append(
        Row("delays", "shape over its median", source, size, "", "",
            distances.kolmogorov_smirnov(*both),
            distances.kolmogorov_smirnov_by_chance(size, len(mine)), 0.15,
            "boards that answer shortly before their deadline, or after years, have other shapes")
    )  # fmt: skip
    meaning = "a wider real spread: pipes and rivers wait for works, offices close in batches; here deadlines press"
    measures = (
        ("sigma of the lognormal fit", lambda w: distances.lognormal_fit(w)[1], 0.30),
        ("distance from its own lognormal fit", distances.from_lognormal, 0.10),
        ("90 % over 50 %", lambda w: distances.quantile_ratio(w, 0.9, 0.5), 0.40),
        ("50 % over 10 %", lambda w: distances.quantile_ratio(w, 0.5, 0.1), 0.60),
    )
    for what, measure, limit in measures:
        ratio = not what.startswith("distance")
        values = measure(theirs), measure(mine)
        rows.append(_number("delays", what, source, size, *values, limit, meaning, ratio=ratio))
    return rows


def _clock(source, real, log, of="all letters"):
    theirs, mine = (x.replied[~np.isnat(x.replied)] for x in (real, log))
    meaning = (
        "consultations are answered at any hour here, the others while offices are open; boards "
        "answer in the afternoon"
    )
    rows = [_shares("clock", f"hour of reply, {of}", source, shapes.by_hour(theirs), shapes.by_hour(mine), 0.15, meaning)]  # fmt: skip
    both = shapes.by_weekday(theirs), shapes.by_weekday(mine)
    rows.append(
        _shares("clock", f"weekday of reply, {of}", source, *both, 0.08, meaning, shapes.WEEK)
    )
    shares = [shapes.in_office(times) for times in (theirs, mine)]
    what = f"share of replies Monday to Friday, 8 to 18 h, {of}"
    return [*rows, _number("clock", what, source, len(theirs), *shares, 0.08, meaning)]


def _clock_of_matters(source, real, log):
    return [
        replace(row, meaning="boards put their replies out late in the day, after all their steps")
        for row in _clock(source, real, log, of="no consultations")
    ]


# -- letters -------------------------------------------------------------------------------------


def _transfers(source, real, log):
    answered = log.only(~np.isnat(log.replied))
    both = shapes.classes(real.transfers, 0), shapes.classes(answered.transfers, 0)
    meaning = "rivers lie between offices; a police letter has fewer that could be right"
    row = _shares("letters", "times passed on", source, *both, 0.03, meaning, ("0", "1", "2", "3", "4+"))  # fmt: skip
    means = real.transfers.mean(), answered.transfers.mean()
    return [
        row,
        _number("letters", "mean times passed on", source, len(real), *means, 0.10, meaning),
    ]


def _writers(source, real, log):
    meaning = "the board's file is a sample, so it misses a writer's other letters; the scenario follows two cities that print 1.6 to 2.8"
    counts = [np.unique(x.writers, return_counts=True)[1] for x in (real, log)]
    both = [shapes.classes(c, 1) for c in counts]
    row = _shares(
        "letters", "letters a writer", source, *both, 0.10, meaning, ("1", "2", "3", "4+")
    )
    means = [c.mean() for c in counts]
    what = "mean letters a writer"
    return [row, _number("letters", what, source, len(counts[0]), *means, 0.3, meaning, ratio=True)]


def _duplicates(source, real, log):
    meaning = "counted when a clerk notes it, there; a mayor's mailbox prints 10 % invalid or duplicate, which the scenario follows"
    means = real.duplicate.mean(), log.duplicate.mean()
    return [_number("letters", "share of duplicates", source, len(real), *means, 0.05, meaning)]

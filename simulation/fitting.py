"""How well a drawn scenario fits: its replications measured like the log it was drawn from."""

from dataclasses import dataclass
from statistics import fmean

from simulation import measuring, playbook, studies
from simulation.estimates import prediction
from simulation.figure import Figure

# What is compared: shares and lengths, none of them tied to the number of letters.
COMPARED = (
    "first_contact_p50_hours", "first_contact_p90_hours", "reply_p50_hours", "reply_p90_hours",
    "open_days", "contacted", "replied", "closed", "solved", "outcomes.done",
    "outcomes.thanks_per_solved", "outcomes.incident", "chances.decline", "chances.transfer_out",
    "chances.ask_citizen", "chances.supply", "chances.contact", "chances.extend",
    "chances.send_back_reply", "chances.rate", "chances.reopen", "arrivals.same_matter",
    "arrivals.repeat", "arrivals.day_off", "arrivals.daily_cv", "returned_0", "returned_1",
    "returned_2", "returned_3+", *(f"received_{day}" for day in measuring.WEEKDAYS),
)  # fmt: skip
MOST = 100_000


@dataclass(frozen=True)
class Row:
    """One figure: as measured, and the mean of the replications with the interval in which
    single ones fall (95 %)."""

    name: str
    measured: Figure
    simulated: float
    low: float
    high: float

    @property
    def fits(self):
        """Whether the measured figure could be one of the simulated, its own chance aside."""
        return self.low <= self.measured.value <= self.high


def compare(scenario, book, replications, names=COMPARED):
    """Return a Row for each figure that the book has.

    The scenario is played so many times, at its own size or at 100,000 letters if it has more.
    """
    size = min(scenario.letters, MOST)
    played = [
        measuring.figures(playbook.of_run(scenario.scaled(size), seed))
        for seed in studies.seeds("fit", replications)
    ]
    measured = measuring.figures(book)
    rows = []
    for name in names:
        figure = measured[name]
        if not figure.n or not (figure.value or name.startswith("received")):
            continue  # never seen: another system may know no such thing
        values = [figures[name].value for figures in played]
        rows.append(Row(name, figure, fmean(values), *prediction(values)))
    return rows


def as_text(rows):
    """Return the rows as a table for the terminal."""
    lines = [
        f"{'Figure':28} {'n':>8} {'measured':>10} {'95 %':>19} {'simulated':>10} {'single runs':>19}"
    ]
    for row in rows:
        own = f"{row.measured.low:.4g} – {row.measured.high:.4g}"
        single = f"{row.low:.4g} – {row.high:.4g}"
        lines.append(
            f"{row.name:28} {row.measured.n:8,} {row.measured.value:10.4g} {own:>19} "
            f"{row.simulated:10.4g} {single:>19} {'' if row.fits else '✗'}".rstrip()
        )
    inside = sum(row.fits for row in rows)
    return "\n".join(
        [*lines, f"{inside} of {len(rows)} measured figures lie where single runs do."]
    )

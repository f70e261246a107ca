"""What a scenario holds: frozen values, made by scenario.load and read by the engine."""

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import ceil

DAY = 86400


@dataclass(frozen=True)
class City:
    """A city bureau: its share of the letters, its handling units and its officers.

    desk, duty: officers by day and by night, at the city and at each unit; handlers: at
    each unit; reviewers: at the city.
    """

    code: str
    share: float
    to_department: float
    units: tuple[str, ...]
    desk: tuple[int, int]
    duty: tuple[int, int]
    handlers: int
    reviewers: int


@dataclass(frozen=True)
class Arrivals:
    """When letters come: checkpoints as (first day not counted, letters until then), bursts apart."""

    checkpoints: tuple[tuple[int, int], ...]
    surge_peak: float
    surge_days: float
    daily_cv: float
    day_off: float
    weekdays: tuple[float, ...]  # shares of Monday to Friday, if they are working days
    hours: tuple[float, ...]
    repeat: float
    repeat_days: float
    same_matter: float
    same_matter_days: float
    emergency: float
    emergency_declined: float
    confidential: dict


@dataclass(frozen=True)
class Promises:
    """When the clocks turn, in days of 24 hours; yellow and red in working days."""

    reply: dict
    redo: dict
    extension: dict
    supply: int
    silence: int
    yellow_working_days: int
    red_working_days: int


@dataclass(frozen=True)
class Outcomes:
    """What comes of letters: probabilities per letter, and what they depend on."""

    done: float
    done_growth_per_year: float
    done_kind: dict
    done_category: dict
    done_per_return: float
    done_per_week: float
    unit_cv: float
    undone: dict
    results: dict
    satisfied: dict
    said_solved: dict
    thanks_per_solved: float
    banners: float
    incident: float
    incident_kind: dict
    incident_category: dict
    letters_per_rule: int
    rule_kinds: tuple[str, ...]
    rule_titles: dict


@dataclass(frozen=True)
class Scenario:
    """All that a run needs beside its seed. Made by scenario.load."""

    name: str
    title: str
    start: date
    days: int
    letters: int
    arrivals: Arrivals
    kinds: dict
    categories: dict
    cities: tuple[City, ...]
    department_desk: tuple[int, int]
    day_shift: tuple[int, int]
    office_hours: tuple[tuple[int, int], ...]
    at_any_hour: tuple[str, ...]
    work: dict
    matter: dict
    effort: dict
    redo_matter: float
    chances: dict
    lags: dict
    returns: tuple[float, ...]
    decline_reasons: dict
    elsewhere: dict
    return_reasons: dict
    promises: Promises
    outcomes: Outcomes
    bursts: tuple = ()
    absences: tuple = ()
    # What is known of it, as simulation/priors.py reads it.
    inputs: tuple[str, ...] = ()
    tuned: tuple[str, ...] = ()
    compared: bool = False
    free: tuple = ()
    priors: dict = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    scale: float = 1.0  # by which letters and staff were multiplied

    @property
    def horizon(self):
        """The first second after the scenario's last day."""
        return self.days * DAY

    def scaled(self, letters):
        """Return this scenario with so many letters, and staff in proportion, rounded up.

        Raises: ValueError if letters < 1.
        """
        if letters < 1:
            raise ValueError(f"letters must be at least 1, not {letters}")
        if letters == self.letters:
            return self
        factor = Fraction(letters, self.letters)
        bursts = tuple(replace(b, letters=int(b.letters * factor)) for b in self.bursts)
        points = [(day, int(number * factor)) for day, number in self.arrivals.checkpoints]
        points[-1] = (self.days, letters - sum(burst.letters for burst in bursts))
        scaled = replace(
            self.with_staff(factor),
            letters=letters,
            bursts=bursts,
            arrivals=replace(self.arrivals, checkpoints=tuple(points)),
        )
        note = f"arrivals and staff scaled by {float(factor):.4g}, staff rounded up"
        return replace(scaled, notes=(*self.notes, note), scale=self.scale * float(factor))

    def with_staff(self, factor):
        """Return this scenario with all staff times `factor`, rounded up.

        Raises: ValueError if factor isn't more than 0.
        """
        if factor <= 0:
            raise ValueError(f"staff can only be multiplied by more than 0, not by {factor}")
        exact = Fraction(factor).limit_denominator(10**9)  # 1.1 times 10 is 11, not a bit more

        def times(staff):
            return tuple(ceil(n * exact) for n in staff)

        cities = tuple(
            replace(
                city,
                desk=times(city.desk),
                duty=times(city.duty),
                handlers=ceil(city.handlers * exact),
                reviewers=ceil(city.reviewers * exact),
            )
            for city in self.cities
        )
        return replace(self, cities=cities, department_desk=times(self.department_desk))

"""Absences: a share of a group of officers is away for some days, by illness or training."""

from dataclasses import dataclass

from simulation.model import DAY

GROUPS = ("desk", "duty", "handlers", "review")  # of stations, by the first word of the name


@dataclass(frozen=True)
class Absence:
    """Who is away. first, last: days from 0, both included. city: a code, or "" for all."""

    group: str
    city: str
    first: int
    last: int
    share: float

    def concerns(self, station):
        """Say whether a station, by its name such as "handlers 440106", has officers away."""
        group, code = station.split()
        return group == self.group and (not self.city or code[:4] == self.city[:4])


def read(file, start, days, codes):
    """Return the Absences of a scenario's file, none if it has no [[absence]].

    codes: of the cities and the department. Raises: ScenarioError.
    """
    found = []
    for table in file.tables("absence") if file.has("absence") else ():
        first, last = (table.day(key).toordinal() - start.toordinal() for key in ("from", "until"))
        if not 0 <= first <= last < days:
            raise table.error("from", "an absence must lie inside the scenario, until after from")
        group = table.text("group")
        if group not in GROUPS:
            raise table.error("group", f"must be one of {', '.join(GROUPS)}")
        city = table.text("city") if table.has("city") else ""
        if city and city not in codes:
            raise table.error("city", f"{city} is no city of this scenario")
        found.append(Absence(group, city, first, last, table.share("share")))
        table.done()
    return tuple(found)


def thinned(steps, absences):
    """Return a roster's steps with the officers who are there, rounded to whole ones.

    steps: (second, officers) in order, as stations.Roster takes them. What is half is there.
    """
    for absence in absences:
        begins, ends = absence.first * DAY, (absence.last + 1) * DAY
        there = {at: officers for at, officers in steps if not begins <= at < ends}
        inside = {at: officers for at, officers in steps if begins <= at < ends}
        inside.setdefault(begins, _at(steps, begins))
        there.setdefault(ends, _at(steps, ends))
        left = {at: int(n * (1 - absence.share) + 0.5) for at, n in inside.items()}
        steps = sorted((there | left).items())
    return steps


def _at(steps, second):
    return next((officers for at, officers in reversed(steps) if at <= second), 0)

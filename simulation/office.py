"""What all letters of a run share: stations, rates made ready to look up, open letters."""

from bisect import bisect_right
from itertools import accumulate

from cases.calendars import official_days
from cases.fields import PROBLEM_KINDS
from simulation import absences, codes, draws
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DEPARTMENT, KIND_CODES
from simulation.stations import NEVER, Roster, Station

WEEK, YEAR = 7 * DAY, 365 * DAY
# The rosters reach beyond the horizon, so that work begun on the last day has an end.
MARGIN_DAYS = 60
# A unit under supervision explains itself after half a working day.
ANSWER_WORKING_DAYS = 0.5


class Office:
    """Stations and look-ups for the journeys of one run; holds what changes between letters."""

    def __init__(self, scenario, seed):
        self._scenario, self._seed = scenario, seed
        self._set_rosters()
        self._set_stations()
        self._set_rates()
        self._set_promises()
        cities = scenario.cities
        self.to_unit = {
            code: {"unit": code} for city in cities for code in (city.code, *city.units)
        }
        self._neighbours = {unit: city.units for city in cities for unit in city.units}
        self.open = set()
        self._faults = dict.fromkeys(CATEGORY_CODES, 0)
        self._rules = 0

    def is_alone(self, letter):
        """Say whether the letter's city has no other unit it could go to by mistake."""
        return len(self._neighbours[letter.unit]) == 1

    def other_unit(self, letter, draw):
        """Return a unit of the same city that isn't the right one."""
        units = self._neighbours[letter.unit]
        ahead = 1 + int(draw * (len(units) - 1))
        return units[(units.index(letter.unit) + ahead) % len(units)]

    def hands_and_review(self, letter):
        """Return the stations that handle the letter and review its reply."""
        if letter.kind in self._scenario.at_any_hour:
            return self.duty[letter.unit], self.desks[letter.city]
        return self._handlers[letter.unit], self._reviewers[letter.city]

    def ready(self, kind, at, takes):
        """Return when a matter is through that takes so many seconds of all hours together.

        It goes on while offices are open, so much faster; of kinds at any hour always.
        """
        if kind in self._scenario.at_any_hour:
            return at + takes
        return self.office_hours.end(at, max(int(takes * self.office_share), 1))

    def opening(self, at):
        """Return the time itself in office hours, else the next opening."""
        return self.office_hours.opening(at)

    def press_time(self, due, pressed):
        """Return when a letter late since `due`, pressed so many times, is pressed again."""
        if pressed == 0:
            return due
        if pressed > len(self.press_after):
            return NEVER
        return self.working_days.end(due, self.press_after[pressed - 1])

    def result(self, letter, at, draw):
        """Return the result of handling: done by chance, by kind, category, unit, hops and time."""
        if letter.kind not in PROBLEM_KINDS:
            return self._results[letter.kind](draw)
        outcomes = self._scenario.outcomes
        done = self.done[letter.kind, letter.category]
        done *= self.effects[letter.unit] * self.per_return[letter.returns]
        done *= 1 + outcomes.done_growth_per_year * at / YEAR
        done *= outcomes.done_per_week ** ((at - letter.at) / WEEK)
        if draw < done:
            return "done"
        return self._undone((draw - done) / (1 - done))

    def rule(self, letter):
        """Count the letter as a fault of its category; return the rule it brings, or None."""
        outcomes = self._scenario.outcomes
        if letter.kind not in outcomes.rule_kinds:
            return None
        self._faults[letter.category] += 1
        n, rest = divmod(self._faults[letter.category], outcomes.letters_per_rule)
        if rest:
            return None
        self._rules += 1
        return codes.rule(outcomes.rule_titles[letter.category], self._rules, n)

    def _set_rosters(self):
        scenario, days = self._scenario, range(self._scenario.days + MARGIN_DAYS)
        first, is_workday = scenario.start.toordinal(), official_days().is_workday
        self._workdays = [d for d in days if is_workday(scenario.start.fromordinal(first + d))]
        self.office_hours = self._hours(1, scenario.office_hours)
        self.working_days = self._hours(1, ((0, DAY),))
        self.office_share = self.office_hours.worked(0, scenario.horizon) / scenario.horizon

    def _hours(self, officers, blocks):
        """Return the roster of officers who work these hours on working days."""
        steps = {0: 0}
        for day in self._workdays:
            for opens, closes in blocks:
                steps[day * DAY + opens] = officers
                steps[day * DAY + closes] = 0
        return Roster(sorted(steps.items()))

    def _shifts(self, by_day, by_night):
        """Return the roster of officers who work round the clock in two shifts."""
        opens, closes = self._scenario.day_shift
        steps = {0: by_night}
        for day in range(self._scenario.days + MARGIN_DAYS):
            steps[day * DAY + opens] = by_day
            steps[day * DAY + closes] = by_night
        return Roster(sorted(steps.items()))

    def _set_stations(self):
        scenario, rosters = self._scenario, {}

        def at_all_hours(name, staff):
            if staff not in rosters:
                rosters[staff] = self._shifts(*staff)
            return Station(name, self._present(name, rosters[staff]))

        def in_office_hours(name, staff):
            if staff not in rosters:
                rosters[staff] = self._hours(staff, scenario.office_hours)
            return Station(name, self._present(name, rosters[staff]))

        self.desks = {DEPARTMENT: at_all_hours(f"desk {DEPARTMENT}", scenario.department_desk)}
        self.duty, self._handlers, self._reviewers = {}, {}, {}
        for city in scenario.cities:
            self.desks[city.code] = at_all_hours(f"desk {city.code}", city.desk)
            self._reviewers[city.code] = in_office_hours(f"review {city.code}", city.reviewers)
            for unit in city.units:
                self.duty[unit] = at_all_hours(f"duty {unit}", city.duty)
                self._handlers[unit] = in_office_hours(f"handlers {unit}", city.handlers)
        groups = (self.desks, self.duty, self._handlers, self._reviewers)
        self.stations = [station for group in groups for station in group.values()]

    def _present(self, name, roster):
        """Return the roster of a station, less those who are away."""
        away = [absence for absence in self._scenario.absences if absence.concerns(name)]
        if not away:
            return roster
        return Roster(absences.thinned(list(zip(roster.times, roster.staff, strict=True)), away))

    def _set_rates(self):
        scenario, outcomes = self._scenario, self._scenario.outcomes
        self.chances, self.outcomes = scenario.chances, outcomes
        self.emergency_declined = scenario.arrivals.emergency_declined
        self.decline_reason = _picker(scenario.decline_reasons)
        self.elsewhere = _picker(scenario.elsewhere)
        self.return_reason = _picker(scenario.return_reasons)
        self._undone = _picker(outcomes.undone)
        self._results = {kind: _picker(shares) for kind, shares in outcomes.results.items()}
        both = [(kind, category) for kind in KIND_CODES for category in CATEGORY_CODES]
        self.done = {
            (kind, category): outcomes.done
            * outcomes.done_kind[kind]
            * outcomes.done_category[category]
            for kind, category in both
            if kind in PROBLEM_KINDS
        }
        self.per_return = [outcomes.done_per_return**n for n in range(len(scenario.returns))]
        self.effects = unit_effects(scenario, self._seed)
        self.incident = {
            (kind, category): outcomes.incident
            * outcomes.incident_kind[kind]
            * outcomes.incident_category[category]
            for kind, category in both
        }

    def _set_promises(self):
        promises = self._scenario.promises
        self.reply = {kind: days * DAY for kind, days in promises.reply.items()}
        self.redo = {kind: days * DAY for kind, days in promises.redo.items()}
        self.extension_days = promises.extension
        self.supply, self.silence = promises.supply * DAY, promises.silence * DAY
        yellow, red = promises.yellow_working_days, promises.red_working_days
        after = (yellow, yellow + ANSWER_WORKING_DAYS, red, red + ANSWER_WORKING_DAYS)
        self.press_after = [int(days * DAY) for days in after]


def unit_effects(scenario, seed):
    """Return {unit: how much more than the mean unit it gets done}, 1 in the mean."""
    units = [unit for city in scenario.cities for unit in city.units]
    keys = [int(unit.replace("-", "")) for unit in units]
    uniform = draws.uniforms(seed, "units", keys, 1)[:, 0]
    effects = draws.lognormals(uniform, 1.0, scenario.outcomes.unit_cv)
    return dict(zip(units, effects.tolist(), strict=True))


def _picker(shares):
    """Return a function from a number between 0 and 1 to a name, by these shares."""
    names, edges = list(shares), list(accumulate(shares.values()))[:-1]
    return lambda draw: names[bisect_right(edges, draw)]

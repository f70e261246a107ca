"""The answer to a question of staffing: searched for, and told in plain words."""

from dataclasses import dataclass
from statistics import fmean

from simulation import behind, estimates, replication, searching, staffing
from simulation import scenario as scenarios
from simulation.replication import QUEUES
from simulation.targets import series, shown

SPELLS = 5  # that are told
WAIT_THERE = "wait_department"
INFINITE = float("inf")


@dataclass(frozen=True)
class Answer:
    """What a search found; plays are values of replications, all with the same seeds.

    found: searching.Found. now, one_more: plays of the staff as it is, and with one more
    officer at the department's desk. curve: {factor of the found staffing: plays}.
    breaks: {"now", "found": factor of volume, 0 or None}. spells: of behind.py, as it is.
    """

    scenario: object
    posts: list
    targets: list
    confidence: float
    found: searching.Found
    now: list
    one_more: list
    curve: dict
    breaks: dict
    spells: list

    def as_text(self):
        """Return the answer as lines of text."""
        parts = (
            self._targets(),
            self._groups(),
            self._cities(),
            self._curve(),
            [self.gain()],
            [self._breaking("now", "the staff there is"), self._breaking("found", "this staffing")],
            self._behind(),
        )
        return "\n\n".join("\n".join(lines) for lines in parts)

    def result(self):
        """Return the answer as JSON: what the text says, as numbers; a page puts it in words."""
        return {
            "changes": self.found.changes,
            "replications": len(self.found.plays),
            "letters": self.scenario.letters,
            "days": self.scenario.days,
            "officers": {
                "now": staffing.totals(self.posts, staffing.present(self.posts)),
                "found": staffing.totals(self.posts, self.found.changes),
            },
            "targets": [
                {
                    **_asked(target),
                    "now": _finite(fmean(series(target, self.now))),
                    "found": fmean(series(target, self.found.plays)),
                    "bound": target.bound(series(target, self.found.plays), self.confidence),
                }
                for target in self.targets
            ],
            "curve": {
                str(factor): [_finite(fmean(series(target, plays))) for target in self.targets]
                for factor, plays in self.curve.items()
            },
            "curve_officers": {str(factor): self._officers(factor) for factor in self.curve},
            "cities": self._by_city(),
            "one_more": [
                {"name": name, "mean": mean, "low": low, "high": high}
                for name, mean, low, high in self._gained()
            ],
            "breaks": self.breaks,
            "spells": [
                {**vars(spell), "first": str(spell.first), "last": str(spell.last)}
                for spell in self.spells[:SPELLS]
            ],
            "behind": len(self.spells),
            "text": self.as_text(),
        }

    def _targets(self):
        head = (
            f"Smallest staffing found; one more such span meets each target with "
            f"{self.confidence:.0%} confidence ({len(self.found.plays)} replications):"
        )
        lines = [head]
        for target in self.targets:
            values, now = series(target, self.found.plays), series(target, self.now)
            worst = target.bound(values, self.confidence)
            lines.append(
                f"  {target}: {_mean(target, values)}, at worst {shown(target.name, worst)}; "
                f"now {_mean(target, now)}"
            )
        return lines

    def _groups(self):
        now = staffing.totals(self.posts, staffing.present(self.posts))
        needed = staffing.totals(self.posts, self.found.changes)
        lines = [f"{'officers':<42}{'now':>8}{'needed':>8}"]
        for group in QUEUES:
            lines.append(f"{staffing.LABELS[group]:<42}{now[group]:>8,}{needed[group]:>8,}")
        lines.append(f"{'all':<42}{sum(now.values()):>8,}{sum(needed.values()):>8,}")
        return lines

    def _cities(self):
        """Return the staffing by city, at each of its stations."""
        groups, table = QUEUES[1:], self._by_city()
        lines = [f"{'at each station':<16}" + "".join(f"{group:>16}" for group in groups)]
        for city, row in table.items():
            told = "".join(f"{f'{row[g][0]} -> {row[g][1]}':>16}" for g in groups)
            lines.append(f"{city:<16}{told}")
        return lines

    def _by_city(self):
        """Return {city: {group: (officers now, needed) at each of its stations}}."""
        table = {}
        for post in self.posts:
            if post.group in QUEUES[1:]:
                city = post.name.split(".")[1]
                table.setdefault(city, {})[post.group] = (post.now, self.found.changes[post.name])
        return table

    def _officers(self, factor):
        """Return how many officers the found staffing times a factor has."""
        staff = staffing.times(self.found.changes, factor, self.posts)
        return sum(staffing.totals(self.posts, staff).values())

    def _curve(self):
        lines = [f"{'times this staff':<18}{'officers':>10}" + self._heads()]
        for factor, plays in self.curve.items():
            officers = self._officers(factor)
            told = "".join(f"{_mean(target, series(target, plays)):>20}" for target in self.targets)
            lines.append(f"{factor:<18g}{officers:>10,}{told}")
        return lines

    def _heads(self):
        return "".join(f"{target.name:>20}" for target in self.targets)

    def gain(self):
        """Return in one sentence what one more officer at the department's desk gains now."""
        told = []
        for name, mean, low, high in self._gained():
            if name == WAIT_THERE:
                less = "less" if mean < 0 else "more"
                told.append(f"a letter waits there {60 * abs(mean):.2f} min {less}")
            else:
                told.append(_difference(name, mean, low, high))
        head = "One more officer at the department's desk, with the staff there is: "
        if not told:
            return (
                f"{head}nothing that {len(self.now)} replications could tell from chance "
                f"({', '.join(target.name for target in self.targets)})."
            )
        return head + "; ".join(told) + "."

    def _gained(self):
        """Return (figure, mean, low, high) of what one more officer surely changes."""
        pairs = [(t.name, series(t, self.one_more), series(t, self.now)) for t in self.targets]
        waits = [[play[WAIT_THERE] for play in plays] for plays in (self.one_more, self.now)]
        found = []
        for name, more, now in [*pairs, (WAIT_THERE, *waits)]:
            if INFINITE not in (*more, *now):
                found.append((name, *estimates.paired(more, now)))
        return [row for row in found if row[2] > 0 or row[3] < 0]

    def _breaking(self, which, staff):
        factor = self.breaks[which]
        if factor is None:
            most = searching.MOST_VOLUME
            return f"With {staff}, queues do not run away even at {most:g} times the letters."
        if factor == 0:
            return f"With {staff}, queues run away already."
        letters = round(factor * self.scenario.letters)
        return (
            f"With {staff}, queues run away at about {factor:.2f} times the letters "
            f"({letters:,} in {self.scenario.days} days)."
        )

    def _behind(self):
        if not self.spells:
            return ["With the staff there is no queue ever held more than two days' work."]
        head = f"Fell behind with the staff there is ({len(self.spells)} queues; the worst first):"
        return [head, *(f"  {spell}" for spell in self.spells[:SPELLS])]


def answer(study, ask, targets, say):
    """Return the Answer to a study's question. Raises: searching.Unreachable, asking.Stopped.

    ask: as searching.Search takes it. say: called with a line on each step.
    """
    spec = study.spec
    scenario = scenarios.parse(study.text, study.scenario)
    say("Measuring how busy each station is, and where letters wait")
    posts = staffing.posts(scenario, spec["seed"])
    search = searching.Search(ask, posts, targets, spec["confidence"], spec["replications"], say)
    now = staffing.present(posts)
    spells = behind.spells(replication.play(scenario, spec["seed"]), scenario)
    found = search.smallest()
    more = {**now, "desk.staff": now["desk.staff"] + 1}
    beside = search.several({"now": now, "one more": more})
    say("The curve, and where it breaks")
    return Answer(
        scenario=scenario,
        posts=posts,
        targets=targets,
        confidence=spec["confidence"],
        found=found,
        now=beside["now"],
        one_more=beside["one more"],
        curve=search.curve(found.changes),
        breaks={
            "now": search.breaking_volume(now),
            "found": search.breaking_volume(found.changes),
        },
        spells=spells,
    )


def unreachable(targets, best, confidence):
    """Return in words that no staffing meets the targets, with the best that can be reached."""
    told = []
    for target in targets:
        values = series(target, best)
        worst = target.bound(values, confidence)
        fits = target.met_by(worst)
        told.append(
            f"{target}: {'can be met' if fits else 'can not be met'}, at best "
            f"{_mean(target, values)} and in a bad year {shown(target.name, worst)}"
        )
    return "no staffing meets the targets; if nobody ever waits for an officer: " + "; ".join(told)


def best_reachable(targets, best, confidence):
    """Return as JSON how near the best comes to each of targets that no staffing meets."""
    rows = []
    for target in targets:
        values = series(target, best)
        worst = target.bound(values, confidence)
        told = {"best": _finite(fmean(values)), "bound": _finite(worst)}
        rows.append({**_asked(target), **told, "met": bool(target.met_by(worst))})
    return rows


def _asked(target):
    return {"target": str(target), **vars(target)}


def _finite(value):
    """Return a value that JSON can hold: None for one without end."""
    return None if value == INFINITE else value


def _mean(target, values):
    return shown(target.name, fmean(values))


def _difference(name, mean, low, high):
    """Return a difference in words, with its 95 % interval."""
    less = mean < 0
    sizes = sorted((abs(low), abs(high)))
    return (
        f"{name} {shown(name, abs(mean))} {'less' if less else 'more'} "
        f"({shown(name, sizes[0])} to {shown(name, sizes[1])})"
    )

"""The search for the smallest staffing that meets targets, by replications that share seeds.

It starts from queueing theory (staffing.py), raises the group of queues in which letters lose
most time until the targets are met, and then lowers each group as far as they stay met. A
staffing that a few plays show to fail is dropped at once; one that is taken has all of them.
"""

import hashlib
import json
from dataclasses import dataclass
from statistics import fmean

from simulation import staffing
from simulation.replication import QUEUES
from simulation.targets import all_met, surely_missed

FEW = 2  # plays that are enough to see that a staffing fails clearly
START, LOWEST, HIGHEST, STEP = 1.0, -4.0, 8.0, 0.25
RAISE = 1.0
FACTORS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5)
# Queues have run away if in the last quarter they took up more than this share of what came, or
# hold more than so many days' letters: a surge that is never worked off is lost, too.
RUNS_AWAY, LOST_DAYS = 0.05, 7.0
MOST_VOLUME, VOLUME_STEP = 8.0, 0.05


class Unreachable(Exception):
    """No staffing meets the targets. best: the values of plays in which nobody waits."""

    def __init__(self, best):
        super().__init__("no staffing meets the targets")
        self.best = best


@dataclass(frozen=True)
class Found:
    """A staffing that meets the targets: changes to the scenario, and its plays' values."""

    levels: dict
    changes: dict
    plays: list


class Search:
    """One search. ask: called with ({arm: changes}, count), returns {arm: values of its plays}."""

    def __init__(self, ask, posts, targets, confidence, replications, say=lambda line: None):
        self._ask, self._say = ask, say
        self.posts, self.targets = posts, targets
        self._confidence, self._replications = confidence, replications

    def plays(self, changes, count=None):
        """Return the values of `count` plays (by default all) of a scenario with these changes."""
        return self.several({"": changes}, count)[""]

    def several(self, arms, count=None):
        """Return {arm: values of plays} of several changes, played side by side."""
        names = {arm: _name(changes) for arm, changes in arms.items()}
        asked = {names[arm]: changes for arm, changes in arms.items()}
        found = self._ask(asked, count or self._replications)
        return {arm: found[name] for arm, name in names.items()}

    def meets(self, changes):
        """Say whether a staffing meets the targets."""
        if self._replications > FEW and surely_missed(self.targets, self.plays(changes, FEW)):
            return False
        return all_met(self.targets, self.plays(changes), self._confidence)

    def smallest(self):
        """Return Found, the smallest staffing. Raises: Unreachable."""
        best = self.best()
        if not all_met(self.targets, best, self._confidence):
            raise Unreachable(best)
        levels = dict.fromkeys(QUEUES, START)
        while not self.meets(self._staffing(levels)):
            group = self._bottleneck(levels, best)
            if group is None:
                raise Unreachable(self.plays(self._staffing(levels)))
            levels[group] += RAISE
            self._say(f"Not met: raising {staffing.LABELS[group]}")
        for group in self._dearest_first(levels):
            levels[group] = self._lowest(group, levels)
            officers = self._totals(levels)[group]
            self._say(f"Met with {officers:,} {staffing.LABELS[group]}")
        changes = self._staffing(levels)
        return Found(levels, changes, self.plays(changes))

    def best(self):
        """Return the values of plays with so many officers that nobody waits for one."""
        present = staffing.present(self.posts)
        return self.plays(staffing.times(present, staffing.AMPLE, self.posts))

    def curve(self, changes):
        """Return {factor: values of plays} of a staffing times each of FACTORS.

        Of factors that round to the same staffing the one nearest to 1 stands for all.
        """
        found = {}
        for factor in sorted(FACTORS, key=lambda factor: abs(factor - 1)):
            staff = staffing.times(changes, factor, self.posts)
            if staff not in found.values():
                found[factor] = staff
        return self.several(dict(sorted(found.items())))

    def breaking_volume(self, changes):
        """Return the factor of volume at which queues run away, or None if above MOST_VOLUME.

        0 if they run away as it is.
        """
        if self._runs_away(changes, 1.0):
            return 0.0
        low, high = 1.0, 1.5
        while not self._runs_away(changes, high):
            if high >= MOST_VOLUME:
                return None
            low, high = high, min(1.5 * high, MOST_VOLUME)
        while high - low > VOLUME_STEP * low:
            middle = round((low + high) / 2, 3)
            low, high = (low, middle) if self._runs_away(changes, middle) else (middle, high)
        return high

    def _runs_away(self, changes, volume):
        plays = self.plays({**changes, "volume": f"{volume:g}x"}, FEW)
        growth, days = (
            fmean(play.get(name, 0.0) for play in plays) for name in ("queue_growth", "queue_days")
        )
        return growth > RUNS_AWAY or days > LOST_DAYS

    def _staffing(self, levels):
        return staffing.changes(self.posts, levels)

    def _totals(self, levels):
        return staffing.totals(self.posts, self._staffing(levels))

    def _bottleneck(self, levels, best):
        """Return the group whose letters wait longest beyond what no staffing can change."""
        plays = self.plays(self._staffing(levels), FEW)

        def lost(group):
            name = f"wait_{group}"
            pairs = zip(plays, best, strict=False)
            return sum(play.get(name, 0.0) - ample.get(name, 0.0) for play, ample in pairs)

        open_ones = [group for group in QUEUES if levels[group] < HIGHEST]
        return max(open_ones, key=lost, default=None)

    def _dearest_first(self, levels):
        totals = self._totals(levels)
        return sorted(QUEUES, key=lambda group: -totals[group])

    def _lowest(self, group, levels):
        """Return the lowest level of a group at which the targets are met, the others as they are."""
        steps = self._steps(group, levels)
        low, high = -1, len(steps) - 1  # the last is the level as it is, which meets them
        while high - low > 1:
            middle = (low + high) // 2
            met = self.meets(self._staffing({**levels, group: steps[middle]}))
            low, high = (low, middle) if met else (middle, high)
        return steps[high]

    def _steps(self, group, levels):
        """Return the levels up to the present one that change the group's staffing, rising."""
        found, level = {}, levels[group]
        while level >= LOWEST:
            found[tuple(self._staffing({**levels, group: level}).values())] = level
            level -= STEP
        return sorted(found.values())


def _name(changes):
    """Return the name of an arm: the same changes always have the same, so they are played once."""
    told = json.dumps(changes, sort_keys=True)
    return f"staffing {hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}"

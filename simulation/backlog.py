"""Letters that are open when a simulation begins: where each of them stands, and since when.

Nothing in it says what was written or by whom: state, unit, kind, clocks and number.
"""

from dataclasses import asdict, dataclass, fields

import numpy as np

from simulation import draws
from simulation.arrivals import Columns

RECEIVED, ACCEPTED, DISPATCHED, IN_HAND, IN_REVIEW, ASKED = STAGES = range(6)
NONE = -1
# Keys of these letters' draws: beyond those of any that are to come (bursts.FIRST_KEY).
_KEYS = 1 << 50


@dataclass(frozen=True)
class Backlog:
    """Lists of equal length, a letter in each place; seconds count from the scenario's start.

    now: the second at which it was so. number: the case's own. stage: one of STAGES. kind,
    category: as in KIND_CODES, CATEGORY_CODES. city, unit: as in arrivals.Columns, or -1 where
    no unit is known yet. received, due: may be negative. since: when the stage began. returns:
    so far. redo: 1 if it was answered before and reopened. emergency: 0 or 1.
    """

    now: int
    number: list
    stage: list
    kind: list
    category: list
    to_department: list
    city: list
    unit: list
    received: list
    since: list
    due: list
    returns: list
    redo: list
    emergency: list

    def __len__(self):
        return len(self.number)

    def as_json(self):
        """Return it as a dict of numbers and lists, for a study's row."""
        return asdict(self)

    def arrivals(self, scenario, seed):
        """Return the Columns by which these letters enter: all at `now`, numbered from 1.

        Cities and units that are not known yet are drawn, by the shares of the scenario.
        """
        keys = np.array(self.number, np.int64) + _KEYS
        zeros, uniform = np.zeros(len(keys), np.int64), draws.uniforms(seed, "backlog", keys, 2)
        to_department = np.array(self.to_department, bool)
        shares = np.array([city.share * city.to_department for city in scenario.cities])
        shares = shares if shares.sum() else np.ones(len(shares))
        drawn = draws.pick(uniform[:, 0], shares / shares.sum())
        city = np.where(np.array(self.city, np.int64) == NONE, drawn, self.city).astype(np.int64)
        units = np.array([len(c.units) for c in scenario.cities])[city]
        unit = np.array(self.unit, np.int64)
        unit = np.where(unit == NONE, (uniform[:, 1] * units).astype(np.int64), unit)
        return Columns(
            scenario=scenario,
            number=np.arange(1, len(keys) + 1),
            key=keys,
            at=zeros + self.now,
            to_department=to_department,
            city=city,
            unit=unit,
            kind=np.array(self.kind, np.int64),
            category=np.array(self.category, np.int64),
            writer_number=zeros,
            repeats=zeros,
            emergency=np.array(self.emergency, bool),
            confidential=zeros.astype(bool),
        )


LISTS = tuple(field.name for field in fields(Backlog) if field.name != "now")

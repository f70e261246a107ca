"""Moving a scenario's numbers until its figures, played, are those that were measured."""

import numpy as np

from simulation import values

STEP = 1.15
SHORTEST = 60  # seconds that a length of time is made at least


class Fit:
    """One number on its way to where the simulated figure is the measured one (secant steps)."""

    def __init__(self, path, figure, shifted, most=None):
        """shifted: the figure moves about as much as the number, else in proportion to it."""
        self.path, self._figure, self._shifted, self._most = path, figure, shifted, most
        self.old = self._seen = self._slope = None

    def step(self, tree, simulated, by=1.0):
        """Move the number in a tree by what the last play of the scenario says of it.

        simulated: its figure there. by: what the measured figure is to be divided by.
        Returns: (n, low, high) of the number, or None if nothing was seen of it.
        """
        path, figure = self.path, self._figure
        if not simulated.n or not simulated.value:
            return None
        old = values.get(tree, path)
        slope = self._learn(old, simulated.value)
        new = max(old + (figure.value / by - simulated.value) / slope, old / 4)
        if self._shifted:
            new = max(new, SHORTEST)
        if self._most is not None:
            new = min(new, self._most)
        values.put(tree, path, new)
        # The simulated figure has its own chance, beside that of the measured one.
        widen = np.sqrt(1 + figure.n / simulated.n) / slope
        ends = (new + (end - figure.value) * widen for end in (figure.low, figure.high))
        return figure.n, *(max(values.shown(path, end), 0.0) for end in ends)

    def sound(self, before, after):
        """Learn how much the figure moves with the number: played before and after × STEP."""
        first = before.value / self.old
        if first:
            seen = (after.value - before.value) / (self.old * (STEP - 1))
            self._slope = float(np.clip(seen, first / 6, first * 2))

    def _learn(self, old, simulated):
        """Return how much the figure moves with the number; of lengths, from the last two plays."""
        if not self._shifted:
            self.old = old
            return self._slope or simulated / old
        slope = self._slope or 1.0
        if self.old and abs(old - self.old) > 0.02 * old:
            seen = (simulated - self._seen) / (old - self.old)
            slope = self._slope = float(np.clip(seen, 1 / 3, 2.0))
        self.old, self._seen = old, simulated
        return slope

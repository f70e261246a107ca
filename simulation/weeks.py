"""Time by hour of the week, added up interval by interval."""

from itertools import accumulate

HOUR, WEEK_HOURS = 3600, 168


class Week:
    """Officer-seconds by hour of the week; hour 0 is the one in which the scenario starts."""

    __slots__ = ("_parts", "_steps")

    def __init__(self):
        self._parts, self._steps = [0] * WEEK_HOURS, [0] * WEEK_HOURS

    def add(self, start, end, officers=1):
        """Add officers × seconds from `start` to `end`; takes as long for a year as for a minute."""
        first, last = start // HOUR, end // HOUR
        self._parts[first % WEEK_HOURS] -= (start - first * HOUR) * officers
        self._parts[last % WEEK_HOURS] += (end - last * HOUR) * officers
        # Full hours as steps up and down; those that pass the week's end go on at its start.
        self._steps[first % WEEK_HOURS] += officers
        self._steps[last % WEEK_HOURS] -= officers
        self._steps[0] += (last // WEEK_HOURS - first // WEEK_HOURS) * officers

    def hours(self):
        """Return the 168 sums."""
        full = accumulate(self._steps)
        return [n * HOUR + part for n, part in zip(full, self._parts, strict=True)]

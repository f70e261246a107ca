"""Celery's beat, for clocks that are set back: NTP, an operator, a machine that was moved.

Beat waits until the wall clock shows an entry's time. Set back by an hour, it would send nothing
for an hour: no notice, no deadline, no sweep.
"""

import logging
import time

from celery.beat import PersistentScheduler

from cases import worlds

log = logging.getLogger(__name__)

_LIKE_BEFORE = 2  # seconds by which the two clocks may differ between two ticks
_MOST_SECONDS = 5  # for which beat sleeps at most, so that it notices soon


class Scheduler(PersistentScheduler):
    """The usual schedule, begun anew when the wall clock has jumped against the monotonic one."""

    _difference = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.max_interval = _MOST_SECONDS

    def tick(self, *args, **kwargs):
        """Send what is due; after a jump of the clock, everything is counted from now."""
        difference = worlds.now().timestamp() - time.monotonic()
        known, self._difference = self._difference, difference
        if known is not None and abs(difference - known) > _LIKE_BEFORE:
            log.warning("the clock was set by %.0f s: beat begins anew", difference - known)
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None
        return super().tick(*args, **kwargs)

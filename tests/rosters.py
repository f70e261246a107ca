"""Officers on duty, as the tests put them there."""

from datetime import timedelta

from cases import worlds
from cases.models import Duty

HOUR = timedelta(hours=1)


def put(officer, starts_at=None, ends_at=None):
    """Put an officer on duty at the own unit; by default around now."""
    now = worlds.now()
    return Duty.objects.create(
        unit=officer.unit,
        officer=officer,
        starts_at=starts_at or now - HOUR,
        ends_at=ends_at or now + HOUR,
    )

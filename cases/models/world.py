from django.conf import settings
from django.db import models


class World(models.Model):
    """A set of domain tables in a schema of its own; see cases/worlds.py."""

    # What its run is called, for the people in it.
    name = models.CharField(max_length=60, blank=True)
    schema = models.CharField(max_length=40, unique=True)
    # Stands in receipts, file paths and cache keys of this world.
    mark = models.CharField(max_length=12, unique=True)
    ready = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Of the live tables' columns and constraints when this world was made.
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    # Of a practice world: the one officer who may enter it, and its clock, which stood at
    # clock_at when it was last set, and has run since clock_since unless that is empty.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    clock_at = models.DateTimeField(null=True)
    clock_since = models.DateTimeField(null=True)

    def __str__(self):
        return self.schema

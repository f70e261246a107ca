"""Attempts to look something up, kept for as long as a limit counts them."""

from django.db import models
from django.db.models.functions import Now


class LookupAttempt(models.Model):
    """One attempt: what kind, by whom (hashed), when by the database's clock.

    Stands in `public`: it is about visitors, not about letters.
    """

    scope = models.CharField(max_length=32)
    key_hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["scope", "key_hash", "at"], name="lookup_by_key"),
            models.Index(fields=["at"], name="lookup_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.at}"

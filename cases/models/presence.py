"""Who has a letter open: so that two officers do not work on one."""

from django.db import models
from django.db.models.functions import Now


class Presence(models.Model):
    """An officer who has a letter open, and when their page last said so, by the database's clock.

    Stands in `public`: it is about officers, and in a world the clock stands still.
    """

    # The mark of the world in which the letter stands, and its number there.
    world = models.CharField(max_length=12)
    case_id = models.BigIntegerField()
    officer = models.ForeignKey("cases.Officer", models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["world", "case_id", "officer"], name="presence_once")
        ]

    def __str__(self):
        return f"{self.world}/{self.case_id} {self.officer_id}"

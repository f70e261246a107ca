from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from .base import DomainModel


class LetterGrams(DomainModel):
    """The two-character grams of one letter, by which it is found; see cases/grams.py.

    Filled at intake. A run's are filled in once it is done (gram_filling.py).
    """

    letter = models.OneToOneField(
        "cases.Letter", models.PROTECT, primary_key=True, related_name="grams"
    )
    grams = ArrayField(models.IntegerField())

    class Meta:
        # New letters wait in a list that each look-up reads to its end: so it is kept short (kB).
        indexes = [GinIndex(fields=["grams"], name="letter_grams", gin_pending_list_limit=64)]

    def __str__(self):
        return str(self.pk)

from django.db import models


class DomainModel(models.Model):
    """A table that each world has of its own: live letters, or those of a run.

    cases/worlds.py finds these tables by this class. Everything else (units,
    officers, policy, runs) is common and stands in schema `public`.
    """

    class Meta:
        abstract = True

from django.db import models
from django.utils.translation import gettext_lazy as _


class DomainModel(models.Model):
    """A table that each world has of its own: live letters, or those of a run.

    cases/worlds.py finds these tables by this class. Everything else (units,
    officers, policy, runs) is common and stands in schema `public`.
    """

    class Meta:
        abstract = True


class StoredFile(DomainModel):
    """A file on disk, already checked and stripped; cases/attachments.py writes it."""

    name = models.CharField(_("文件名"), max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

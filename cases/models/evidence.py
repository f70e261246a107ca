from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel
from .events import Event


class Evidence(DomainModel):
    """A file that an officer laid beside a step, checked and stripped; for officers alone."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="evidence")
    name = models.CharField(_("文件名"), max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("佐证材料")
        verbose_name_plural = _("佐证材料")

    def __str__(self):
        return self.name

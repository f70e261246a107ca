from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import StoredFile
from .events import Event


class Evidence(StoredFile):
    """A file laid beside a step: by an officer, for officers alone, or by the writer."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="evidence")

    class Meta:
        verbose_name = _("佐证材料")
        verbose_name_plural = _("佐证材料")

    @property
    def is_picture(self):
        """Whether it can be shown on a page: a picture, which was re-encoded when it was stored."""
        return self.content_type.startswith("image/")

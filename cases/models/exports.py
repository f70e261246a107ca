from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel


class Export(DomainModel):
    """One list taken away as a file (导出): who, when, which filters, how many letters."""

    user = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))
    # As an address, without the words that were searched for: they may be a name.
    filters = models.CharField(_("条件"), max_length=300)
    rows = models.PositiveIntegerField(_("件数"))

    class Meta:
        verbose_name = _("导出记录")
        verbose_name_plural = _("导出记录")

    def __str__(self):
        return f"{self.user} {self.at}"

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel


class Recusal(DomainModel):
    """An officer who now neither reads nor handles a case; why, and since when, its events say."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="recusals")
    officer = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = [models.UniqueConstraint(fields=["case", "officer"], name="recused_once")]

    def __str__(self):
        return f"{self.case_id} {self.officer_id}"

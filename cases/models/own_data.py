"""What the writers of letters may have done by themselves: a new query code."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel
from .letters import Letter


class RenewedCode(DomainModel):
    """The query code, hashed, that took the place of a letter's first one, which opens nothing now."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="renewed_code"
    )
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("换发的查询码")
        verbose_name_plural = _("换发的查询码")

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel


class Incident(DomainModel):
    """A crime case (查破案件) that a letter led to, by its own number; counted once."""

    number = models.CharField(_("案件编号"), max_length=40, unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="incidents")
    recorded_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("查破案件")
        verbose_name_plural = _("查破案件")

    def __str__(self):
        return self.number


class Rule(DomainModel):
    """A rule made (规范性文件) because letters showed a common fault; counted once."""

    number = models.CharField(_("文号"), max_length=40, unique=True)
    title = models.CharField(_("名称"), max_length=100)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="rules")
    recorded_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("规范性文件")
        verbose_name_plural = _("规范性文件")

    def __str__(self):
        return self.title


class Disclosure(DomainModel):
    """One showing of a writer's identity: who saw it, what, and the reason given.

    The database refuses update, delete and truncate, as it does for events (migration 0034).
    """

    letter = models.ForeignKey("cases.Letter", models.PROTECT, related_name="disclosures")
    user = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    reason = models.CharField(_("理由"), max_length=200)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("身份查看记录")
        verbose_name_plural = _("身份查看记录")

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """The promises in force from a moment on. Stands in `public`; see cases/in_force.py.

    The database refuses to change one, and to delete one that has come into force.
    """

    text = models.TextField(_("规则"))
    valid_from = models.DateTimeField(_("生效时间"), unique=True)
    note = models.CharField(_("说明"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制定人")
    )
    made_at = models.DateTimeField(_("制定时间"))

    class Meta:
        verbose_name = _("规则版本")
        verbose_name_plural = _("规则版本")
        ordering = ["-valid_from"]

    def __str__(self):
        return str(self.pk)


class Recomputation(models.Model):
    """That all open cases have been computed anew, under which version and which calendar."""

    at = models.DateTimeField()
    version = models.ForeignKey(PolicyVersion, models.PROTECT, null=True, related_name="+")
    # Of the working days that were known; see calendars.official_mark.
    calendar = models.CharField(max_length=16)
    looked = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.at} {self.changed}"

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.transitions import PERMISSIONS


class Officer(AbstractUser):
    """Someone who signs in: a member of one unit. Deactivated, never deleted."""

    unit = models.ForeignKey(
        "cases.Unit", models.PROTECT, null=True, blank=True, verbose_name=_("单位")
    )

    # Whether the officer wants to hear it when a letter comes while they are on duty.
    duty_sound = models.BooleanField(_("值班声音提醒"), default=False)

    class Meta:
        verbose_name = _("民警")
        verbose_name_plural = _("民警")
        ordering = ["username"]
        permissions = PERMISSIONS

    def __str__(self):
        return self.get_full_name() or self.username

    def get_full_name(self):
        """Return the name in Chinese order, without a space."""
        return f"{self.last_name}{self.first_name}"

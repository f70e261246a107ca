from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import identity
from cases.transitions import PERMISSIONS


class Officer(AbstractUser):
    """Someone who signs in: a member of one unit. Deactivated, never deleted."""

    unit = models.ForeignKey(
        "cases.Unit", models.PROTECT, null=True, blank=True, verbose_name=_("单位")
    )

    # Whether the officer wants to hear it when a letter comes while they are on duty.
    duty_sound = models.BooleanField(_("值班声音提醒"), default=False)
    # The number for messages while on duty, as identity.check_phone gives it, if they are wanted.
    phone = models.CharField(_("值班手机"), max_length=20, blank=True)
    duty_sms = models.BooleanField(_("值班短信提醒"), default=False)

    class Meta:
        verbose_name = _("民警")
        verbose_name_plural = _("民警")
        ordering = ["username"]
        permissions = PERMISSIONS

    def clean(self):
        """Bring the telephone number into the form it is kept in. Raises: ValidationError."""
        super().clean()
        try:
            self.phone = identity.check_phone(self.phone) if self.phone else ""
        except identity.BadInput as error:
            raise ValidationError({"phone": str(error)}) from None

    def __str__(self):
        return self.get_full_name() or self.username

    def get_full_name(self):
        """Return the name in Chinese order, without a space."""
        return f"{self.last_name}{self.first_name}"

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import salted_hmac
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

    # The password was set by an administrator: the officer sets another on signing in.
    password_temporary = models.BooleanField(default=False, editable=False)
    # How many times all sessions have been ended; each knows the number it began with.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

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

    def set_password(self, raw_password):
        """Set a password that stays; who sets it for another says that it is temporary."""
        super().set_password(raw_password)
        self.password_temporary = False

    def save(self, *args, **kwargs):
        """Keep the officer, who is told of a new password or address, whoever sets it."""
        from cases import account_notices  # which knows of officers itself

        if not self._state.adding:
            account_notices.note_changes(self, kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def end_sessions(self):
        """End every session of this officer at once, wherever it is open."""
        Officer.objects.filter(pk=self.pk).update(sessions_ended=models.F("sessions_ended") + 1)
        self.refresh_from_db(fields=["sessions_ended"])

    def _get_session_auth_hash(self, secret=None):
        """Return what a session is checked against: it changes with the password, and on ending."""
        said = f"{self.password} {self.sessions_ended}"
        salt = "cases.models.people.Officer.session"
        return salted_hmac(salt, said, secret=secret, algorithm="sha256").hexdigest()

    def __str__(self):
        return self.get_full_name() or self.username

    def with_unit(self):
        """Return the name, and the unit in brackets."""
        return f"{self}（{self.unit}）" if self.unit else str(self)

    def get_full_name(self):
        """Return the name in Chinese order, without a space."""
        return f"{self.last_name}{self.first_name}"

from django.conf import settings
from django.db import models


class SecondFactor(models.Model):
    """The device from which an officer reads one-time passwords: its secret, sealed.

    Stands in `public`, as officers do. See cases/second_factor.py.
    """

    officer = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="second_factor"
    )
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=32)
    set_up_at = models.DateTimeField()
    # The step of time of the newest code that was taken: no code is taken twice.
    last_step = models.BigIntegerField()

    def __str__(self):
        return f"{self.officer_id} {self.set_up_at}"


class RecoveryCode(models.Model):
    """What stands in for a lost device, once; only its hash is kept."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["officer", "code_hash"], name="recovery_code_once")
        ]

    def __str__(self):
        return f"{self.officer_id} {self.used_at or ''}"

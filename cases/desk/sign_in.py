"""Signing in, with a limit on guessing: by name and address, so that nobody locks others out."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from cases import throttle

LIMIT, PER_SECONDS = 10, 900


class SignInForm(AdminAuthenticationForm):
    """The admin's form; the eleventh wrong password in a quarter of an hour is not even tried."""

    def clean(self):
        """Check name and password. A right one clears the count."""
        key = f"{self.cleaned_data.get('username')} {throttle.client_address(self.request)}"
        try:
            throttle.check("sign-in", key, LIMIT, PER_SECONDS)
        except throttle.TooManyAttempts as refused:
            raise ValidationError(refused.message) from None
        cleaned = super().clean()
        throttle.forgive("sign-in", key)
        return cleaned

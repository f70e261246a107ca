"""Officers set another password: by the old one, or, having forgotten it, by a link that is mailed to them."""

import logging

from django.contrib import admin
from django.contrib.auth import views
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from cases import passwords, tasks, throttle
from cases.identity import clean

log = logging.getLogger(__name__)

# Requests from one place, and for one address, in an hour.
LIMIT_BY_PLACE, LIMIT_BY_ADDRESS, PER_SECONDS = 10, 3, 3600
# Asked to mail this one, a worker mails nobody: handing it over takes as long as for an account.
NOBODY = 0
# Wrong old passwords of one officer in a quarter of an hour, as at the door.
LIMIT_OF_OLD, OLD_SECONDS = 10, 900


class ChangeForm(PasswordChangeForm):
    """The old password and the new one. Who finds a session open does not guess the old one at will."""

    def clean_old_password(self):
        """Check the old password. A right one clears the count."""
        key = str(self.user.pk)
        try:
            throttle.check("old password", key, LIMIT_OF_OLD, OLD_SECONDS)
        except throttle.TooManyAttempts as refused:
            raise ValidationError(refused.message) from None
        typed = super().clean_old_password()
        throttle.forgive("old password", key)
        return typed


class AskForm(PasswordResetForm):
    """An address. The fourth mail to it within an hour is not sent, and nobody is told so."""

    def __init__(self, *args, request=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["email"].widget.attrs["autofocus"] = True

    def clean(self):
        """Refuse who has asked too often, whatever they ask for."""
        place = throttle.client_address(self.request)
        try:
            throttle.check("password", place, LIMIT_BY_PLACE, PER_SECONDS)
        except throttle.TooManyAttempts as refused:
            raise ValidationError(refused.message) from None
        return super().clean()

    def save(self, **kwargs):
        """Have the mails sent, by a worker so that the answer takes no longer for a known address."""
        address = clean(self.cleaned_data["email"])
        try:
            throttle.check("password-mail", address.lower(), LIMIT_BY_ADDRESS, PER_SECONDS)
        except throttle.TooManyAttempts:
            return
        for key in passwords.accounts_of(address) or [NOBODY]:
            _send(key)


def _send(key):
    """Give the mail to a worker; without a broker send it here."""
    try:
        tasks.send_password_reset.delay(key)
    except Exception:
        log.warning("no broker: the mail for a new password is sent by the web process")
        try:
            passwords.send_reset(key)
        except Exception as error:  # said in the log alone: the page knows of no address
            log.warning("mail for a new password failed: %s", type(error).__name__)


class Framed:
    """In the admin's frame, as all that officers see."""

    def get_context_data(self, **kwargs):
        context = {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}
        return {**context, "is_nav_sidebar_enabled": False}


class Change(Framed, views.PasswordChangeView):
    """Set a new password, by the old one."""

    form_class = ChangeForm
    success_url = reverse_lazy("admin:password_change_done")


class Ask(Framed, views.PasswordResetView):
    """Ask for the mail."""

    form_class = AskForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request}


class Asked(Framed, views.PasswordResetDoneView):
    """Say that a mail comes if there is such an account; the same to everyone."""


class Confirm(Framed, views.PasswordResetConfirmView):
    """Set the new password."""


class Done(Framed, views.PasswordResetCompleteView):
    """Say that it is set."""

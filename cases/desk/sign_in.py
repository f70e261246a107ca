"""Signing in, the one door to the desk and the admin: password, one-time password, then a session.

Until all that is wanted has been given nobody is signed in: a session holds only who has got how
far, for a quarter of an hour.
"""

from datetime import datetime, timedelta

from django.contrib import admin, auth
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import views
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from cases import second_factor, throttle, worlds
from cases.desk.password_pages import Framed
from cases.models import Officer

# Wrong passwords for one name from one place, for anyone from one place, for one name from anywhere.
LIMIT, PER_SECONDS = 10, 900
LIMIT_OF_PLACE = 100
LIMIT_OF_NAME, NAME_SECONDS = 50, 3600

SESSION_KEY = "signing_in"
PATIENCE = timedelta(minutes=15)

# What tells a browser in which an officer has signed in before; see _try_all.
_COOKIE, _SALT, _COOKIE_SECONDS = "known_officer", "known officer", 90 * 86_400


class SignInForm(AdminAuthenticationForm):
    """The admin's form; what is one wrong password too many is not even tried."""

    def clean(self):
        """Check name and password. A right one clears the count, and counts for no limit."""
        name = self.cleaned_data.get("username") or ""
        place = throttle.client_address(self.request)
        known = is_known(self.request, name)
        browser = self.request.COOKIES[_COOKIE] if known else place
        key = f"{name} {browser}"
        try:
            throttle.check("sign-in", key, LIMIT, PER_SECONDS)
            attempts = [] if known else self._count(name, place)
        except throttle.TooManyAttempts as refused:
            raise ValidationError(refused.message) from None
        cleaned = super().clean()
        throttle.forgive("sign-in", key)
        throttle.take_back(attempts)
        return cleaned

    def _count(self, name, place):
        """Count an attempt for the limits by which others could keep an officer out.

        A stranger anywhere, or a colleague behind the same address. So they are not for a browser in
        which the officer has signed in before: its tries are counted for it alone.
        """
        return [
            throttle.check("sign-in-place", place, LIMIT_OF_PLACE, PER_SECONDS),
            throttle.check("sign-in-name", name, LIMIT_OF_NAME, NAME_SECONDS),
        ]


@method_decorator(never_cache, "dispatch")
class SignIn(Framed, views.LoginView):
    """Ask for name and password."""

    authentication_form = SignInForm
    template_name = "admin/login.html"

    def get(self, request, *args, **kwargs):
        """Show the form, but not to who has signed in and may be here."""
        if admin.site.has_permission(request):
            return redirect("admin:index")
        return super().get(request, *args, **kwargs)

    def get_default_redirect_url(self):
        return reverse("admin:index")

    def get_context_data(self, **kwargs):
        about = {
            "title": _("登录"),
            "app_path": self.request.get_full_path(),
            "username": self.request.user.get_username(),
        }
        return {**super().get_context_data(**kwargs), **about}

    def form_valid(self, form):
        """The password is right: go on to what else is wanted."""
        return begin(self.request, form.get_user(), self.get_success_url())


def begin(request, officer, onward, **given):
    """Remember that this officer has given the password; go on. onward: where they wanted to go.

    In a session of a new name: whoever planted the one before does not see the secret of their device.
    And as the officer is kept: Django may just have hashed the password anew, which makes a temporary
    one look like any other here.
    """
    request.session.cycle_key()
    officer.refresh_from_db()
    request.session[SESSION_KEY] = {
        "officer": officer.pk,
        "hash": officer.get_session_auth_hash(),
        "at": worlds.now().isoformat(),
        "onward": onward,
        **given,
    }
    return go_on(request, officer)


def under_way(request):
    """Return (officer, what they have given) of a sign-in that is not finished, or (None, {})."""
    given = request.session.get(SESSION_KEY)
    if not given or worlds.now() - datetime.fromisoformat(given["at"]) > PATIENCE:
        return None, {}
    officer = Officer.objects.filter(pk=given["officer"], is_active=True, is_staff=True).first()
    if officer is None or not constant_time_compare(officer.get_session_auth_hash(), given["hash"]):
        return None, {}
    return officer, given


def note(request, **given):
    """Remember what has been given now."""
    request.session[SESSION_KEY] = {**request.session[SESSION_KEY], **given}


def go_on(request, officer):
    """Lead to what is wanted next; when nothing is, the officer is signed in."""
    given = request.session[SESSION_KEY]
    if second_factor.is_required() and not given.get("second"):
        return redirect("second-factor")
    if officer.password_temporary:
        return redirect("new-password")
    del request.session[SESSION_KEY]
    auth.login(request, officer, backend="django.contrib.auth.backends.ModelBackend")
    answer = HttpResponseRedirect(given["onward"])
    remember(answer, request, officer)
    return answer


def remember(answer, request, officer):
    """Let a browser tell later that this officer has signed in there; it opens nothing by itself."""
    answer.set_signed_cookie(
        _COOKIE,
        _mark(officer.username),
        salt=_SALT,
        max_age=_COOKIE_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
        path="/admin/",
    )


def is_known(request, name):
    """Return whether the officer of this name has signed in in this browser before."""
    mark = request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=_COOKIE_SECONDS)
    return constant_time_compare(mark, _mark(name))


def _mark(name):
    return salted_hmac(_SALT, name).hexdigest()

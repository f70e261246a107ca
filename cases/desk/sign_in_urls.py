"""The addresses of signing in: before the admin's own, in whose place they stand."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import path

from cases.desk import own_sessions, password_pages, second_factor_pages, sessions, sign_in

urlpatterns = [
    # Called admin:login, as all who redirect there know it.
    path("login/", sign_in.SignIn.as_view()),
    path("second-factor/", second_factor_pages.second_step, name="second-factor"),
    path("second-factor/own/", second_factor_pages.own, name="second-factor-own"),
    path("session/", sessions.session, name="session"),
    path("session/own/", own_sessions.own, name="sessions-own"),
    path("new-password/", second_factor_pages.new_password, name="new-password"),
    # Called admin:password_change, like the page in whose place it stands.
    path("password_change/", staff_member_required(password_pages.Change.as_view())),
    path("password_reset/", password_pages.Ask.as_view(), name="password_reset"),
    path("password_reset/done/", password_pages.Asked.as_view(), name="password_reset_done"),
    path(
        "reset/<uidb64>/<token>/", password_pages.Confirm.as_view(), name="password_reset_confirm"
    ),
    path("reset/done/", password_pages.Done.as_view(), name="password_reset_complete"),
]

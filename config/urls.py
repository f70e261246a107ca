"""The addresses of the site: each app owns what stands below its prefix."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import health, ready

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"


def _admin():
    """Return the stock admin's addresses without the one that leads to any row of any table."""
    pages, *names = admin.site.urls
    return [page for page in pages if getattr(page, "name", "") != "view_on_site"], *names


urlpatterns = [
    path("health", health),
    path("health/ready", ready),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}config/favicon.svg")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", include("cases.desk.sign_in_urls")),
    path("admin/", _admin()),
    path("desk/practice/", include("simulation.practice_urls")),
    path("desk/", include("cases.desk.urls")),
    path("simulation/", include("simulation.urls")),
    path("", include("mailbox.urls")),
]

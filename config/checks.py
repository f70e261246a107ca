"""Combinations of settings that start well and fail later, each said with its remedy."""

import chinese_calendar
from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from cases import worlds


@register(Tags.security)
def check_secret_key(app_configs, **kwargs):
    """Refuse the example's key where letters of real people may arrive."""
    if settings.DEBUG or "change-me" not in settings.SECRET_KEY:
        return []
    return [
        Error(
            "SECRET_KEY is the one of .env.example.",
            hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
            id="config.E001",
        )
    ]


@register(Tags.security)
def check_https(app_configs, **kwargs):
    """Warn when the site says https but cannot know that a request came by it."""
    if not settings.SECURE or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "SITE_URL is https, but TRUSTED_PROXIES is 0: forms will be refused (CSRF).",
            hint="Set TRUSTED_PROXIES to the number of your proxies before the web process.",
            id="config.W002",
        )
    ]


@register()
def check_calendar(app_configs, **kwargs):
    """Warn while the public holidays of this year are unknown: due dates are provisional."""
    year = worlds.now().year
    if is_calendar_known(year):
        return []
    return [
        Warning(
            f"The public holidays of {year} are not in chinese-calendar.",
            hint="Upgrade chinese-calendar; due dates count Monday to Friday until then.",
            id="config.W003",
        )
    ]


def is_calendar_known(year):
    """Tell whether the public holidays and make-up workdays of year are known."""
    return any(day.year == year for day in chinese_calendar.holidays)

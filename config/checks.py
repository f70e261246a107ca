"""Combinations of settings that start well and fail later, each said with its remedy."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.timezone import localtime

from cases import calendars, crypto, worlds


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
def check_identity_keys(app_configs, **kwargs):
    """Refuse keys with which no writer could be sealed, before the first letter comes."""
    try:
        crypto.seal({})
    except ImproperlyConfigured as error:
        hint = "See .env.example for what it looks like and how to make one."
        return [Error(str(error), hint=hint, id="config.E002")]
    return []


@register(Tags.security)
def check_https(app_configs, **kwargs):
    """Warn when the site says https but cannot know that a request came by it."""
    if not settings.SECURE or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "SITE_URL is https, but TRUSTED_PROXIES is 0: forms will be refused (CSRF).",
            hint="Set TRUSTED_PROXIES to the number of your proxies before the web process.",
            id="config.W003",
        )
    ]


@register()
def check_calendar(app_configs, **kwargs):
    """Warn while the public holidays of this year are unknown: due dates are provisional."""
    if is_calendar_known():
        return []
    return [
        Warning(
            "The public holidays of this year are not in chinese-calendar.",
            hint="Upgrade chinese-calendar; due dates count Monday to Friday until then.",
            id="config.W004",
        )
    ]


def is_calendar_known():
    """Tell whether the public holidays and make-up workdays of this year are known."""
    return localtime(worlds.now()).year in calendars.known_years()

"""Settings that start well and fail later, each said with its id and its remedy.

What can only be asked of the servers is in server_checks.py; starting.py runs both where a process
of the site starts.
"""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.timezone import localtime

from cases import calendars, crypto, worlds

START = "start"  # the tag of what a process of the site asks before it serves
LOCAL = {"localhost", "127.0.0.1", "[::1]", "testserver"}


@register(Tags.security, START)
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


@register(Tags.security, START)
def check_identity_keys(app_configs, **kwargs):
    """Refuse keys with which no writer could be sealed, before the first letter comes."""
    try:
        crypto.seal({})
    except ImproperlyConfigured as error:
        hint = "See .env.example for what it looks like and how to make one."
        return [Error(str(error), hint=hint, id="config.E002")]
    return []


@register(Tags.security, START)
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


@register(Tags.security, START)
def check_debug(app_configs, **kwargs):
    """Refuse pages that show code and settings where strangers may come."""
    if not settings.DEBUG or not (settings.SECURE or set(settings.ALLOWED_HOSTS) - LOCAL):
        return []
    return [
        Error(
            "DEBUG is on, and the site answers to more than this machine.",
            hint="Unset DEBUG: errors are in the log, under the number that the page shows.",
            id="config.E005",
        )
    ]


@register(START)
def check_late_acknowledgement(app_configs, **kwargs):
    """Refuse tasks that are acknowledged late but lost with a killed worker."""
    if not settings.CELERY_TASK_ACKS_LATE or settings.CELERY_TASK_REJECT_ON_WORKER_LOST:
        return []
    return [
        Error(
            "CELERY_TASK_ACKS_LATE is on without CELERY_TASK_REJECT_ON_WORKER_LOST.",
            hint="Turn both on: else the task of a killed worker is acknowledged and lost.",
            id="config.E006",
        )
    ]


@register(Tags.security, START)
def check_retention(app_configs, **kwargs):
    """Refuse years after which the writers of letters just closed, or of all, would be forgotten."""
    if 1 <= settings.RETENTION_YEARS <= 100:
        return []
    return [
        Error(
            f"RETENTION_YEARS is {settings.RETENTION_YEARS}: writers would be forgotten at once, or never.",
            hint="Set it to the years from 1 to 100 that people are promised; 3 is usual.",
            id="config.E014",
        )
    ]


@register(Tags.security, START)
def check_proxies(app_configs, **kwargs):
    """Refuse a number of proxies that cannot be; a wrong one is seen by cases/throttle.py."""
    if settings.TRUSTED_PROXIES >= 0:
        return []
    return [
        Error(
            f"TRUSTED_PROXIES is {settings.TRUSTED_PROXIES}: it counts proxies.",
            hint="Set it to the number of your proxies before the web process, 0 if none.",
            id="config.E007",
        )
    ]


@register(Tags.security, START)
def check_second_factor(app_configs, **kwargs):
    """Warn where a password alone lets officers in from anywhere."""
    if settings.SECOND_FACTOR or not settings.SECURE:
        return []
    return [
        Warning(
            "SECOND_FACTOR is off: officers sign in with a password alone.",
            hint="Unset it or set it to true; each officer is led through it at the next sign-in.",
            id="config.W013",
        )
    ]


@register(START)
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

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
_LOCAL = {"localhost", "127.0.0.1", "[::1]", "testserver"}

# Of each fault its number (E: an error, W: a warning), when it is one, what is said, and the remedy.
_FAULTS = (
    (
        "E001",
        lambda s: not s.DEBUG and "change-me" in s.SECRET_KEY,
        "SECRET_KEY is the one of .env.example.",
        "Make one: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    ),
    (
        "W003",
        lambda s: s.SECURE and not s.TRUSTED_PROXIES,
        "SITE_URL is https, but TRUSTED_PROXIES is 0: forms will be refused (CSRF).",
        "Set TRUSTED_PROXIES to the number of your proxies before the web process.",
    ),
    (
        "E005",
        lambda s: s.DEBUG and (s.SECURE or set(s.ALLOWED_HOSTS) - _LOCAL),
        "DEBUG is on, and the site answers to more than this machine.",
        "Unset DEBUG: errors are in the log, under the number that the page shows.",
    ),
    (
        "E006",
        lambda s: s.CELERY_TASK_ACKS_LATE and not s.CELERY_TASK_REJECT_ON_WORKER_LOST,
        "CELERY_TASK_ACKS_LATE is on without CELERY_TASK_REJECT_ON_WORKER_LOST.",
        "Turn both on: else the task of a killed worker is acknowledged and lost.",
    ),
    (
        "E007",  # a wrong number that can be is seen by cases/throttle.py
        lambda s: s.TRUSTED_PROXIES < 0,
        "TRUSTED_PROXIES is {0.TRUSTED_PROXIES}: it counts proxies.",
        "Set it to the number of your proxies before the web process, 0 if none.",
    ),
    (
        "W013",
        lambda s: s.SECURE and not s.SECOND_FACTOR,
        "SECOND_FACTOR is off: officers sign in with a password alone.",
        "Unset it or set it to true; each officer is led through it at the next sign-in.",
    ),
    (
        "E014",
        lambda s: not 1 <= s.RETENTION_YEARS <= 100,
        "RETENTION_YEARS is {0.RETENTION_YEARS}: writers would be forgotten at once, or never.",
        "Set it to the years from 1 to 100 that people are promised; 3 is usual.",
    ),
    (
        "E017",
        lambda s: not 0 < s.RUNS_GB < 1_000_000,
        "RUNS_GB is {0.RUNS_GB}: no simulation would be kept, or any number.",
        "Set it to the gigabytes that made-up letters may take; 20 is some forty simulated years.",
    ),
)


def found(number, words, hint):
    """Return an error (E…) or a warning (W…) in Django's form."""
    kind = Error if number.startswith("E") else Warning
    return kind(words, hint=hint, id=f"config.{number}")


@register(Tags.security, START)
def check_settings(app_configs, **kwargs):
    """Return what is wrong with single settings, and with two of them together."""
    return [
        found(number, words.format(settings), hint)
        for number, is_wrong, words, hint in _FAULTS
        if is_wrong(settings)
    ]


@register(Tags.security, START)
def check_identity_keys(app_configs, **kwargs):
    """Refuse keys with which no writer could be sealed, before the first letter comes."""
    try:
        crypto.seal({})
    except ImproperlyConfigured as error:
        hint = "See .env.example for what it looks like and how to make one."
        return [found("E002", str(error), hint)]
    return []


@register(START)
def check_calendar(app_configs, **kwargs):
    """Warn while the public holidays of this year are unknown: due dates are provisional."""
    if is_calendar_known():
        return []
    words = "The public holidays of this year are not in chinese-calendar."
    hint = "Upgrade chinese-calendar; due dates count Monday to Friday until then."
    return [found("W004", words, hint)]


def is_calendar_known():
    """Tell whether the public holidays and make-up workdays of this year are known."""
    return localtime(worlds.now()).year in calendars.known_years()

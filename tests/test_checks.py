"""Bad combinations of settings are explained, each with its remedy; good ones are let be."""

from datetime import UTC, datetime

import pytest

from cases import worlds
from config import checks

CASES = [
    # check, settings, the id expected ("" for none)
    (checks.check_secret_key, {"SECRET_KEY": "change-me"}, "config.E001"),
    (checks.check_secret_key, {"SECRET_KEY": "a long one of our own"}, ""),
    (checks.check_secret_key, {"SECRET_KEY": "change-me", "DEBUG": True}, ""),
    (checks.check_identity_keys, {"IDENTITY_KEYS": "k1:short"}, "config.E002"),
    (checks.check_identity_keys, {"IDENTITY_KEYS": "k1:" + "QUJD" * 11}, ""),
    (checks.check_debug, {"DEBUG": True, "SECURE": True}, "config.E005"),
    (checks.check_debug, {"DEBUG": True, "ALLOWED_HOSTS": ["mailbox.example"]}, "config.E005"),
    (checks.check_debug, {"DEBUG": True, "ALLOWED_HOSTS": ["*"]}, "config.E005"),
    (checks.check_debug, {"DEBUG": True, "ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}, ""),
    (checks.check_debug, {"DEBUG": False, "SECURE": True}, ""),
    (
        checks.check_late_acknowledgement,
        {"CELERY_TASK_REJECT_ON_WORKER_LOST": False},
        "config.E006",
    ),
    (checks.check_late_acknowledgement, {}, ""),
    (checks.check_proxies, {"TRUSTED_PROXIES": -1}, "config.E007"),
    (checks.check_proxies, {"TRUSTED_PROXIES": 2}, ""),
    (checks.check_second_factor, {"SECURE": True, "SECOND_FACTOR": False}, "config.W013"),
    (checks.check_second_factor, {"SECURE": True, "SECOND_FACTOR": True}, ""),
    (checks.check_second_factor, {"SECURE": False, "SECOND_FACTOR": False}, ""),
    (checks.check_retention, {"RETENTION_YEARS": 0}, "config.E014"),
    (checks.check_retention, {"RETENTION_YEARS": 3000}, "config.E014"),
    (checks.check_retention, {"RETENTION_YEARS": 1}, ""),
    (checks.check_https, {"SECURE": True, "TRUSTED_PROXIES": 0}, "config.W003"),
    (checks.check_https, {"SECURE": True, "TRUSTED_PROXIES": 1}, ""),
    (checks.check_https, {"SECURE": False, "TRUSTED_PROXIES": 0}, ""),
]


@pytest.mark.parametrize(("check", "given", "expected"), CASES)
def test_combination_is_judged(settings, check, given, expected):
    for name, value in given.items():
        setattr(settings, name, value)
    found = check(None)
    assert [message.id for message in found] == ([expected] if expected else [])
    assert all(message.hint for message in found)


@pytest.mark.parametrize(("year", "expected"), [(2025, []), (2099, ["config.W004"])])
def test_missing_calendar_is_a_warning(monkeypatch, year, expected):
    monkeypatch.setattr(worlds, "now", lambda: datetime(year, 6, 1, tzinfo=UTC))
    assert [message.id for message in checks.check_calendar(None)] == expected

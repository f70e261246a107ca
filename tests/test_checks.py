"""Bad combinations of settings are explained, each with its remedy; good ones are let be."""

from datetime import UTC, datetime

import pytest

from cases import worlds
from config import checks

# Of a site as it should be; each row has something else in it.
GOOD = {"SECURE": True, "TRUSTED_PROXIES": 1, "SECOND_FACTOR": True}
CASES = [
    # settings, the number of what is found ("" for nothing)
    ({}, ""),
    ({"SECRET_KEY": "change-me"}, "E001"),
    ({"SECRET_KEY": "change-me", "DEBUG": True, "SECURE": False}, ""),
    ({"IDENTITY_KEYS": "k1:short"}, "E002"),
    ({"IDENTITY_KEYS": "k1:" + "QUJD" * 11}, ""),
    ({"DEBUG": True}, "E005"),
    ({"DEBUG": True, "SECURE": False, "ALLOWED_HOSTS": ["mailbox.example"]}, "E005"),
    ({"DEBUG": True, "SECURE": False, "ALLOWED_HOSTS": ["*"]}, "E005"),
    ({"DEBUG": True, "SECURE": False, "ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}, ""),
    ({"CELERY_TASK_REJECT_ON_WORKER_LOST": False}, "E006"),
    ({"TRUSTED_PROXIES": -1}, "E007"),
    ({"TRUSTED_PROXIES": 0}, "W003"),
    ({"TRUSTED_PROXIES": 0, "SECURE": False}, ""),
    ({"SECOND_FACTOR": False}, "W013"),
    ({"SECOND_FACTOR": False, "SECURE": False}, ""),
    ({"RETENTION_YEARS": 0}, "E014"),
    ({"RETENTION_YEARS": 3000}, "E014"),
    ({"RETENTION_YEARS": 1}, ""),
    ({"RUNS_GB": 0}, "E017"),
    ({"RUNS_GB": float("nan")}, "E017"),
    ({"RUNS_GB": 0.5}, ""),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_combination_is_judged(settings, given, expected):
    for name, value in {**GOOD, **given}.items():
        setattr(settings, name, value)
    found = [*checks.check_settings(None), *checks.check_identity_keys(None)]
    assert [message.id for message in found] == ([f"config.{expected}"] if expected else [])
    assert all(message.hint for message in found)


@pytest.mark.parametrize(("year", "expected"), [(2025, []), (2099, ["config.W004"])])
def test_missing_calendar_is_a_warning(monkeypatch, year, expected):
    monkeypatch.setattr(worlds, "now", lambda: datetime(year, 6, 1, tzinfo=UTC))
    assert [message.id for message in checks.check_calendar(None)] == expected

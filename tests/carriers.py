"""Carriers of text messages: one that keeps what it is given, one that takes nothing."""

import pytest

SENT = []


def carrier(phone, text):
    """A carrier that keeps what it was given."""
    SENT.append((phone, text))


def busy(phone, text):
    """A carrier that takes nothing."""
    raise OSError(f"no route to {phone}")


@pytest.fixture
def carried(settings):
    """Let messages be kept in SENT, which begins empty."""
    settings.SMS_PROVIDER = "tests.carriers.carrier"
    SENT.clear()

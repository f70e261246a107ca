"""The load test, a few seconds of it: everyone is served, and nothing is lost."""

import argparse
import re

import pytest
from django.conf import global_settings
from django.core.management import call_command

from cases.models import Letter, Officer
from config.bench import stage
from tests import processes
from tests.load import __main__ as loading

BURST = 3
FEW = argparse.Namespace(seconds=4, burst=BURST)


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_all_who_come_are_served_and_nothing_is_lost(monkeypatch, settings, capsys, tmp_path):
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # those of the site's process
    call_command("seed", "--demo", verbosity=0)
    with stage.environment(TRUSTED_PROXIES="1"), loading.site(tmp_path) as port:
        wrong = loading.level(port, FEW, 100)
    said = capsys.readouterr().out
    assert not wrong, said
    letters = Letter.objects.count()
    assert (
        letters >= BURST and f"receipts shown {letters}, of letters with a case {letters}," in said
    )
    assert "lost 0; faults of the log 0; mails owed 0" in said
    served = dict(re.findall(r"^(\w[\w ]+?) +(\d+) ", said, re.M))
    assert int(served["send"]) == int(served["receipt"]) == letters
    assert Officer.objects.filter(last_login__isnull=False).count() == 3 and int(served["list"])

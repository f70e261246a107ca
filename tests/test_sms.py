"""Short messages: who carries them, what is kept, and what never leaves."""

import json
import stat

import pytest
from django.test import override_settings

from cases import sms, worlds
from tests.run_worlds import make_run

PHONE, TEXT = "19500000000", "来信 GD-1 等待处理：http://127.0.0.1/desk/"
CARRIED = []


def carrier(phone, text):
    """A carrier's function, named by its dotted path."""
    CARRIED.append((phone, text))


def refusing(phone, text):
    """A carrier that takes nothing."""
    raise OSError("busy")


def test_file_holds_a_line_a_message_and_is_its_owners_alone(tmp_path):
    with override_settings(SMS_PROVIDER="file", SMS_FOLDER=tmp_path / "sms"):
        sms.send(PHONE, TEXT)
        sms.send(PHONE, "第二条\n换行")
    path = tmp_path / "sms" / "sms.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["to"], line["text"]) for line in lines] == [
        (PHONE, TEXT),
        (PHONE, "第二条\n换行"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_console_prints(capsys):
    with override_settings(SMS_PROVIDER="console"):
        sms.send(PHONE, TEXT)
    assert capsys.readouterr().out == f"SMS {PHONE}: {TEXT}\n"


def test_settings_may_name_a_carriers_function_whose_refusal_is_raised():
    with override_settings(SMS_PROVIDER="tests.test_sms.carrier"):
        sms.send(PHONE, TEXT)
    assert CARRIED == [(PHONE, TEXT)]
    with override_settings(SMS_PROVIDER="tests.test_sms.refusing"), pytest.raises(OSError):
        sms.send(PHONE, TEXT)
    with override_settings(SMS_PROVIDER="nobody.at_all"), pytest.raises(ImportError):
        sms.send(PHONE, TEXT)


@pytest.mark.django_db
def test_nothing_leaves_a_runs_world(tmp_path):
    world = make_run(letters=1)
    with override_settings(SMS_FOLDER=tmp_path), worlds.enter(world), pytest.raises(RuntimeError):
        sms.send(PHONE, TEXT)
    assert list(tmp_path.iterdir()) == []

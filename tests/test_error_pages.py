"""Error pages give a number to quote; the log has it beside what went wrong, and nothing of a person."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.test import Client

from cases import request_number
from mailbox import year
from tests import planted, processes
from tests.brokers import quick  # noqa: F401

PLANTED = "许植名 13800138777 110101200002290018"
NUMBER = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
LANGUAGES = [code for code, _name in settings.LANGUAGES]
FAULTS = [
    # what goes wrong, the status of the answer, what the log calls it
    (ValueError(PLANTED), 500, "ValueError"),
    (IntegrityError(f"DETAIL: Key (phone)=({PLANTED}) already exists"), 500, "IntegrityError"),
    (OperationalError(PLANTED), 503, "OperationalError"),
    (PermissionDenied(PLANTED), 403, "Forbidden"),
    (SuspiciousOperation(PLANTED), 400, "SuspiciousOperation"),
]


@pytest.fixture
def written():
    with planted.written() as stream:
        yield stream


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def number_on(answer):
    (found,) = set(NUMBER.findall(answer.content.decode()))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("fault", "status", "name"), FAULTS, ids=lambda value: str(value)[:12])
def test_error_page_gives_the_number_that_the_log_has(
    visitor, written, monkeypatch, fault, status, name, language
):
    def fail():
        raise fault

    monkeypatch.setattr(year, "promises", fail)
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = visitor.get("/")
    assert answer.status_code == status
    lines = written.getvalue()
    assert f"[{number_on(answer)}]" in lines
    assert name in lines
    assert not any(word in lines + answer.content.decode() for word in PLANTED.split())
    marked = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}[language]
    assert f'<html lang="{marked}"' in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", f"/{PLANTED}/", 404),
        ("get", f"/desk/{PLANTED}\n2026-01-01 ERROR forged/", 302),
        ("post", f"/write/?{PLANTED}", 403),
        ("get", "/answers/999999/", 404),
    ],
)
def test_what_was_asked_for_is_not_in_the_log(visitor, written, method, path, status):
    answer = getattr(visitor, method)(path)
    assert answer.status_code == status
    assert status == 302 or f"[{number_on(answer)}]" in written.getvalue()
    assert not any(word in written.getvalue() for word in [*PLANTED.split(), "forged"])


def test_each_request_has_a_number_of_its_own_and_none_has_it_afterwards(client):
    numbers = {number_on(client.get("/nowhere/")) for _time in range(20)}
    assert len(numbers) == 20
    assert request_number.number.get() == "-"


def test_traceback_tells_places_and_types_and_no_message(written):
    try:
        try:
            int(PLANTED)
        except ValueError as error:
            raise KeyError(PLANTED) from error
    except KeyError:
        logging.getLogger("mailbox").exception("something %s", "known")
    lines = written.getvalue()
    assert "something known" in lines
    assert re.search(r"at \S+test_error_pages\.py:\d+ test_traceback", lines)
    assert "KeyError from ValueError" in lines
    assert not any(word in lines for word in PLANTED.split())


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
def test_worker_says_which_task_failed_and_no_more(tmp_path):
    output = tmp_path / "worker.log"
    command = [Path(sys.executable).parent / "celery", "-A", "config", "worker", "-P", "solo"]
    with output.open("wb") as log:
        worker = subprocess.Popen(
            [*command, "-Q", "default", "-n", "faulty@%h"],
            env=processes.environment(),
            stdout=log,
            stderr=log,
        )
    try:
        current_app.send_task("cases.tasks.send_password_reset", [PLANTED])
        assert processes.becomes(lambda: "raised unexpected" in output.read_text())
    finally:
        worker.terminate()
        worker.wait(processes.PATIENCE_SECONDS)
    said = output.read_text()
    assert "ValueError" in said and "send_password_reset" in said
    assert not any(word in said for word in PLANTED.split())

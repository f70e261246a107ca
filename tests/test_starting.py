"""What is asked of the servers where a process starts, and that an unsafe one does not start."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import redis
from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from cases import throttle, worlds
from config import connections, server_checks
from config.demo import PROCESSES
from tests import processes
from tests.citizens import send
from tests.test_deployment import OURS, ROOT, service

BIN = Path(sys.executable).parent
UNSAFE = {"DEBUG": "true", "SITE_URL": "https://mailbox.example", "TRUSTED_PROXIES": "1"}
CELERY = [BIN / "celery", "-A", "config"]
STARTS = {
    "web": [BIN / "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0"],
    "worker": [*CELERY, "worker", "-c", "1", "-n", "unsafe@%h"],
    "beat": [*CELERY, "beat"],
}


@pytest.fixture
def redis_that_drops(request):
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        client.config_set("maxmemory-policy", request.param)
        yield
        client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(
    ("redis_that_drops", "expected"),
    [("noeviction", []), ("allkeys-lru", ["config.W008"]), ("volatile-ttl", ["config.W008"])],
    indirect=["redis_that_drops"],
)
def test_redis_that_drops_messages_is_a_warning(redis_that_drops, expected):
    assert [message.id for message in server_checks.check_eviction(None)] == expected


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (3, 0), (8, 2), (-3600, 2)])
def test_clock_that_differs_from_the_servers_is_a_warning_for_each(monkeypatch, seconds, expected):
    now = worlds.now
    monkeypatch.setattr(worlds, "now", lambda: now() + timedelta(seconds=seconds))
    found = server_checks.check_clocks(None)
    assert [message.id for message in found] == ["config.W009"] * expected
    assert server_checks.are_clocks_right() == (not expected)


@pytest.mark.django_db
def test_health_page_is_503_while_clocks_differ(client, monkeypatch):
    monkeypatch.setattr(server_checks, "differences", lambda: {"Redis": -3600})
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["clocks"]) == (503, "failed")


@pytest.mark.django_db
def test_too_few_connections_are_an_error(monkeypatch):
    assert server_checks.check_connections(None) == []
    many = (connections.Kind("web", processes=50, each=4),)
    monkeypatch.setattr(server_checks.connections, "worst_case", lambda: worst_case_of(many))
    (found,) = server_checks.check_connections(None)
    assert found.id == "config.E010"
    assert "404" in found.msg  # 2 x 50 x 4, and four by hand


@pytest.mark.django_db
def test_postgresql_that_is_too_old_is_an_error(monkeypatch):
    assert server_checks.check_version(None) == []
    monkeypatch.setattr(server_checks, "OLDEST_POSTGRES", 99)
    (found,) = server_checks.check_version(None)
    assert (
        found.id == "config.E016" and "older than 99" in found.msg and "99 or newer" in found.hint
    )


def worst_case_of(kinds, worst_case=connections.worst_case):
    return worst_case(kinds)


def test_servers_that_do_not_answer_are_no_finding(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{processes.free_port()}/0"
    assert server_checks.check_eviction(None) == []


def held(command):
    """Return how many connections a command's processes may hold, by its own options."""
    words = [str(word) for word in command]

    def number(option):
        return int(words[words.index(option) + 1])

    if "--threads" in words:
        return number("--workers") * number("--threads")
    return number("-c") if "-c" in words else 1


def test_connections_are_those_of_the_processes_that_run():
    added = {kind.name: kind.connections for kind in connections.KINDS}
    assert added == {name: held(service["command"]) for name, service in OURS.items()}
    assert all(held(command) <= added[name] for name, command in PROCESSES.items())


def test_documents_tell_the_worst_case():
    text = (ROOT / "docs" / "deployment.md").read_text()
    assert f"at worst {connections.worst_case()} connections" in text


@pytest.mark.django_db(transaction=True)
def test_web_service_opens_no_more_connections_than_it_has_threads():
    port, others = processes.free_port(), opened()  # this process's own
    kind = next(kind for kind in connections.KINDS if kind.name == "web")

    def asked(_number):
        try:
            return urlopen(f"http://127.0.0.1:{port}/", timeout=60).status
        except HTTPError as error:
            return error.code

    with service("web", port) as is_well, ThreadPoolExecutor(40) as pool:
        assert processes.becomes(is_well)
        answers = pool.map(asked, range(200))
        most = max(opened() for _answer in answers)
        assert set(pool.map(asked, range(40))) == {200}
    assert 0 < most - others <= kind.connections


def opened():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def newer_tables(db):
    """What a later version of this program leaves behind that it was here."""
    recorder = MigrationRecorder(connection)
    recorder.record_applied("cases", "9999_later")
    yield
    recorder.record_unapplied("cases", "9999_later")


@pytest.mark.django_db
def test_tables_of_another_version_are_an_error_for_who_works_by_itself(newer_tables):
    (newer,) = server_checks.check_tables()
    assert newer.id == "config.E018" and "a newer version: cases.9999_later" in newer.msg
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("simulation", "0001_initial")
    (older,) = server_checks.check_tables()
    assert older.id == "config.E018" and "an older version: simulation.0001" in older.msg


@pytest.mark.django_db
def test_secret_key_that_made_no_query_code_is_an_error(client, settings):
    assert server_checks.check_query_codes(None) == []
    send(client)
    assert server_checks.check_query_codes(None) == []
    before, settings.SECRET_KEY = settings.SECRET_KEY, "of another site"
    (found,) = server_checks.check_query_codes(None)
    assert found.id == "config.E019" and before not in found.msg + found.hint
    settings.SECRET_KEY_FALLBACKS = ["lost for good"]
    assert [message.id for message in server_checks.check_query_codes(None)] == ["config.W019"]
    settings.SECRET_KEY_FALLBACKS = ["lost for good", before]
    assert server_checks.check_query_codes(None) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", STARTS)
def test_unsafe_process_does_not_start_and_says_why(name, newer_tables):
    environment = {**processes.environment(), **UNSAFE}
    done = subprocess.run(
        STARTS[name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=processes.PATIENCE_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert re.search(r"config\.E005.*HINT: Unset DEBUG", said, re.DOTALL), said
    assert os.environ["SECRET_KEY"] not in said
    assert ("config.E018" in said) == (name != "web")


@pytest.mark.django_db
def test_nothing_is_found_where_the_tests_run():
    assert run_checks(tags=["start"], databases=["default"]) == []


@pytest.mark.parametrize(
    ("proxies", "forwarded", "is_said"),
    [(0, None, False), (1, "203.0.113.9", False), (1, None, True), (2, "203.0.113.9", True)],
)
def test_request_that_passed_fewer_proxies_is_said_once(
    rf, settings, caplog, proxies, forwarded, is_said
):
    settings.TRUSTED_PROXIES = proxies
    throttle._say_that_proxies_are_fewer.cache_clear()
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    for _time in range(3):
        throttle.client_address(rf.get("/", headers=headers))
    assert caplog.text.count("cases.W011") == is_said
    assert "203.0.113.9" not in caplog.text

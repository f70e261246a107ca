"""The container files, read and tried: every command, variable and health check is real."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.utils.module_loading import import_string

from cases import heartbeats
from config.celery import app
from tests import processes

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
EXAMPLE = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
READ = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text())
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
ONCE = {"migrate"}  # it ends, so there is nothing to ask whether it is well

ours = pytest.mark.parametrize("name", OURS)
every = pytest.mark.parametrize("name", SERVICES)


def test_all_parts_are_there():
    assert set(SERVICES) == {
        "postgres", "redis", "migrate", "web", "proxy", "worker", "worker-simulation", "beat",
    }  # fmt: skip


@pytest.mark.django_db  # a web process asks the servers before it starts
@ours
def test_command_exists(name):
    program, *arguments = OURS[name]["command"]
    assert shutil.which(program, path=BIN)
    if program == "gunicorn":
        assert callable(import_string(f"{arguments[0]}.application"))
    elif program == "celery":
        assert import_string(f"{arguments[arguments.index('-A') + 1]}.celery_app") is app
        assert arguments[2] in ("worker", "beat")
    else:
        assert (ROOT / arguments[0]).exists()
        assert arguments[1] in get_commands()


@ours
def test_environment_is_what_the_settings_read(name):
    given = set(OURS[name]["environment"])
    assert given == set(READ)
    assert given == set(EXAMPLE) - COMPOSE_ONLY


@every
def test_variable_that_the_file_asks_for_is_explained(name):
    asked = re.findall(r"\$\{([A-Z_]+)", str(SERVICES[name]))
    assert set(asked) <= set(EXAMPLE)


@every
def test_secret_comes_from_the_environment_and_has_no_default(name):
    for variable, value in SERVICES[name].get("environment", {}).items():
        if re.search("SECRET|KEY|PASSWORD|AUTH|DATABASE_URL|REDIS_URL", variable):
            # There is one that may be empty: the secrets that SECRET_KEY followed.
            missing = "-" if variable == "SECRET_KEY_FALLBACKS" else r"\?"
            assert re.search(r"\$\{[A-Z_]+:" + missing + r"\}", value), variable


@every
def test_health_is_checked(name):
    check = SERVICES[name]["healthcheck"]
    assert check == {"disable": True} if name in ONCE else check["test"][0].startswith("CMD")


@every
def test_nothing_runs_as_root(name):
    if name in OURS:
        last_user = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.M)[-1]
        assert last_user not in ("root", "0")
    else:
        assert SERVICES[name]["user"] not in ("root", "0")


@every
def test_service_waits_for_services_that_exist(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        ends = how["condition"] == "service_completed_successfully"
        assert other in SERVICES
        assert ends == (other in ONCE)


def test_every_queue_has_a_worker_of_its_own():
    workers = [words["command"] for words in OURS.values() if "-Q" in words["command"]]
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    queues = [command[command.index("-Q") + 1] for command in workers]
    assert sorted(queues) == sorted({settings.CELERY_TASK_DEFAULT_QUEUE, *routed})


def test_redis_never_drops_a_message():
    assert "noeviction" in SERVICES["redis"]["command"]


def test_image_is_built_from_locked_packages():
    text = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.txt" in text
    assert "://" not in (ROOT / "requirements.txt").read_text()


def filled(text, values):
    """Return text with ${NAME:?} and ${NAME:-default} filled in as Compose does."""

    def fill(match):
        name, operator, default = match.groups()
        assert operator == ":-" or values.get(name), f"{name} is required"
        return values.get(name) or default

    return re.sub(r"\$\{([A-Z_]+)(:\?|:-)([^}]*)\}", fill, text).replace("$$", "$")


@contextmanager
def service(name, port=0):
    """Run a service's own command here, with its own environment, against the tests' servers.

    Yields a function that runs its own health check and tells whether it passed.
    """
    values = {name: os.environ.get(name, "") for name in ("SECRET_KEY", "IDENTITY_KEYS")}
    values |= dict.fromkeys(COMPOSE_ONLY, "x")
    environment = {k: filled(v, values) for k, v in OURS[name]["environment"].items()}
    here_given = processes.environment()
    environment |= {
        **{k: here_given[k] for k in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT")},
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOSTNAME": socket.gethostname(),
    }
    there, here = "0.0.0.0:8000", f"127.0.0.1:{port}"  # noqa: S104
    command = [str(word).replace(there, here) for word in OURS[name]["command"]]
    kind, *check = OURS[name]["healthcheck"]["test"]
    check = [filled(word, {}).replace("127.0.0.1:8000", here) for word in check]
    if kind == "CMD-SHELL":
        check = ["sh", "-c", *check]

    def is_well():
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.run(check, cwd=ROOT, env=environment, **quiet).returncode == 0

    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        yield is_well
    finally:
        process.terminate()
        assert process.wait(processes.PATIENCE_SECONDS) == 0, shlex.join(command)


@pytest.mark.django_db(transaction=True)
def test_web_service_answers_that_all_is_well():
    with service("web", processes.free_port()) as is_well:
        assert processes.becomes(is_well)


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["worker", "worker-simulation"])
def test_worker_service_answers(name):
    with service(name) as is_well:
        assert processes.becomes(is_well)


@pytest.mark.django_db
def test_health_page_names_the_parts_and_no_secret(client):
    heartbeats.beat("default")
    heartbeats.beat("simulation")
    answer = client.get("/health")
    parts = "database redis calendar clocks files migrations tasks simulation".split()
    assert (answer.status_code, answer.json()) == (200, dict.fromkeys(parts, "ok"))


@pytest.mark.django_db
def test_health_page_is_503_without_redis(client, settings, caplog):
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["redis"]) == (503, "failed")
    assert b"hunter2" not in answer.content
    assert "hunter2" not in caplog.text


@pytest.mark.django_db
def test_every_answer_carries_the_policy(client):
    for address in ("/health", "/admin/login/", "/nowhere"):
        policy = client.get(address)["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy

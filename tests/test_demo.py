"""`make demo`'s processes: all there, and none left when it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from config import demo, services
from tests import processes

ROOT = Path(__file__).resolve().parent.parent
DEMO = "import sys; from config import demo; sys.exit(demo.main(steps=()))"


def started(port):
    return subprocess.Popen(
        [sys.executable, "-c", DEMO],
        cwd=ROOT,
        env={**processes.environment(), "PORT": str(port), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_site_runs_until_it_is_stopped_and_nothing_is_left(number, status):
    port = processes.free_port()
    process = started(port)
    said = iter(process.stdout.readline, "")
    assert any("Ctrl-C" in line for line in said)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready") as answer:  # noqa: S310
        assert json.load(answer)["database"] == "ok"
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= len(demo.PROCESSES)
    process.send_signal(number)
    assert processes.becomes(lambda: not all(member.is_running() for member in family))
    process.send_signal(number)  # pressed twice, or passed on by make as well
    process.communicate()
    assert process.returncode == status
    assert [member for member in family if member.is_running()] == []


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_killed_demo_leaves_no_process():
    process = started(processes.free_port())
    assert any("Ctrl-C" in line for line in iter(process.stdout.readline, ""))
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert processes.becomes(lambda: not any(member.is_running() for member in family))


@pytest.mark.parametrize("text", ["80000", "eight", "-1"])
def test_port_that_is_none_gives_one_line(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(services.ServiceError, match="PORT: "):
        demo.main(steps=())


def test_port_that_is_taken_gives_one_line(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(services.ServiceError, match="cannot be used"):
            demo.main(steps=())


def test_process_that_ends_at_once_ends_the_rest():
    commands = {"web": ["false"], "other": ["sleep", "60"]}
    with (
        pytest.raises(services.ServiceError, match="did not start"),
        demo.processes(processes.free_port(), commands),
    ):
        pytest.fail("it was given out as started")
    assert not any("sleep" in child.name() for child in psutil.Process(os.getpid()).children())


def test_process_that_ends_later_is_named(capsys):
    port = processes.free_port()
    server = [sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
    with demo.processes(port, {"web": server, "other": ["sleep", "600"]}) as children:
        children["other"].kill()
        assert demo._watch(children) == 1
    assert "other ended with status -9" in capsys.readouterr().out


def test_simulation_stands_behind_those_who_wait_for_a_page():
    assert demo.PROCESSES["worker-simulation"][:3] == ["nice", "-n", demo.NICE]
    commands = {"patient": ["nice", "-n", demo.NICE, "sleep", "60"], "other": ["sleep", "60"]}
    with demo.processes(None, commands) as children:
        assert psutil.Process(children["other"].pid).nice() == psutil.Process().nice()
        patient = children["patient"].pid
        # The command has become that of `nice`, and then what it was told to run.
        assert processes.becomes(lambda: psutil.Process(patient).nice() == int(demo.NICE))
        rank = Path(f"/proc/{patient}/autogroup")  # of its session; not every kernel has it
        assert not rank.exists() or rank.read_text().split()[-1] == demo.NICE

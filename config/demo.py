"""`make demo`: everything set up, a year simulated, and the site left running until Ctrl-C.

Steps and processes are data below. Each process writes to var/log/. One that ends
is not restarted: it is named, and the demo ends with it.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import django
from django.core.management import CommandError, call_command
from django.db import connections

from config import services

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
DATA = ROOT / "cases" / "data"
BIN = Path(sys.executable).parent
# Run as root, Celery warns about it at length.
CELERY = [sys.executable, "-W", "ignore:::celery.platforms", "-m", "celery", "-A", "config"]
WORKER = [*CELERY, "worker", "--without-mingle"]

# What is said, then the management command and its arguments; each may be run again and again.
STEPS = (
    ("Tables", ("migrate", "--verbosity", "0")),
    ("Units, roles and demo officers", ("seed", "--demo")),
    ("Letters in every state", ("demo_letters",)),
    ("A year of letters", ("simulate", "guangdong-2021", "--workers", "2", "--once")),
)
NICE = "5"
PROCESSES = {
    "web": [BIN / "gunicorn", "config.wsgi", "--workers", "2", "--worker-class", "gthread"]
    + ["--threads", "4", "--bind", f"{HOST}:{{port}}", "--log-level", "warning"],
    "worker": [*WORKER, "-Q", "default", "-n", "default@%h", "-c", "1"],
    # Whoever waits for a page goes before a year that takes all there is.
    "worker-simulation": ["nice", "-n", NICE, *WORKER]
    + ["-Q", "simulation", "-n", "simulation@%h", "-c", "2"],
    "beat": [*CELERY, "beat"],
}
PAGES = (
    ("Citizens write here", "/"),
    ("and follow a letter", "/follow/"),
    ("Officers work here", "/desk/"),
    ("Planners simulate here", "/simulation/"),
    ("Administration", "/admin/"),
)
# Looked up here: nothing may be loaded between fork and exec.
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None)
PATIENCE_SECONDS = 60  # for a process to start or to end, on a busy machine


def main(steps=STEPS):
    """Set up, serve until Ctrl-C or SIGTERM, stop all; return the exit status."""
    port = _wanted_port()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have it ignored
    try:
        with services.running():
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
            os.environ.setdefault("LOG_LEVEL", "WARNING")
            os.environ.setdefault("SITE_URL", f"http://{HOST}:{port}")
            django.setup()
            for title, command in steps:
                _take(title, command)
            connections.close_all()
            with processes(port) as children:
                _greet(port)
                return _watch(children)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0


def _take(title, command):
    print(f"— {title}")
    try:
        call_command(*command)
    except CommandError as error:
        raise services.ServiceError(f"{title}: {error}") from None


@contextmanager
def processes(port, commands=None):
    """Run the site's processes beside the block, yielding {name: Popen}; stop them after it.

    port: where one of them will answer, which is waited for; None if none does.
    Each leads a process group of its own, so that Ctrl-C reaches only this process, which
    ends them in turn, and nothing that they started is left. Where this process is killed, the
    kernel ends them.
    """
    children = {}
    try:
        for name, command in (commands or PROCESSES).items():
            words = [str(word).format(port=port) for word in command]
            with open(_log(name), "ab") as log:
                children[name] = subprocess.Popen(
                    words,
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=end_with_parent,
                )
            if words[0] == "nice":
                _put_behind(children[name].pid)
        if port:
            _wait_for(port, children)
        yield children
    finally:
        _stop(children)


def end_with_parent():
    """Ask the kernel for SIGTERM once the process that started us is gone, however it ended."""
    if _PRCTL:
        _PRCTL(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _put_behind(pid):
    """Put the session of a nice process behind others: Linux shares its cores among sessions first."""
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(NICE)


def _log(name):
    folder = services.VAR / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _stop(children):
    with services.undisturbed():
        for child in children.values():
            _signal(child, signal.SIGTERM)
        end = time.monotonic() + PATIENCE_SECONDS
        for child in children.values():
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL, group=True)
                child.wait()


def _signal(child, number, group=False):
    """Signal a child, or with it all that it started (a worker ends its own pool in order)."""
    try:
        if group:
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
    except ProcessLookupError:
        pass


def _watch(children):
    """Wait until a process ends, which none should, and return the exit status."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                print(f"{name} ended with status {child.returncode}; see {_log(name)}")
                return 1
        time.sleep(0.5)


def _wait_for(port, children):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and all(child.poll() is None for child in children.values()):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise services.ServiceError(f"The site did not start; see {_log('web').parent}")


def _wanted_port():
    """Return the port to serve at.

    Raises: ServiceError if PORT is no port, or is taken.
    """
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise services.ServiceError(f"PORT: {text} is not a port number")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            raise services.ServiceError(
                f"PORT: {HOST}:{text} cannot be used ({error.strerror}); try PORT=8001 make demo"
            ) from None
    return int(text)


def _greet(port):
    print()
    for title, path in PAGES:
        print(f"  {title:<22} http://{HOST}:{port}{path}")
    logins = json.loads((DATA / "demo_officers.json").read_text(encoding="utf-8"))
    roles = json.loads((DATA / "roles.json").read_text(encoding="utf-8"))["roles"]
    names = {role["code"]: role["name_en"] for role in roles}
    password = logins["password"]
    print(f"\n  {'login':<17} {'password':<13} who")
    for officer in logins["officers"]:
        who = f"{names[officer['role']]:<17} {officer['name']}"
        print(f"  {officer['username']:<17} {password:<13} {who}")
    print("\nStart with gd-planner at /simulation/ and sz-desk at /desk/.")
    print("\nCtrl-C stops everything.", flush=True)


if __name__ == "__main__":
    sys.exit(main())

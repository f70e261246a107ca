"""The database and the broker that a command needs, started here when none is configured.

`with running():` gives the block a PostgreSQL and a Redis-protocol server. Where
DATABASE_URL or REDIS_URL is unset, the embedded one is started with its data
under var/, or joined if it runs already, and its address is exported so that
child processes inherit it. The last one out turns off the light: every user
holds var/services.lock shared, and whoever leaves and can have it exclusively
stops the servers. Locks of a killed process are released by the kernel.
"""

import base64
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from config.servers import Postgres, ServiceError, Valkey, masked

VAR = Path(__file__).resolve().parent.parent / "var"
SERVERS = (Postgres, Valkey)
EXPORTED = ("SECRET_KEY", "IDENTITY_KEYS", "SECOND_FACTOR")  # beside the addresses


@contextmanager
def running(var=VAR):
    """Run the block with DATABASE_URL, REDIS_URL, SECRET_KEY and IDENTITY_KEYS set and working.

    Raises: ServiceError (one line, exit status 1) naming the variable or server at fault.
    """
    before = dict(os.environ)
    embedded = _embedded(var)
    try:
        with _ended_by_signals():
            if not embedded:
                _require_secrets()
                check_reachable()
                yield
                return
            with _serving(var, embedded):
                yield
    finally:
        for name in (*(server.variable for server in SERVERS), *EXPORTED):
            os.environ.pop(name, None)
            if name in before:
                os.environ[name] = before[name]


@contextmanager
def _serving(var, embedded):
    _make_var(var)
    with open(var / "services.lock", "a") as users:
        with _turn(var):
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with _turn(var):
                _start(var, embedded)
            check_reachable()
            yield
        finally:
            with undisturbed(), _turn(var):
                _stop_if_last(var, users)


def check_reachable():
    """Raise ServiceError, naming the variable, unless the database and the broker answer."""
    url = os.environ["DATABASE_URL"]
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        _refuse("DATABASE_URL", url, error)
    url = os.environ["REDIS_URL"]
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        _refuse("REDIS_URL", url, error)


def _refuse(variable, url, error):
    reason = " ".join(str(error).split()).replace(url, masked(url))
    raise ServiceError(f"{variable}: nothing usable at {masked(url)} ({reason})") from None


def _embedded(var):
    """Return the servers to be ours: unset ones, and ours whose address we have inherited."""
    known = _read(var / "services.json")
    return [
        server
        for server in SERVERS
        if os.environ.get(server.variable, "") in ("", known.get(server.variable))
    ]


def _make_var(var):
    var.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        var.chmod(0o755)  # PostgreSQL runs under another account then, and must pass through


def _start(var, embedded):
    addresses = _read(var / "services.json")
    for kind in embedded:
        server, url = kind(var), addresses.get(kind.variable)
        if not url or not server.is_running(url):
            addresses[kind.variable] = server.start()
            _write(var / "services.json", addresses)
        os.environ[kind.variable] = addresses[kind.variable]
    if Postgres in embedded:
        _export_secrets(var)
        # A site of one's own to try: its officers have the password that stands in the README.
        os.environ["SECOND_FACTOR"] = os.environ.get("SECOND_FACTOR") or "false"
    else:
        _require_secrets()


def _stop_if_last(var, users):
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    addresses = _read(var / "services.json")
    for kind in SERVERS:
        url, server = addresses.get(kind.variable), kind(var)
        if url and server.is_running(url):
            server.stop(url)
    (var / "services.json").unlink(missing_ok=True)


def _export_secrets(var):
    """Export the keys of this folder's own database, made once; those already set win."""
    path = var / "secrets.json"
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        _write(path, {"SECRET_KEY": secrets.token_urlsafe(50), "IDENTITY_KEYS": f"k1:{key}"})
    for name, value in _read(path).items():
        os.environ[name] = os.environ.get(name) or value


def _require_secrets():
    for name in ("SECRET_KEY", "IDENTITY_KEYS"):
        if not os.environ.get(name):
            raise ServiceError(f"{name}: must be set when DATABASE_URL is; see .env.example")


def _read(path):
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {}


def _write(path, content):
    """Replace a private JSON file at once, so that a killed writer leaves the old one whole."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content))
    fresh.replace(path)


@contextmanager
def _turn(var):
    """Let one process at a time start or stop servers."""
    with open(var / "services.turn", "a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextmanager
def _ended_by_signals():
    """Make SIGTERM and a closed terminal unwind the block, as Ctrl-C does, if nobody minds them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in numbers:
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def undisturbed():
    """Let the block, which stops what was started, end whatever signal asks again to stop.

    One Ctrl-C pressed twice, or one SIGTERM to make and to us (make passes its own on), would
    else break off the stopping and leave processes behind.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heard = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)


def clean(var=VAR):
    """Delete the embedded servers' data; refuses while anyone uses them."""
    if not var.exists():
        return
    with open(var / "services.lock", "a") as users, _turn(var):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError("The embedded servers are in use: stop that first.") from None
        _stop_if_last(var, users)
        for kind in SERVERS:
            kind(var).remove()


def main(command):
    """Run one command with the services, or `clean`; return its exit status."""
    if command == ["clean"]:
        clean()
        return 0
    with running():
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

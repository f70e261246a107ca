"""The embedded servers: started, shared, left and stopped by real processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from config import services

ROOT = Path(__file__).resolve().parent.parent
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "IDENTITY_KEYS")
USER = """
import json, os, sys
from pathlib import Path
from config import services
with services.running(Path(sys.argv[1])):
    print(json.dumps({name: os.environ[name] for name in sys.argv[2:]}), flush=True)
    sys.stdin.read()
"""


class User:
    """A process that uses the services until its standard input ends."""

    def __init__(self, var, inherited=None):
        environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(var), *OURS],
            cwd=ROOT,
            env=environment | (inherited or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def address(self):
        """Wait for the services and return what they exported."""
        self.exported = json.loads(self.process.stdout.readline())
        return self.exported

    def leave(self):
        """End the block, wait, and return the exit status."""
        self.process.communicate()
        return self.process.returncode

    def end(self, number):
        """Send a signal and wait for the end."""
        self.process.send_signal(number)
        return self.leave()


@pytest.fixture
def var():
    """A var/ of its own, in a folder that any account may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder / "var"
    services.clean(folder / "var")
    shutil.rmtree(folder)


def answers(exported):
    """Tell for the database and the broker whether each answers."""
    try:
        psycopg.connect(exported["DATABASE_URL"]).close()
        database = True
    except psycopg.OperationalError:
        database = False
    try:
        with redis.Redis.from_url(exported["REDIS_URL"]) as client:
            broker = client.ping()
    except redis.RedisError:
        broker = False
    return database, broker


BOTH, NONE = (True, True), (False, False)


def test_services_run_while_used_and_stop_after(var):
    user = User(var)
    exported = user.address()
    assert answers(exported) == BOTH
    assert user.leave() == 0
    assert answers(exported) == NONE


def test_second_user_joins_and_the_last_one_out_stops_them(var):
    first, second = User(var), None
    exported = first.address()
    second = User(var)
    assert second.address() == exported
    assert first.leave() == 0
    assert answers(exported) == BOTH
    assert second.leave() == 0
    assert answers(exported) == NONE


def test_users_who_come_at_once_share_one_pair(var):
    users = [User(var) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        addresses = list(pool.map(User.address, users))
        assert all(address == addresses[0] for address in addresses)
        assert list(pool.map(User.leave, users)) == [0] * 4
    assert answers(addresses[0]) == NONE


def test_killed_user_leaves_nothing_locked(var):
    killed = User(var)
    exported = killed.address()
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    next_user = User(var)
    assert next_user.address() == exported
    assert next_user.leave() == 0
    assert answers(exported) == NONE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signalled_user_stops_them(var, number):
    user = User(var)
    exported = user.address()
    assert user.end(number) != 0
    assert answers(exported) == NONE


def test_child_that_inherits_the_addresses_is_a_user_too(var):
    parent = User(var)
    exported = parent.address()
    child = User(var, inherited=exported)
    assert child.address() == exported
    parent.end(signal.SIGKILL)
    passer_by = User(var)
    passer_by.address()
    passer_by.leave()
    assert answers(exported) == BOTH
    child.leave()
    assert answers(exported) == NONE


def test_data_and_keys_outlive_the_servers(var):
    first = User(var)
    before = first.address()
    with psycopg.connect(before["DATABASE_URL"]) as connection:
        connection.execute("create table kept as select 42 as answer")
    first.leave()
    second = User(var)
    after = second.address()
    with psycopg.connect(after["DATABASE_URL"]) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)
    assert [after[name] for name in OURS[2:]] == [before[name] for name in OURS[2:]]
    second.leave()


def test_servers_killed_under_a_dead_user_are_started_again(var):
    user = User(var)
    first = user.address()
    user.end(signal.SIGKILL)
    postmaster = int((services.Postgres(var).data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    with redis.Redis.from_url(first["REDIS_URL"]) as client:
        client.shutdown(nosave=True)
    user = User(var)
    assert answers(user.address()) == BOTH
    user.leave()


def test_what_is_private_is_readable_by_the_owner_alone(var):
    user = User(var)
    user.address()
    private = ["secrets.json", "services.json", "valkey/valkey.conf"]
    modes = [(var / name).stat().st_mode & 0o077 for name in private]
    modes.append(services.Postgres(var).password_file.stat().st_mode & 0o077)
    user.leave()
    assert modes == [0, 0, 0, 0]


def test_servers_are_set_for_data_that_must_not_be_lost(var):
    user = User(var)
    exported = user.address()
    with psycopg.connect(exported["DATABASE_URL"]) as connection:
        assert connection.execute("show fsync").fetchone() == ("on",)
    with redis.Redis.from_url(exported["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    user.leave()


def test_path_longer_than_a_socket_address_is_no_obstacle(var):
    deep = var.parent / ("long" * 25) / ("long" * 25) / "with a space" / "var"
    user = User(deep)
    try:
        assert answers(user.address()) == BOTH
    finally:
        user.leave()
        services.clean(deep)


def test_folders_side_by_side_have_servers_of_their_own(var):
    other = var.parent / "other"
    here, there = User(var), User(other)
    first, second = here.address(), there.address()
    assert first["DATABASE_URL"] != second["DATABASE_URL"]
    here.leave()
    assert answers(second) == BOTH
    there.leave()


def test_copied_folder_does_not_join_the_original(var):
    original = User(var)
    exported = original.address()
    copy = var.parent / "copy"
    copy.mkdir()
    shutil.copy(var / "services.json", copy)
    user = User(copy)
    assert user.address()["DATABASE_URL"] != exported["DATABASE_URL"]
    user.leave()
    assert answers(exported) == BOTH
    original.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for PostgreSQL")
def test_root_in_a_closed_folder_gets_them_and_no_right_is_changed(var):
    var.parent.chmod(0o700)
    user = User(var)
    assert answers(user.address()) == BOTH
    user.leave()
    assert var.parent.stat().st_mode & 0o777 == 0o700
    home = services.Postgres(var).home
    assert home.exists()
    services.clean(var)
    assert not home.exists()


def test_clean_is_refused_while_they_are_used(var):
    user = User(var)
    exported = user.address()
    with pytest.raises(services.ServiceError, match="in use"):
        services.clean(var)
    assert answers(exported) == BOTH
    user.leave()


REFUSALS = [
    ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, "DATABASE_URL"),
    ({"DATABASE_URL": "sqlite:///hunter2"}, "DATABASE_URL"),
    ({"REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}, "REDIS_URL"),
    ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
    ({"SECRET_KEY": ""}, "SECRET_KEY"),
    ({"IDENTITY_KEYS": ""}, "IDENTITY_KEYS"),
]


@pytest.mark.parametrize(("wrong", "named"), REFUSALS)
def test_unusable_setting_gives_one_line_that_names_it(wrong, named):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": foreign(os.environ["DATABASE_URL"]), **wrong},
        capture_output=True,
        text=True,
    )
    lines = result.stderr.strip().splitlines()
    assert (result.returncode, len(lines)) == (1, 1)
    assert lines[0].startswith(f"{named}: ")
    assert "hunter2@" not in lines[0]


def foreign(url):
    """Return another spelling of a URL, which is then no longer known as our own server's."""
    return url + "?application_name=elsewhere"

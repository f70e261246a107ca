"""The faults, a row each: what an operator would call it, what is done, and how long it lasts."""

import errno
import os
import signal
import time
from dataclasses import dataclass

import psycopg

from tests.chaos import clock


class Skipped(Exception):
    """This machine cannot have this fault; the words say why."""


@dataclass(frozen=True)
class Fault:
    """name: for the command line. said: for the table. do(house) returns when the fault is over."""

    name: str
    said: str
    do: callable
    short: bool = False  # also in the short form that `make test` runs


def _kill_child(process):
    def do(house):
        os.kill(house.children(process)[0], signal.SIGKILL)

    return do


def _kill_children(process, seconds, pause=1.5):
    """Kill each child that the process forks, again and again: so that some die between two doings."""

    def do(house):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for pid in house.children(process):
                os.kill(pid, signal.SIGKILL)
            time.sleep(pause)

    return do


def _kill(process):
    return lambda house: house.kill(process)


def _stop_postgres(house):
    house.postgres.stop(house.postgres_url, "immediate")


def _kill_backend(house):
    """Kill one server process; PostgreSQL then restarts by itself, all its connections gone."""
    with _admin(house) as connection:
        pid = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() LIMIT 1"
        ).fetchone()[0]
    os.kill(pid, signal.SIGKILL)


def _cut_database(house):
    with _admin(house) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _admin(house):
    return psycopg.connect(house.postgres_url, autocommit=True)


def _kill_redis(house):
    with house.redis() as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)


def _without_redis(seconds):
    def do(house):
        house.held.add("Redis")
        _kill_redis(house)
        time.sleep(seconds)
        house.held.discard("Redis")

    return do


def _empty_redis(house):
    with house.redis() as client:
        client.flushall()


def _cut_redis(house):
    with house.redis() as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


def _hang_redis(seconds):
    """Let Redis take connections and say nothing."""

    def do(house):
        with house.redis() as client:
            pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)

    return do


def _read_only(seconds):
    """Let the database take nothing new, as a standby does after a fail-over."""

    def do(house):
        for setting, lasts in (("on", seconds), ("off", 0)):
            with _admin(house) as connection:
                connection.execute("SET default_transaction_read_only = off")
                name = "ALTER DATABASE mailbox SET default_transaction_read_only"
                connection.execute(f"{name} = {setting}")
            _cut_database(house)
            time.sleep(lasts)

    return do


def _without_beat(seconds):
    def do(house):
        house.held.add("beat")
        house.kill("beat")
        time.sleep(seconds)
        house.held.discard("beat")

    return do


def _full_disk(seconds):
    def do(house):
        if not os.path.ismount(house.folder / "files"):
            raise Skipped("only root can mount a small disk for the attachments")
        ballast = house.folder / "files" / "ballast"
        try:
            _fill(ballast)
            time.sleep(seconds)
        finally:
            ballast.unlink(missing_ok=True)

    return do


def _fill(path):
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def _two_beats(seconds):
    def do(house):
        second = house.second("beat", "--schedule", str(house.folder / "second-beat"))
        try:
            time.sleep(seconds)
        finally:
            second.terminate()
            second.wait()

    return do


def _step_clock(forth, seconds):
    """Step the site's clock forth and, some seconds later, back."""

    def do(house):
        if not (house.folder / "clock").exists():
            raise Skipped(clock.MISSING)
        clock.set_to(house.folder, forth)
        time.sleep(seconds)
        clock.set_to(house.folder, 0)

    return do


FAULTS = (
    Fault("child", "kill -9 a child of the worker", _kill_child("worker"), short=True),
    Fault(
        "sim-child", "kill -9 a child of the simulation worker", _kill_child("worker-simulation")
    ),
    Fault("children", "kill -9 the worker's children for 20 s", _kill_children("worker", 20)),
    Fault("worker", "kill -9 the worker", _kill("worker")),
    Fault("sim-worker", "kill -9 the simulation worker", _kill("worker-simulation")),
    Fault("beat", "kill -9 beat", _kill("beat")),
    Fault("beat-away", "beat away for 60 s", _without_beat(60)),
    Fault("web-child", "kill -9 a web process", _kill_child("web"), short=True),
    Fault("web", "kill -9 the web server's master", _kill("web")),
    Fault("postgres", "PostgreSQL: immediate stop", _stop_postgres, short=True),
    Fault("backend", "PostgreSQL: kill -9 one server process", _kill_backend),
    Fault("cut-database", "PostgreSQL: all connections cut", _cut_database, short=True),
    Fault("read-only", "PostgreSQL: takes nothing new for 15 s", _read_only(15)),
    Fault("redis", "Redis: kill -9", _kill_redis, short=True),
    Fault("redis-empty", "Redis: FLUSHALL", _empty_redis),
    Fault("cut-redis", "Redis: all connections cut", _cut_redis),
    Fault("redis-away", "Redis away for 60 s", _without_redis(60)),
    Fault("redis-hangs", "Redis hangs for 20 s", _hang_redis(20)),
    Fault("disk", "no room for attachments for 15 s", _full_disk(15)),
    Fault("beats", "two beats at once for 30 s", _two_beats(30)),
    Fault("clock", "clock an hour ahead for 20 s, then back", _step_clock(3600, 20)),
)

"""A stage for what is measured: a database of its own, processes' settings, years being simulated."""

import io
import os
import tempfile
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.core.management import call_command
from django.db import connection

from config import demo
from config.servers import ServiceError

SCENARIO = "guangdong-2021"
REDIS_NUMBER = 11  # of Redis's numbered databases: workers of others must not take our tasks


@contextmanager
def own_database():
    """Run the block with DATABASE_URL and REDIS_URL naming databases that no one else uses.

    Raises: ServiceError where another measures already.
    """
    url = urlsplit(os.environ["DATABASE_URL"])
    own = url._replace(path=f"{url.path}_bench")
    before = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    drop = f'DROP DATABASE IF EXISTS "{own.path[1:]}"'
    with psycopg.connect(url.geturl(), autocommit=True) as server:
        try:
            server.execute(drop)  # what a killed one left
        except psycopg.errors.ObjectInUse:
            raise ServiceError(f"{own.path[1:]} is in use: something is measured already") from None
        server.execute(f'CREATE DATABASE "{own.path[1:]}"')
        os.environ["DATABASE_URL"] = own.geturl()
        redis = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{REDIS_NUMBER}")
        os.environ["REDIS_URL"] = redis.geturl()
        try:
            yield
        finally:
            os.environ.update(before)
            server.execute(f"{drop} WITH (FORCE)")


@contextmanager
def environment(**own):
    """Run the block with these settings, files in a folder of its own, and mail sent nowhere."""
    own |= {"EMAIL_URL": "dummymail://", "SECOND_FACTOR": "false", "LOG_LEVEL": "ERROR"}
    own["DJANGO_SETTINGS_MODULE"] = "config.settings"
    before = {name: os.environ.get(name) for name in (*own, "MEDIA_ROOT")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(own, MEDIA_ROOT=folder)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def furnish(*seed):
    """Make the tables, the units and the roles; seed: more arguments of that command."""
    call_command("migrate", verbosity=0)
    call_command("seed", *seed, stdout=io.StringIO())


@contextmanager
def years():
    """Simulate year after year beside the block, by the demo's own worker; gives a list of them."""
    stop, played = threading.Event(), []

    def play():
        from simulation import runs, watching
        from simulation.models import Run

        def leave_when_asked():
            if stop.is_set():
                raise KeyboardInterrupt  # cancels the run at hand

        try:
            while not stop.is_set():
                run = runs.create(SCENARIO, seed=len(played) + 1, name="bench")
                runs.start(run)
                run = watching.watch(run, out=io.StringIO(), each_look=leave_when_asked)
                played.append(run.status == Run.DONE)
        except KeyboardInterrupt:
            pass
        finally:
            connection.close()

    name = "bench-simulation"
    thread = threading.Thread(target=play)
    with demo.processes(None, {name: demo.PROCESSES["worker-simulation"]}) as children:
        thread.start()
        try:
            while thread.is_alive() and not played:  # the first one loads the code
                if children[name].poll() is not None:
                    raise ServiceError(f"the simulation worker has ended: see var/log/{name}.log")
                stop.wait(0.1)
            played.clear()
            yield played
        finally:
            stop.set()
            thread.join()

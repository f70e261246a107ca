"""What every test stands on: real services, and (below) the people and letters of the tests."""

import atexit
import contextlib
import functools
import gc
import os
import signal
import sys
import tempfile
import threading
import time
from urllib.parse import urlsplit

import django

from config import services

# A shell's background job ignores Ctrl-C, one under nohup a closed terminal; and so would all
# that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Most of what a request makes is gone after it: looking at all that is left after every 700
# objects took a tenth of the tests' time.
gc.set_threshold(50_000, 20, 20)

# Before Django reads its settings. Tests use a database of their own (test_…, made by
# pytest-django), one of the last of Redis's numbered databases, and a folder for files of their
# own, each process that runs tests beside others: what `make demo` holds is never touched.
_session = contextlib.ExitStack()
atexit.register(_session.close)
_session.enter_context(services.running())
_place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_redis = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{15 - _place}")
os.environ["REDIS_URL"] = _redis.geturl()
os.environ["MEDIA_ROOT"] = _session.enter_context(tempfile.TemporaryDirectory())
os.environ["SECOND_FACTOR"] = "false"  # but where a test is about it
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import OperationalError, connection, transaction  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from django.utils import translation  # noqa: E402
from xdist.scheduler import LoadFileScheduling  # noqa: E402

from cases import in_force, log, worlds  # noqa: E402
from simulation import bulk  # noqa: E402
from tests import brokers, page_table, people, versions  # noqa: E402
from tests import browser as real_browser  # noqa: E402
from tests.citizens import Sent  # noqa: E402
from tests.scenes import Scene  # noqa: E402

# Read any earlier, they would name what another process uses.
assert os.environ["REDIS_URL"] == settings.REDIS_URL
# Slow on purpose, the real ones take most of the time of making a cast.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LONG = {"test_every_page", "test_planted", "test_chaos", "test_theory", "test_theory_networks"}

LAST_SECONDS = 20  # for which the last request of a browser is waited for


def pytest_xdist_auto_num_workers(config):
    """The whole suite is run by three processes; a few files by one, which is started sooner.

    Of two cores a third is idle with two: tests wait for workers and browsers, which wait for others.
    """
    whole = config.args == config.getini("testpaths")
    return min(3, 1 + (os.cpu_count() or 1)) if whole else 0


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Hide the settings from the processes this one starts: they read them once they have their own place."""
    if config.getoption("numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_collection_finish():
    """A collection of garbage need not walk what was imported: it is there for good."""
    gc.collect()
    gc.freeze()


class Scheduling(LoadFileScheduling):
    """A file's tests go to one process, and those of files that start workers all to the same."""

    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return "workers" if _starts_workers(self.config.rootpath / file) else file


@functools.cache
def _starts_workers(path):
    return "mark.workers" in path.read_text(encoding="utf-8")


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Files that start workers come first: theirs is the longest way, and the other's is cut up.

    Long ones are next, or one process would have nothing to do while the other ends the last.
    """
    for item in items:
        if item.get_closest_marker("workers"):
            item.fixturenames.insert(0, "left_by_workers")
    yield
    items.sort(key=lambda item: (not _starts_workers(item.path), item.path.stem not in LONG))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Units and roles are there from the start, for every test, and stay."""
    with django_db_blocker.unblock():
        _wait_for_no_disk()
        people.build_units()
        people.build_groups()
        in_force.EVERY_SECONDS = float("inf")  # no query but where a test asks for it
        in_force.policy()


def _wait_for_no_disk():
    """Let no commit wait for the disk, here or in what the tests start: nobody pulls their plug."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    connection.close()  # the next one has it


def _empty(self=None):
    """Empty every table but units and groups, after a test that committed.

    Django's flush would ask the event log to be truncated, which the log refuses, and truncating
    takes thirty times as long where there are few rows. The last request of a browser that has
    just been closed may still be answered: it is waited for, or is in the way, and finds itself
    without a database at its own end.
    """
    until = time.monotonic() + LAST_SECONDS
    while any(map(_answers, threading.enumerate())) and time.monotonic() < until:
        time.sleep(0.01)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%'")
        for (schema,) in cursor.fetchall():
            cursor.execute(f"DROP SCHEMA {schema} CASCADE")
        for _time in range(3):
            with contextlib.suppress(OperationalError):  # deadlocked with that request
                _delete_all(cursor)
                break
        else:
            _delete_all(cursor)
    in_force.forget()
    in_force.policy()


def _answers(thread):
    """Say whether a thread of the live server answers somebody: it may also wait for what a browser asks next."""
    frame = sys._current_frames().get(thread.ident)
    if "process_request_thread" not in thread.name or frame is None:
        return False
    return (frame.f_code.co_name, frame.f_back.f_code.co_name) != ("readinto", "handle_one_request")


def _delete_all(cursor):
    names = _tables_to_empty()
    with transaction.atomic():
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))


@functools.cache
def _tables_to_empty():
    """Return the names of the tables that tests fill, and of all that refer to one of them."""
    common = [
        "cases_anchor",
        "cases_duty",
        "cases_heartbeat",
        "cases_trouble",
        "cases_dutywarning",
        "cases_officer",
        "cases_policyversion",
        "cases_recomputation",
        "cases_replytemplate",
        "cases_savedview",
        "cases_world",
        "cases_lookupattempt",
        "cases_presence",
        "mailbox_phonecheck",
        "mailbox_unsent",
        "cases_rolegrant",
        "simulation_run",
        "simulation_practice",
        "django_session",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE filled AS (
                SELECT unnest(%s::regclass[])::oid AS oid
                UNION
                SELECT conrelid FROM pg_constraint JOIN filled ON confrelid = filled.oid
            ) SELECT oid::regclass::text FROM filled ORDER BY oid
            """,
            [[*(f"{worlds.LIVE_SCHEMA}.{name}" for name in worlds.domain_tables()), *common]],
        )
        return [name for (name,) in cursor]


TransactionTestCase._fixture_teardown = _empty


@pytest.fixture(autouse=True)
def language():
    """Each test begins in the project's language, whatever page the one before it asked for."""
    translation.deactivate()


@pytest.fixture(scope="session")
def compiled_code():
    """What is compiled is there: on a fresh machine all workers would else compile it at once."""
    bulk.warm_up()


@pytest.fixture
def left_by_workers(compiled_code):
    """Take away what killed workers had in hand: it comes back into the queue of a later test."""
    yield
    brokers.empty_broker()


@pytest.fixture
def cast(db):
    """Two officers with every right in Shenzhen, and make_case(state)."""
    return people.Cast()


@pytest.fixture
def make_case(cast):
    """make_case(state=…): a case in that state, made through the workflow."""
    return cast.make_case


@pytest.fixture
def letter(client, cast):
    """A letter sent through the form and opened; walk(state) takes it on."""
    return Sent(client, cast)


@pytest.fixture
def scene(cast):
    """scene(state, **letter): a case with the steps of a table; more than one in a test if needed."""
    return lambda state, **letter: Scene(cast, state, **letter)


@pytest.fixture
def put_version(db):
    """put_version(moment, **{"city.default.reply": "10d"}): other rules from then on, for this test."""
    before = in_force._kept
    yield versions.put
    in_force._kept = before


@pytest.fixture
def make_officer(db):
    """make_officer("triage_case", …, unit="440300"): an officer with just these permissions."""
    return people.build_officer


@pytest.fixture
def whole_log(put_version):
    """After the test, the log is whole and replay gives every case's state."""
    yield
    assert list(log.check()) == []


@pytest.fixture(scope="session")
def browser():
    """A real Chromium; see tests/browser.py for what happens without one."""
    with real_browser.launched() as browser:
        yield browser
        connection.close()  # that of the browser's loop, which nobody finds once the loop is gone


def pytest_terminal_summary(terminalreporter):
    """Tell what was measured of the citizens' pages; say it loudly when browser tests were skipped."""
    for place, line in enumerate(page_table.told(terminalreporter.stats)):
        if not place:
            terminalreporter.write_sep("=", "citizens' pages")
        terminalreporter.write_line(line)
    skipped = terminalreporter.stats.get("skipped", [])
    if any(real_browser.MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", real_browser.MISSING, red=True, bold=True)


@pytest.fixture
def planner(client, make_officer):
    """A browser in which a planner has signed in."""
    client.force_login(make_officer("run_simulation"))
    return client


@pytest.fixture
def desk(client, cast):
    """A client whose officer has every right in Shenzhen."""
    client.officer = cast.writer
    client.force_login(cast.writer)
    return client

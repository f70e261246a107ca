"""`simulate`: exit statuses, one clear line for what is wrong, and the report as JSON."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases import policy
from cases.models import World
from simulation import local_workers, runs, sources
from simulation.local_workers import LocalWorkers
from simulation.management.commands import simulate
from simulation.models import Run
from tests import processes
from tests.reports import no_tasks_left, small_run, tasks_waiting  # noqa: F401
from tests.run_worlds import schemas

pytestmark = pytest.mark.usefixtures("no_tasks_left")

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sources.DATA / "guangdong-2021.toml"
KEYS = (
    "scenario", "seed", "letters", "workers", "wall_seconds", "letters_per_second", "counts",
    "balanced", "checks", "digest",
)  # fmt: skip
CHECK_KEYS = {"measure", "as_of", "published", "simulated", "low", "high", "role", "ok"}


def process(*arguments):
    """Run the command as its users do; return status, output and errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", "simulate", *map(str, arguments)],
        cwd=ROOT,
        env=processes.environment(),
        capture_output=True,
        text=True,
        timeout=processes.PATIENCE_SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


def refused(*arguments, **options):
    """Return (exit status, message) of a call that must fail, and see that it wrote nothing."""
    with pytest.raises(CommandError) as refusal:
        call_command("simulate", *arguments, **options)
    assert not Run.objects.exists()
    assert not World.objects.exists()
    assert schemas() == set()
    assert tasks_waiting() == 0
    return refusal.value.returncode, str(refusal.value)


# -- bad arguments and bad files -----------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["atlantis"], "atlantis: is no scenario; there are: building-site, "),
        (["nowhere.toml"], "nowhere.toml: cannot be read: No such file or directory"),
        (["--letters", "0"], "--letters must be at least 1"),
        (["--letters", "-5"], "--letters must be at least 1"),
        (["--letters", "99999999999"], "--letters must be at most"),
        (["--workers", "0"], "--workers must be at least 1"),
        (["--workers", "-1"], "--workers must be at least 1"),
        (["--seed", "-1"], "--seed must be from 0 to 2^63 - 1"),
        (["--seed", str(2**63)], "--seed must be from 0 to 2^63 - 1"),
        (["--json", "no/such/folder/report.json"], "--json: no folder for no/such/folder"),
        (["--json", "."], "--json: . is a folder"),
    ],
)
def test_bad_argument_is_told_in_one_line_and_nothing_is_written(arguments, says):
    status, message = refused(*arguments)
    assert says in message
    assert "\n" not in message
    assert status == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("accept = { minutes = 2", "take_in = { minutes = 2", "work.action.take_in: is an unknown action"),
        ("decline = 0.045", "refuse = 0.045", "chances.refuse: is an unknown action"),
        ("consult = 0.27", "consult = 0.37", "kinds: must add up to 1, not 1.1"),
        ("returns = [0.697", "returns = [0.5", "work.returns: must add up to 1"),
        ("letters = 93300", "letters = 0", "scenario.letters: must be at least 1"),
        ("[scenario]", "[scenario", "is not TOML"),
    ],
)  # fmt: skip
def test_broken_scenario_is_told_with_file_key_and_rule(tmp_path, old, new, says):
    path = tmp_path / "mine.toml"
    path.write_text(SHIPPED.read_text("utf-8").replace(old, new, 1), "utf-8")
    status, message = refused(str(path))
    assert message.startswith(f"{path}: {says}")
    assert "\n" not in message
    assert status == 2


@pytest.fixture
def broken_policy(tmp_path, monkeypatch):
    """The policy file of the program, with one share out of range; return its path."""
    path = tmp_path / "policy.toml"
    text = policy.DEFAULT_PATH.read_text("utf-8")
    path.write_text(re.sub(r"yellow_share = .*", "yellow_share = 3", text), "utf-8")
    monkeypatch.setattr(policy, "DEFAULT_PATH", path)
    policy._default.cache_clear()
    yield path
    policy._default.cache_clear()


@pytest.mark.django_db
def test_broken_policy_is_told_with_file_key_and_rule(broken_policy):
    status, message = refused("--letters", "10")
    assert message == f"{broken_policy}: colour.yellow_share: 3 must be a share between 0 and 1"
    assert status == 2


@pytest.mark.django_db
def test_scenario_of_too_long_a_path_is_refused(tmp_path):
    folder = tmp_path / ("f" * 200)
    folder.mkdir()
    path = folder / "mine.toml"
    path.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    status, message = refused(str(path))
    assert "has too long a path" in message
    assert status == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["atlantis"], "atlantis: is no scenario; there are: building-site, "),
        (["--letters", "many"], "argument --letters: invalid int value: 'many'"),
        (["--lettres"], "unrecognized arguments: --lettres"),
    ],
)
def test_fault_goes_to_stderr_with_status_2_and_no_traceback(arguments, says):
    status, out, err = process(*arguments)
    assert (status, out) == (2, "")
    assert says in err.splitlines()[-1]
    assert "Traceback" not in err


# -- whole runs ----------------------------------------------------------------------------------


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_run_prints_its_report_and_writes_it_as_json(tmp_path):
    path = tmp_path / "report.json"
    asked = ("--letters", 1500, "--seed", 8, "--workers", 2, "--json", path)
    status, out, err = process(*asked)
    assert status == 0, err
    report = json.loads(path.read_text("utf-8"))
    assert set(KEYS) <= set(report)
    assert (report["scenario"], report["seed"], report["letters"]) == ("guangdong-2021", 8, 1500)
    assert report["balanced"] is True
    assert report["counts"]["received"] == 1500
    assert report["checks"]
    for check in report["checks"]:
        assert set(check) >= CHECK_KEYS
    assert 1 <= report["workers"] <= 2
    assert report["letters_per_second"] == pytest.approx(1500 / report["wall_seconds"], rel=0.01)
    for line in ("seed 8", "1,500 letters", "staff rounded up", "Books balance", report["digest"]):
        assert line in out


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_without_workers_it_says_so_and_starts_as_many_as_there_are_cores():
    status, out, err = process("--letters", 50)
    assert status == 0
    cores = os.cpu_count()
    assert f"No running worker answered in 5 s: starting {cores} here." in err
    assert "Books balance" in out


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_running_workers_are_used_when_there_are_some(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])
    with LocalWorkers(1):
        assert processes.becomes(lambda: local_workers.answering(timeout=0.5))
        status, out, err = process("--letters", 50)
    assert status == 0
    assert "Using 1 running worker(s): run-1@" in err
    assert "starting" not in err
    assert "Books balance" in out


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_run_whose_workers_all_die_ends_as_failed(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "no_such_settings")  # for the workers' processes
    with pytest.raises(CommandError, match="all its workers died") as refusal:
        call_command("simulate", "--letters", "50", "--workers", "1")
    assert refusal.value.returncode == 1
    assert Run.objects.get().status == Run.FAILED


@pytest.mark.django_db
def test_once_does_nothing_when_the_scenario_has_been_simulated():
    small_run()
    out = io.StringIO()
    call_command("simulate", "--once", stdout=out)
    assert out.getvalue() == "guangdong-2021 has been simulated\n"
    assert Run.objects.count() == 1


# -- status 1 ------------------------------------------------------------------------------------


def printed(run):
    """Return what the command's last part says of a run, or the error that it ends with."""
    command = simulate.Command(stdout=io.StringIO(), stderr=io.StringIO())
    with pytest.raises(CommandError) as refusal:
        command._report(run, None)
    return refusal.value.returncode, str(refusal.value)


@pytest.mark.django_db
def test_books_that_do_not_balance_give_status_1():
    run = small_run()
    run.report["balanced"] = False
    assert printed(run) == (1, "the books do not balance")


@pytest.mark.django_db
def test_failed_run_gives_status_1_with_its_reason():
    run = runs.create("guangdong-2021", letters=300)
    runs.fail(run.pk, "shard 0 failed 5 times: no such unit")
    run.refresh_from_db()
    assert printed(run) == (1, f"run {run.pk} failed: shard 0 failed 5 times: no such unit")

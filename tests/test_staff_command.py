"""`staff` and `studies`: an answer by real workers, cut off and gone on with, and what is refused."""

import re
import signal
import subprocess
import sys
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from simulation import asking, claims, scenario, studies
from simulation.local_workers import LocalWorkers
from simulation.models import Replication, Study
from tests import processes, two_cities
from tests.reports import no_tasks_left  # noqa: F401

pytestmark = pytest.mark.usefixtures("no_tasks_left")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def same_database(monkeypatch):
    """Let workers that a test starts see the tests' own database."""
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])


@pytest.fixture
def small(tmp_path):
    """The path of a small scenario of which four officers a unit are more than enough."""
    path = tmp_path / "two-cities.toml"
    path.write_text(two_cities.text(handlers=4), encoding="utf-8")
    return path


def asked(small, *arguments):
    targets = ["--target", "on_time>=0.97", "--target", "reply_p90<=12d"]
    return [str(small), *targets, "--replications", "3", "--confidence", "0.9", *arguments]


def process(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "manage.py", "staff", *arguments],
        cwd=ROOT,
        env=processes.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def refused(*arguments, command="staff"):
    with pytest.raises(CommandError) as refusal:
        call_command(command, *arguments)
    assert "\n" not in str(refusal.value)
    return refusal.value.returncode, str(refusal.value)


# -- by workers --------------------------------------------------------------------------------


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_cut_off_search_is_gone_on_with_and_answers(small, tmp_path):
    output = tmp_path / "staffed.toml"
    first = process(*asked(small, "--workers", "2"), start_new_session=True)
    played = Replication.objects.filter(status="done")
    assert processes.becomes(Replication.objects.exists)
    with claims.claim(Replication, Replication.objects.latest("pk").pk, study=None):  # kept back
        assert processes.becomes(played.exists)
        first.send_signal(signal.SIGINT)
        _out, errors = first.communicate(timeout=processes.PATIENCE_SECONDS)
    study = Study.objects.get()
    assert first.returncode == 1
    assert f"cancelled; the same command, or --resume {study.pk}, goes on with it" in errors
    assert "Traceback" not in errors
    assert study.status == Study.CANCELLED

    again = process(*asked(small, "--workers", "2", "--output", str(output)))
    out, errors = again.communicate(timeout=4 * processes.PATIENCE_SECONDS)
    assert again.returncode == 0, errors
    assert f"Going on with study {study.pk}" in errors
    study.refresh_from_db()
    assert study.status == Study.DONE and study.result["text"].strip() in out
    staffed = scenario.load(output)
    officers = {city.code: city.handlers for city in staffed.cities}
    assert officers == {
        code: study.result["changes"][f"handlers.{code}.staff"] for code in two_cities.CITIES
    }
    assert all(n < 4 for n in officers.values())


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_targets_out_of_reach_end_with_the_best_and_status_1(small):
    arguments = [str(small), "--target", "first_contact_p90<=5m", "--replications", "2"]
    status, message = refused(*arguments, "--workers", "1")
    assert status == 1
    assert "no staffing meets the targets" in message
    assert re.search(r"first_contact_p90 <= 5.0 min: can not be met, at best \d+\.\d min", message)
    assert Study.objects.get().status == Study.DONE


@pytest.mark.workers
@pytest.mark.django_db(transaction=True)
def test_asker_gives_the_first_replications_of_each_arm_once_played(small):
    text = small.read_text(encoding="utf-8")
    study = studies.create(
        "staff", text, arms={}, seeds=[], scenario=two_cities.NAME, spec={"open": True}
    )
    studies.start(study)
    arms = {"as it is": {}, "more": {"handlers.staff": 9}}
    with LocalWorkers(2) as local:
        ask = asking.Asker(study, 1, local.keep_alive)
        few = ask(arms, 1)
        more = ask(arms, 2)
        assert studies.cancel(study)
        with pytest.raises(asking.Stopped, match="cancelled"):
            ask(arms, 3)
    assert {arm: plays[:1] for arm, plays in more.items()} == few
    assert [len(plays) for plays in more.values()] == [2, 2]


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "at least one --target is needed"),
        (["--target", "on_tiem>=0.9"], "near it: on_time"),
        (["--target", "on_time>=1.2"], "a share can't be more than 1"),
        (["atlantis", "--target", "on_time>=0.9"], "atlantis: is no scenario"),
        (["--target", "on_time>=0.9", "--set", "desk.staff=0"], "by day (at least 1)"),
        (["--target", "on_time>=0.9", "--set", "handlers.staff=0"], "must be at least 1, not 0"),
        (["--target", "on_time>=0.9", "--set", "desk.staf=2"], "near it: desk.staff"),
        (["--target", "on_time>=0.9", "--confidence", "1"], "--confidence must lie between"),
        (["--target", "on_time>=0.9", "--replications", "1"], "--replications must be from 2"),
        (["--target", "on_time>=0.9", "--workers", "0"], "--workers must be at least 1"),
        (["--target", "on_time>=0.9", "--seed", "-1"], "--seed must be from 0"),
        (["--target", "on_time>=0.9", "--output", "no/such/x.toml"], "can't be written"),
        (["--resume", "77"], "there is no study 77"),
    ],
)
def test_bad_argument_is_told_in_one_line_and_nothing_is_made(arguments, says):
    status, message = refused(*arguments)
    assert status == 2
    assert says in message
    assert not Study.objects.exists()


# -- studies -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_studies_are_listed_cancelled_and_deleted(small):
    text = small.read_text(encoding="utf-8")
    assert tomllib.loads(text)["scenario"]["name"] == two_cities.NAME
    study = studies.create(
        "staff", text, arms={"as it is": {}}, seeds=[1, 2], scenario=two_cities.NAME
    )
    out = StringIO()
    call_command("studies", stdout=out)
    assert re.search(rf"{study.pk} +staff +waiting +0 of 2 .*two-cities", out.getvalue())
    call_command("studies", "--cancel", str(study.pk))
    study.refresh_from_db()
    assert study.status == Study.CANCELLED
    assert refused("--cancel", str(study.pk), command="studies")[0] == 1
    call_command("studies", "--delete", str(study.pk))
    assert not Study.objects.exists()
    assert refused("--delete", str(study.pk), command="studies")[0] == 2

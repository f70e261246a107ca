"""The commands whatif and compare with real workers."""

import json

import pytest
from django.core.management import CommandError, call_command

from simulation import runs, studies
from simulation.models import Replication, Study
from tests.brokers import quick  # noqa: F401

pytestmark = [
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
]


@pytest.fixture
def small(tmp_path):
    """The path of a scenario of some hundred letters."""
    path = tmp_path / "small.toml"
    path.write_text('base = "guangdong-2021"\n[changes]\nvolume = "600"\n', "utf-8")
    return str(path)


def test_a_what_if_prints_differences_with_intervals_and_writes_them(small, tmp_path, capsys):
    path = tmp_path / "rows.json"
    asked = ["--set", "outcomes.thanks_per_solved=3x", "--replications", "2", "--workers", "1"]
    call_command("whatif", small, *asked, "--json", str(path))
    said = capsys.readouterr().out
    assert "outcomes.thanks_per_solved = 3x; 2 replications of each" in said
    assert "95 % interval" in said
    told = json.loads(path.read_text("utf-8"))
    thanks = next(row for row in told["rows"] if row["name"] == "thanks")
    assert thanks["changed"] > thanks["base"]
    assert Study.objects.get(pk=told["study"]).status == Study.DONE


@pytest.mark.parametrize("status", [Study.RUNNING, Study.CANCELLED])
def test_a_half_done_what_if_goes_on_where_it_stood(small, capsys, status):
    call_command("whatif", small, "--set", "volume=2x", "--replications", "2", "--workers", "1")
    study = Study.objects.get()
    before = dict(study.replications.values_list("pk", "values"))
    lost = study.replications.filter(number=2)
    lost.update(status=Replication.WAITING, values={})
    Study.objects.update(status=status, finished_at=None)
    call_command("whatif", "--resume", str(study.pk), "--workers", "1")
    assert dict(study.replications.values_list("pk", "values")) == before
    assert "2 replications of each" in capsys.readouterr().out


def test_two_runs_are_compared_with_what_was_changed_between_them(small, capsys):
    made = [
        runs.create(small, seed=4),
        runs.create(small, seed=4, changes={"handlers.staff": "2x"}),
    ]
    for run in made:
        runs.simulate(run.pk)
        for number in run.pieces.values_list("number", flat=True):
            runs.load_shard(run.pk, number)
        runs.seal(run.pk)
    capsys.readouterr()
    call_command("compare", *(str(run.pk) for run in made))
    said = capsys.readouterr().out
    assert "changes: none | {'handlers.staff': '2x'}" in said
    assert "Highest backlog" in said


def test_a_what_if_whose_replication_always_fails_ends_with_its_error(small, monkeypatch):
    monkeypatch.setattr(studies, "_check", lambda *_given: None)
    with pytest.raises(CommandError, match="nothing that can be changed") as failed:
        call_command("whatif", small, "--set", "no.such=1", "--replications", "2", "--workers", "1")
    assert failed.value.returncode == 1

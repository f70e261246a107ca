"""`replicate`: two intervals of each figure by real workers, and where a report finds them."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from simulation import estimates, intervals, replication, scenario, studies
from simulation.models import Study
from tests import processes
from tests.test_calibrate import small

pytestmark = [pytest.mark.workers, pytest.mark.django_db(transaction=True)]

TEXT = small(letters=2800)


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The result of `replicate` on a small scenario: what it prints, its JSON, its study."""
    monkeypatch.setenv("DATABASE_URL", processes.environment()["DATABASE_URL"])
    (tmp_path / "small.toml").write_text(TEXT, encoding="utf-8")
    out, file = io.StringIO(), tmp_path / "found.json"
    call_command("replicate", str(tmp_path / "small.toml"), replications=3, workers=2,
                 json=str(file), stdout=out, stderr=io.StringIO())  # fmt: skip
    return out.getvalue(), json.loads(file.read_text("utf-8")), Study.objects.get()


def test_intervals_are_those_of_what_was_played_and_are_found_again(found):
    """One study, since each takes workers of its own: four things that it must show."""
    _both_come_from_replications_with_seeds_of_their_own(*found)
    _drawn_parameters_are_fitted_again_before_they_count(*found)
    _a_report_finds_the_newest_study_of_the_very_same_scenario(*found)
    _shares_stay_within_a_hundred_and_counts_above_nothing(*found)


def _both_come_from_replications_with_seeds_of_their_own(printed, told, study):
    assert study.status == Study.DONE and told["replications"] == 3
    rows = {row["key"]: row for row in told["figures"]}
    chosen = scenario.parse(TEXT, "small")
    solved = [
        replication.values(replication.play(chosen, seed), chosen)["figure:year-solved"]
        for seed in studies.seeds(1, 3)
    ]
    row = rows["year-solved"]
    assert row["mean"] == pytest.approx(sum(solved) / 3, abs=0.01)
    assert (row["low"], row["high"]) == pytest.approx(estimates.prediction(solved), abs=0.01)
    assert rows["year-rules"]["role"] == "tuned"
    assert "year-solved" in printed and "3 replications each" in printed
    seeds = list(study.replications.filter(arm__startswith="priors").values_list("seed", flat=True))
    assert len(set(seeds) | set(studies.seeds(1, 3))) == 6


def _drawn_parameters_are_fitted_again_before_they_count(_printed, _told, study):
    changes = list(
        study.replications.filter(arm__startswith="priors").values_list("changes", flat=True)
    )
    assert sorted(row["drawn"] for row in changes) == [1, 2, 3]
    assert len({row["scenario.letters"] for row in changes}) == 3
    assert all(1400 <= row["scenario.letters"] <= 4000 for row in changes)


def _a_report_finds_the_newest_study_of_the_very_same_scenario(_printed, told, study):
    assert intervals.find(TEXT)["replications"] == 3
    assert intervals.find("# another comment\n" + TEXT)["replications"] == 3
    assert (
        intervals.find(TEXT.replace("satisfied", "satisfied", 1).replace("0.045", "0.046")) is None
    )
    assert set(study.result["figures"]) == {row["key"] for row in told["figures"]}


def _shares_stay_within_a_hundred_and_counts_above_nothing(_printed, told, _study):
    for row in told["figures"]:
        assert 0 <= row["low"] <= row["high"] and 0 <= row["prior_low"] <= row["prior_high"]
        assert not row["key"].endswith("rate") or row["prior_high"] <= 100


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"replications": 1}, "--replications must be from 2"),
        ({"seed": -1}, "--seed must be"),
        ({"workers": 0}, "--workers must be"),
        ({"json": "/nowhere/at/all.json"}, "--json: cannot write to /nowhere/at"),
        ({"ship": True}, "--ship is for the program's own scenarios"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_made(options, told):
    with pytest.raises(CommandError) as caught:
        call_command("replicate", "nowhere", stdout=io.StringIO(), **options)
    assert caught.value.returncode == 2 and str(caught.value).startswith(told)
    assert not Study.objects.exists()


def test_a_scenario_that_is_not_there_is_told():
    with pytest.raises(CommandError, match="nowhere: is no scenario") as caught:
        call_command("replicate", "nowhere", stdout=io.StringIO())
    assert caught.value.returncode == 2

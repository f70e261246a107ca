"""Studies by real Celery workers: every replication once, whatever befalls the workers."""

import pytest

from simulation import claims, replication, runs, scenario, sources, studies, sweeping, watching
from simulation.local_workers import LocalWorkers
from simulation.models import Replication, Study
from simulation.reader import ScenarioError
from tests import processes
from tests.brokers import empty_broker, patient, quick  # noqa: F401

pytestmark = [
    pytest.mark.workers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
]

NAME = "guangdong-2021"
TEXT = sources.source(NAME)
SMALL = {"volume": "0.01x"}  # 933 letters


def new_study(count=3, arms=None, **asked):
    arms = arms or {"base": SMALL}
    seeds = studies.seeds(1, count)
    return studies.create("what-if", TEXT, arms=arms, seeds=seeds, scenario=NAME, **asked)


def watched(study, each_look=lambda: None):
    return watching.watch_study(study, each_look=patient(each_look))


def here(study):
    """Do all that a study has here, in order."""
    studies.start(study)
    for row in study.replications.all():
        studies.replicate(row.pk)
    return Study.objects.get(pk=study.pk)


def alone(seed, changes=SMALL):
    """Return the values of a replication that is played without any study."""
    chosen = scenario.parse(TEXT, NAME, changes)
    return replication.values(replication.play(chosen, seed), chosen)


# -- what comes out ------------------------------------------------------------------------------


def test_workers_play_every_replication_of_every_arm():
    arms = {"base": SMALL, "more": {"volume": "0.02x"}}
    study = new_study(arms=arms, spec={"why": "a test"})
    with LocalWorkers(2):
        studies.start(study)
        study = watched(study)
    assert (study.status, study.error) == (Study.DONE, "")
    found = studies.by_arm(study)
    assert found["base"] == [alone(seed) for seed in studies.seeds(1, 3)]
    assert [values["received"] for values in found["more"]] == [1866] * 3
    assert all(row.worker for row in study.replications.all())
    assert study.finished_at > study.started_at


def test_seeds_are_independent_of_their_neighbours_and_the_same_each_time():
    many = studies.seeds(1, 100) + studies.seeds(2, 100)
    assert len(set(many)) == 200
    assert many == studies.seeds(1, 100) + studies.seeds(2, 100)
    assert studies.seeds(1, 3) == studies.seeds(1, 100)[:3]
    assert all(0 <= seed < 2**63 for seed in many)


def test_open_study_takes_more_until_it_is_finished():
    study = new_study(2, spec={"open": True})
    study = here(study)
    assert study.status == Study.RUNNING
    studies.add(study, {"base": SMALL, "more": {"volume": "0.02x"}}, studies.seeds(1, 3))
    study = here(study)
    assert {arm: len(values) for arm, values in studies.by_arm(study).items()} == {
        "base": 3,
        "more": 3,
    }
    studies.finish(study, {"found": 1})
    assert (study.status, study.result) == (Study.DONE, {"found": 1})


def test_change_that_does_not_exist_is_refused_before_anything_is_made():
    with pytest.raises(ScenarioError, match=r"desk.staf: is nothing"):
        new_study(arms={"base": {}, "wrong": {"desk.staf": "2"}})
    assert not Study.objects.exists()


# -- what may befall it --------------------------------------------------------------------------


def test_task_delivered_twice_has_one_effect():
    study = here(new_study(2))
    before = [(row.pk, row.values) for row in study.replications.order_by("pk")]
    Replication.objects.update(worker="")
    for pk, _values in before:
        studies.replicate(pk)
    assert [(row.pk, row.values) for row in study.replications.order_by("pk")] == before
    assert not study.replications.exclude(worker="").exists()


def test_study_survives_the_killing_of_all_workers_and_an_emptied_broker():
    study = new_study(12)
    with LocalWorkers(2, spares=2) as workers:
        with claims.claim(Replication, study.replications.latest("pk").pk, study=None):  # kept back
            studies.start(study)
            assert processes.becomes(lambda: studies.progress(study)[0])
            for process in workers.processes:
                process.kill()
                process.wait()
            empty_broker()
        assert studies.progress(study)[0] < 12
        workers.keep_alive()
        study = watched(study, workers.keep_alive)
    assert study.status == Study.DONE
    assert studies.by_arm(study)["base"] == [alone(seed) for seed in studies.seeds(1, 12)]


def test_start_that_is_lost_is_sent_again_once(monkeypatch):
    monkeypatch.setattr(runs, "RESEND_SECONDS", 0)
    study = new_study(2)
    studies.start(study)
    empty_broker()
    assert sweeping.sweep() == 2
    assert sweeping.waiting_tasks() == 2
    assert sweeping.sweep() == 0  # for they wait there


def test_replication_that_always_fails_ends_the_study_with_its_error():
    study = new_study(2)
    study.replications.filter(number=2).update(changes={"gone": 1})
    with LocalWorkers(1):
        studies.start(study)
        study = watched(study)
    assert study.status == Study.FAILED
    assert "replication 2 of base failed 5 times: ScenarioError" in study.error
    assert sweeping.sweep() == 0


def test_cancelled_study_is_dropped_by_its_workers_and_can_be_deleted():
    study = new_study(3)
    studies.start(study)
    with pytest.raises(ValueError, match="取消"):
        studies.delete(study)
    assert studies.cancel(study) and not studies.cancel(study)
    for row in study.replications.all():
        studies.replicate(row.pk)
    study.refresh_from_db()
    assert study.status == Study.CANCELLED and not studies.by_arm(study)
    assert sweeping.sweep() == 0
    studies.delete(study)
    assert not Replication.objects.exists()

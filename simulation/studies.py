"""Studies: many replications of a scenario, over workers, for one question.

A study has arms, each with changes to the scenario, and replications with seeds; arms that
are compared share seeds. Work is split by rows: a worker claims a replication
(simulation/claims.py), and writes what came out at once; it may die at any instant, and the
sweeper sends the row again.
"""

import hashlib
import os
import socket

from celery import current_app
from django.db import transaction
from django.utils.translation import gettext as _

from cases import worlds
from simulation import claims, forecasting, replication
from simulation import scenario as scenarios
from simulation.models import Replication, Study
from simulation.reader import ScenarioError

MOST_LETTERS = 5_000_000  # of a replication, which holds them all at once: 2 GB


def seed_of(base, number):
    """Return the seed of a replication: independent of its neighbours', from 0 to 2^63 - 1."""
    digest = hashlib.blake2b(f"{base}/replication/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def seeds(base, count):
    """Return the seeds of replications 1 to count."""
    return [seed_of(base, number) for number in range(1, count + 1)]


def create(kind, text, *, arms, seeds, scenario, name="", user=None, spec=None):
    """Make a study with its replications, and return it. Nothing starts yet.

    kind: of Study.KINDS. text: the scenario's whole text. arms: {name: changes}, each played
    with all seeds. scenario: its name. spec: what was asked, as JSON; with open=True the study
    does not end by itself, so that `add` can go on. Raises: ScenarioError for wrong changes.
    """
    _check(text, scenario, arms)
    with transaction.atomic():
        study = Study.objects.create(
            name=name or f"{scenario} · {kind}"[:120],
            kind=kind,
            scenario=scenario,
            text=text,
            spec=spec or {},
            created_by=user,
            created_at=worlds.now(),
        )
        _rows(study, arms, seeds)
    return study


def add(study, arms, seeds):
    """Add arms to a study, or seeds to its arms, and send them if it runs. Raises: ScenarioError.

    What is there already stays: an arm is told by its name, a replication by its seed.
    """
    _check(study.text, study.scenario, arms)
    with transaction.atomic():
        made = _rows(study, arms, seeds)
    if study.status == Study.RUNNING:
        send([row.pk for row in made])


def start(study):
    """Send a waiting study to the workers."""
    Study.objects.filter(pk=study.pk, status=Study.WAITING).update(
        status=Study.RUNNING, started_at=worlds.now()
    )
    study.refresh_from_db()
    send_waiting(study)
    finish_if_done(study.pk)


def check(text, scenario, changes):
    """Check that a scenario can be played with these changes. Raises: ScenarioError."""
    letters = scenarios.parse(text, scenario, changes).letters
    if letters > MOST_LETTERS:
        rule = f"must be at most {MOST_LETTERS:,} in a study, not {letters:,}"
        raise ScenarioError(scenario, "letters", rule)


def _check(text, scenario, arms):
    for changes in arms.values():
        check(text, scenario, changes)


def _rows(study, arms, seeds):
    made = []
    for arm, changes in arms.items():
        there = dict(study.replications.filter(arm=arm).values_list("seed", "number"))
        new = [seed for seed in seeds if seed not in there]
        made += [
            Replication(study=study, arm=arm, number=number, seed=seed, changes=changes)
            for number, seed in enumerate(new, start=len(there) + 1)
        ]
    return Replication.objects.bulk_create(made)


def send(pks):
    """Send replications; their tasks are named, since simulation/tasks.py imports this module."""
    Replication.objects.filter(pk__in=pks).update(sent_at=worlds.now())
    for pk in pks:
        current_app.send_task("simulation.tasks.replicate", [pk], queue="simulation")


def send_waiting(study):
    """Send all that is left of a study."""
    waiting = study.replications.filter(status=Replication.WAITING).order_by("pk")
    send(list(waiting.values_list("pk", flat=True)))


def replicate(replication_id):
    """Play one replication, unless another worker has it or has done it, or the study is over."""
    todo = {"status": Replication.WAITING, "study__status": Study.RUNNING}
    with claims.claim(Replication, replication_id, **todo) as claimed:
        if not claimed:
            return
        row = Replication.objects.select_related("study").get(pk=replication_id)
        waiting = Replication.objects.filter(pk=replication_id, status=Replication.WAITING)
        try:
            chosen = scenarios.parse(row.study.text, row.study.scenario, row.changes)
            found = _values(row.study, chosen, row.seed)
        except Exception as error:
            told = f"{type(error).__name__}: {error}".replace("\0", "")[:1000]
            waiting.update(error=told)
            fail_exhausted([replication_id])
            if isinstance(error, MemoryError):  # for which Celery would end the whole worker
                raise RuntimeError(told) from error
            raise
        worker = f"{socket.gethostname()}:{os.getpid()}"
        waiting.update(values=found, status=Replication.DONE, error="", worker=worker)
    finish_if_done(row.study_id)


def _values(study, chosen, seed):
    """Return what one replication says: all figures, or of a forecast what comes of the backlog."""
    if study.kind == "forecast":
        return forecasting.play(chosen, seed, study.spec)
    return replication.values(replication.play(chosen, seed), chosen)


def finish_if_done(study_id):
    """End a study of which nothing is left to do, unless more may be added to it."""
    study = Study.objects.get(pk=study_id)
    left = study.replications.exclude(status=Replication.DONE).exists()
    if not left and not study.spec.get("open"):
        finish(study)


def finish(study, result=None):
    """End a running study as done, with its result if there is one."""
    changes = {"status": Study.DONE, "finished_at": worlds.now()}
    if result is not None:
        changes["result"] = result
    Study.objects.filter(pk=study.pk, status=Study.RUNNING).update(**changes)
    study.refresh_from_db()


def fail_exhausted(pks):
    """End the studies of those of these replications that failed as often as they may."""
    for row in Replication.objects.filter(
        pk__in=pks, status=Replication.WAITING, attempts__gte=claims.MAX_ATTEMPTS
    ):
        Replication.objects.filter(pk=row.pk).update(status=Replication.FAILED)
        why = row.error or "its worker died each time"
        told = f"replication {row.number} of {row.arm} failed {row.attempts} times: {why}"
        Study.objects.filter(pk=row.study_id, status=Study.RUNNING).update(
            status=Study.FAILED, error=told, finished_at=worlds.now()
        )


def by_arm(study):
    """Return {arm: [values of its replications]} of those done, in the order of their numbers."""
    found = {}
    done = study.replications.filter(status=Replication.DONE).order_by("arm", "number")
    for arm, values in done.values_list("arm", "values"):
        found.setdefault(arm, []).append(values)
    return found


def progress(study):
    """Return (replications done, replications)."""
    rows = study.replications
    return rows.filter(status=Replication.DONE).count(), rows.count()


def cancel(study):
    """Stop a study; workers drop what is left of it. Return whether there was something to stop."""
    unfinished = Study.objects.filter(pk=study.pk, status__in=(Study.WAITING, Study.RUNNING))
    return bool(unfinished.update(status=Study.CANCELLED, finished_at=worlds.now()))


def resume(study):
    """Go on with a study that was cancelled or failed, or whose maker died; what is done stays."""
    study.replications.exclude(status=Replication.DONE).update(
        status=Replication.WAITING, attempts=0, error=""
    )
    Study.objects.filter(pk=study.pk).update(
        status=Study.RUNNING, started_at=worlds.now(), finished_at=None, error=""
    )
    study.refresh_from_db()
    send_waiting(study)


def delete(study):
    """Delete a study with its replications. Raises: ValueError while it goes on."""
    if study.unfinished:
        raise ValueError(_("请先取消这项研究。"))
    study.delete()

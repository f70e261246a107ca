"""Asking a study, from a terminal, for more replications again and again while it is open."""

from django.db.models import Q

from simulation import studies, watching
from simulation.models import Replication, Study


class Stopped(Exception):
    """The study was cancelled elsewhere, deleted, or failed."""


class Asker:
    """Plays arms by the workers of a study that is open; what it has already is not played again.

    each_look: called while it waits, to keep local workers alive.
    """

    def __init__(self, study, base, each_look=lambda: None):
        self._study, self._base, self._each_look = study, base, each_look

    def __call__(self, arms, count):
        """Return {arm: values of its first `count` replications}. Raises: Stopped."""
        study = self._study
        studies.add(study, arms, studies.seeds(self._base, count))
        if self._left(arms, count).exists():
            watching.watch_study(study, each_look=self._each_look)
        study.refresh_from_db()
        if study.status != Study.RUNNING or self._left(arms, count).exists():
            raise Stopped(study.error or f"study {study.pk} is {study.status}")
        done = self._rows(arms, count).order_by("arm", "number").values_list("arm", "values")
        found = {arm: [] for arm in arms}
        for arm, values in done:
            found[arm].append(values)
        return found

    def _rows(self, arms, count):
        return self._study.replications.filter(arm__in=list(arms), number__lte=count)

    def _left(self, arms, count):
        return self._rows(arms, count).filter(~Q(status=Replication.DONE))


def unfinished(kind, scenario, text, spec):
    """Return the newest study that asked the very same and was cut off, or None."""
    same = Study.objects.filter(kind=kind, scenario=scenario, text=text).exclude(status=Study.DONE)
    return next((study for study in same.order_by("-pk") if study.spec == spec), None)

"""How far a run is: for its page and its row in the list."""

from dataclasses import dataclass
from datetime import timedelta

from cases import worlds
from simulation import claims
from simulation.local_workers import answering
from simulation.models import Replication, Run, Shard
from simulation.showing import duration, number
from simulation.watching import progress

# What waits longer than this makes its page ask for workers, so long.
PATIENCE = timedelta(seconds=4)
ASK_SECONDS = 0.5


@dataclass(frozen=True)
class Standing:
    """Letters simulated and loaded, with rate and time left as texts ("" while unknown).

    trouble: "broker" or "workers" if nobody is at it and nobody answers, else "".
    """

    simulated: int
    loaded: int
    percent: int
    rate: str
    left: str
    wall: str
    trouble: str = ""


def of(run, ask_workers=False):
    """Return the Standing of a run; ask_workers costs ASK_SECONDS while it waits."""
    if not run.unfinished:
        return _ended(run)
    simulated, loaded = progress(run)
    seconds = (worlds.now() - run.started_at).total_seconds() if run.started_at else 0
    rate = loaded / seconds if seconds else 0
    return Standing(
        simulated=simulated,
        loaded=loaded,
        # Simulating and loading are the halves of the work.
        percent=int(100 * (simulated + loaded) / (2 * run.letters)),
        rate=number(rate) if rate else "",
        left=duration((run.letters - loaded) / rate) if rate else "",
        wall=duration(seconds) if seconds else "",
        trouble=trouble(run, Run.objects.filter(pk=run.pk), _pieces(run)) if ask_workers else "",
    )


def of_study(study):
    """Return the trouble of a study."""
    return trouble(study, study.replications.filter(status=Replication.WAITING))


def _pieces(run):
    return run.pieces.filter(status=Shard.READY)


def _held(rows):
    """Return whether a worker has one of these rows."""
    free, tired = claims.unheld(rows)
    return len(free) + len(tired) < rows.count()


def _ended(run):
    wall = ""
    if run.started_at and run.finished_at:
        wall = duration((run.finished_at - run.started_at).total_seconds())
    done = run.letters if run.status == Run.DONE else run.simulated
    return Standing(done, done, 100 if run.status == Run.DONE else 0, "", "", wall)


def trouble(row, *work):
    """Return why a run or a study stands still: "broker", "workers", or "" if it doesn't.

    work: querysets of all that a worker may hold of it.
    """
    begun = row.started_at or row.created_at
    if not row.unfinished or worlds.now() - begun < PATIENCE or any(map(_held, work)):
        return ""
    try:
        return "" if answering(ASK_SECONDS) else "workers"
    except claims.BROKER_ERRORS:
        return "broker"

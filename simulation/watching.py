"""Watching a run or a study from the terminal: progress, rate, time left; nothing stands still."""

import sys
import time

from django.db import connection
from django.db.models import Sum

from simulation import runs, studies, sweeping
from simulation.models import Replication, Run, Shard

LOOK_SECONDS = 0.1
SWEEP_SECONDS = 3


def watch(run, out=None, each_look=lambda: None):
    """Follow a run to its end, sweeping meanwhile, and return it as it then is.

    out: a terminal, by default stderr. each_look: called at every look, may raise.
    KeyboardInterrupt cancels the run and is raised again.
    """
    return _follow(
        run, lambda: run.unfinished, _told, sweeping.sweep_run, runs.cancel, out, each_look
    )


def watch_study(study, out=None, each_look=lambda: None):
    """Follow a study until all that it has is done, as watch does a run."""
    before, _all = studies.progress(study)
    waiting = study.replications.filter(status=Replication.WAITING)

    def goes_on():
        return study.unfinished and (waiting.exists() or not study.spec.get("open"))

    def told(study, seconds):
        return _told_of_study(study, before, seconds)

    return _follow(study, goes_on, told, sweeping.sweep_study, studies.cancel, out, each_look)


def _follow(row, goes_on, told, sweep, cancel, out, each_look):
    """Look at a run or a study again and again. told: (row, seconds) → a line for a terminal."""
    out = out or sys.stderr
    began = swept = time.monotonic()
    try:
        while goes_on():
            time.sleep(LOOK_SECONDS)
            each_look()
            row.refresh_from_db()
            if out.isatty():
                out.write(f"\r{told(row, time.monotonic() - began)}    ")
                out.flush()
            if time.monotonic() - swept > SWEEP_SECONDS:
                swept = time.monotonic()
                sweep(row)
    except KeyboardInterrupt:
        cut_off(cancel, row)
        raise
    finally:
        if out.isatty():
            out.write("\n")
    return row


def cut_off(cancel, row):
    """Cancel what Ctrl-C has cut off, by a new connection: the old one may have been left half asked."""
    connection.close()
    cancel(row)


def progress(run):
    """Return (letters simulated, letters loaded) of a run."""
    loaded = run.pieces.filter(status=Shard.LOADED).aggregate(n=Sum("letters"))["n"] or 0
    return max(run.simulated, loaded), loaded


def _told(run, seconds):
    simulated, loaded = progress(run)
    rate = loaded / seconds if seconds else 0
    left = f"{(run.letters - loaded) / rate:.0f} s left" if rate else "…"
    what = "sealing" if run.status == Run.SEALING else left
    return f"{run.letters:,} letters: {simulated:,} simulated, {loaded:,} loaded, {rate:,.0f}/s, {what}"


def _told_of_study(study, before, seconds):
    done, whole = studies.progress(study)
    rate = (done - before) / seconds
    left = f"{(whole - done) / rate:.0f} s left" if rate else "…"
    return f"{done} of {whole} replications, {60 * rate:.1f} a minute, {left}"

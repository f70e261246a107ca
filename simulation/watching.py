"""Watching a run or a study from the terminal: progress, rate, time left; nothing stands still."""

import sys
import time

from django.db.models import Sum

from simulation import runs, studies, sweeping
from simulation.models import Replication, Run, Shard

LOOK_SECONDS = 0.1
SWEEP_SECONDS = 3


def watch(run, out=None, each_look=lambda: None):
    """Follow a run to its end, sweeping meanwhile, and return it as it then is.

    KeyboardInterrupt cancels the run and is raised again.
    """
    out = out or sys.stderr
    began, swept = time.monotonic(), time.monotonic()
    try:
        while run.unfinished:
            time.sleep(LOOK_SECONDS)
            each_look()
            run.refresh_from_db()
            _show(run, time.monotonic() - began, out)
            if time.monotonic() - swept > SWEEP_SECONDS:
                swept = time.monotonic()
                sweeping.sweep_run(run)
    except KeyboardInterrupt:
        runs.cancel(run)
        raise
    finally:
        if out.isatty():
            out.write("\n")
    return run


def progress(run):
    """Return (letters simulated, letters loaded) of a run."""
    loaded = run.pieces.filter(status=Shard.LOADED).aggregate(n=Sum("letters"))["n"] or 0
    return max(run.simulated, loaded), loaded


def _show(run, seconds, out):
    if not out.isatty():
        return
    simulated, loaded = progress(run)
    rate = loaded / seconds if seconds else 0
    left = f"{(run.letters - loaded) / rate:.0f} s left" if rate else "…"
    what = "sealing" if run.status == Run.SEALING else left
    out.write(
        f"\r{run.letters:,} letters: {simulated:,} simulated, {loaded:,} loaded, "
        f"{rate:,.0f}/s, {what}    "
    )
    out.flush()


def watch_study(study, out=None, each_look=lambda: None):
    """Follow a study until all that it has is done, sweeping meanwhile; return it as it then is.

    KeyboardInterrupt cancels the study and is raised again.
    """
    out = out or sys.stderr
    began = swept = time.monotonic()
    before, _all = studies.progress(study)
    waiting = study.replications.filter(status=Replication.WAITING)
    try:
        while study.unfinished and (waiting.exists() or not study.spec.get("open")):
            time.sleep(LOOK_SECONDS)
            each_look()
            study.refresh_from_db()
            _show_study(study, before, time.monotonic() - began, out)
            if time.monotonic() - swept > SWEEP_SECONDS:
                swept = time.monotonic()
                sweeping.sweep_study(study)
    except KeyboardInterrupt:
        studies.cancel(study)
        raise
    finally:
        if out.isatty():
            out.write("\n")
    return study


def _show_study(study, before, seconds, out):
    if not out.isatty():
        return
    done, whole = studies.progress(study)
    rate = (done - before) / seconds
    left = f"{(whole - done) / rate:.0f} s left" if rate else "…"
    out.write(f"\r{done} of {whole} replications, {60 * rate:.1f} a minute, {left}    ")
    out.flush()

"""Watching a run from the terminal: progress, rate, time left, and nothing that stands still."""

import sys
import time

from django.db.models import Sum

from simulation import runs, sweeping
from simulation.models import Run, Shard

LOOK_SECONDS = 0.3
SWEEP_SECONDS = 3


def watch(run, out=sys.stderr, each_look=lambda: None):
    """Follow a run to its end, sweeping meanwhile, and return it as it then is.

    KeyboardInterrupt cancels the run and is raised again.
    """
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

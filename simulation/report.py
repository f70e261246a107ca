"""What a run reports: throughput, resolution beside the published figures, books, Little's law.

Every number is computed from the run's own shards by cases/statistics.py.
"""

import hashlib
from datetime import timedelta

from cases.models import Unit
from cases.statistics import CHINA, rates
from simulation import checks, counting, intervals, replication
from simulation.models import Shard

CURVES = ("received", "responded", "replied", "closed", "solved")


def digest(run):
    """Return the SHA-256 over the shards' digests in order: equal for equal rows."""
    parts = run.pieces.order_by("number").values_list("digest", flat=True)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def counts_of(run):
    """Return (Tally, OpenCount) over all loaded shards of a run."""
    seconds = int((run.world.ends_at - run.world.starts_at).total_seconds())
    found = counting.Counts(run.world.starts_at.astimezone(CHINA).date(), seconds)
    loaded = run.pieces.filter(status=Shard.LOADED).order_by("number")
    for packed in loaded.values_list("tally", flat=True).iterator(chunk_size=50):
        found.add_packed(packed)
    return found.tally(), found.opened


def build(run, scenario):
    """Return the report of a run whose shards are all loaded, as JSON values."""
    tally, opened = counts_of(run)
    spread = intervals.find(run.text) if checks.is_whole(scenario) else None
    counts = tally.narrowed()
    wall = (run.finished_at - run.started_at).total_seconds()
    books = tally.books()
    return {
        "scenario": run.scenario,
        "title": scenario.title,
        "notes": list(scenario.notes),
        "seed": run.seed,
        "letters": run.letters,
        "changes": run.changes,
        "keeps_policy": replication.keeps_policy(scenario),
        "scale": scenario.scale,
        "full_size": checks.is_whole(scenario),
        "compared": scenario.compared,
        "replications": spread["replications"] if spread else 0,
        "events": sum(run.pieces.values_list("events", flat=True)),
        "workers": run.pieces.values("worker").distinct().count(),
        "wall_seconds": round(wall, 3),
        "letters_per_second": round(run.letters / wall, 1) if wall else None,
        "counts": dict(sorted(counts.items())),
        "rates": rates(counts),
        "books": books,
        "balanced": books["balanced"],
        "little": opened.little(),
        "checks": checks.rows(tally, scenario, spread),
        "unfinished": unfinished(books),
        "throughput": throughput(counts, opened, scenario),
        "daily": daily(tally, opened, scenario),
        "cities": cities(tally),
        "stations": run.stations,
        "digest": run.digest,
    }


def unfinished(books):
    """Return what was not over at the end: letters that are open, and answered but not closed."""
    return {"open": books["open"], "replied": books["replied"]}


def throughput(counts, opened, scenario):
    """Return letters a day over the whole span, and the backlog: mean, highest and at the end."""
    hourly = opened.hourly()
    return {
        **{f"{name}_per_day": counts[name] / scenario.days for name in CURVES},
        "backlog_mean": float(hourly.mean()),
        "backlog_max": int(hourly.max()),
        "backlog_end": int(opened.net.sum()),
    }


def daily(tally, opened, scenario):
    """Return the curves: for each day the counts of CURVES, and the open letters at its end."""
    days = [(scenario.start + timedelta(days=n)).isoformat() for n in range(scenario.days)]
    curves = {}
    for name in CURVES:
        found = tally.by_day(name)
        curves[name] = [found.get(day, 0) for day in days]
    hourly = opened.hourly()
    ends = [min(24 * n + 24, len(hourly) - 1) for n in range(scenario.days)]
    return {"days": days, **curves, "open": [int(hourly[end]) for end in ends]}


def cities(tally):
    """Return a row a mailbox: its code, name and counts; letters go with the unit that has them."""
    rows = []
    for unit in Unit.objects.filter(is_mailbox=True).order_by("code"):
        counts = tally.narrowed(areas={unit.pk})
        names = ("received", "replied", "closed", "solved", "thanks", "incidents")
        names += ("reply_kept", "reply_late")
        rows.append({"code": unit.code, "name": unit.name, **{n: counts[n] for n in names}})
    return rows

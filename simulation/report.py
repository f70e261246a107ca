"""What a run reports: throughput, resolution beside the published figures, books, Little's law.

Every number is computed from the run's own shards by cases/statistics.py.
"""

import hashlib
from datetime import timedelta

from cases.models import Unit
from cases.statistics import Tally, rates
from simulation import counting, published
from simulation.models import Shard

CURVES = ("received", "responded", "replied", "closed", "solved")


def digest(run):
    """Return the SHA-256 over the shards' digests in order: equal for equal rows."""
    parts = run.pieces.order_by("number").values_list("digest", flat=True)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def counts_of(run):
    """Return (Tally, OpenCount) over all loaded shards of a run."""
    seconds = int((run.world.ends_at - run.world.starts_at).total_seconds())
    tally, opened = Tally(), counting.OpenCount(seconds)
    loaded = run.pieces.filter(status=Shard.LOADED).order_by("number")
    for packed in loaded.values_list("tally", flat=True):
        counting.add_packed(tally, opened, bytes(packed))
    return tally, opened


def build(run, scenario):
    """Return the report of a run whose shards are all loaded, as JSON values."""
    tally, opened = counts_of(run)
    counts = tally.narrowed()
    wall = (run.finished_at - run.started_at).total_seconds()
    books = tally.books()
    return {
        "scenario": run.scenario,
        "title": scenario.title,
        "notes": list(scenario.notes),
        "seed": run.seed,
        "letters": run.letters,
        "full_size": not scenario.notes,
        "events": sum(run.pieces.values_list("events", flat=True)),
        "workers": run.pieces.values("worker").distinct().count(),
        "wall_seconds": round(wall, 3),
        "letters_per_second": round(run.letters / wall, 1) if wall else None,
        "counts": dict(sorted(counts.items())),
        "rates": rates(counts),
        "books": books,
        "balanced": books["balanced"],
        "little": opened.little(),
        "checks": checks(tally, scenario, run),
        "throughput": throughput(counts, opened, scenario),
        "daily": daily(tally, opened, scenario),
        "cities": cities(tally),
        "stations": run.stations,
        "digest": run.digest,
    }


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
        rows.append({"code": unit.code, "name": unit.name, **{n: counts[n] for n in names}})
    return rows


def checks(tally, scenario, run):
    """Return the published figures beside the run's own; only of a year at full size.

    published is None unless the run is at full size, for scaled years are set against nothing.
    ok: whether the published value lies in the interval by chance; None for inputs.
    """
    rows = []
    ends = scenario.start + timedelta(days=scenario.days - 1)
    for figure in published.figures():
        if figure.until > ends:
            continue
        simulated, low, high = _simulated(tally, figure, run)
        if simulated is None:
            continue
        full = not scenario.notes
        ok = low <= figure.value <= high if full and figure.role != "input" else None
        rows.append(
            {
                "key": figure.key,
                "measure": figure.measure,
                "area": figure.area,
                "as_of": figure.until.isoformat(),
                "since": figure.since.isoformat() if figure.since else None,
                "published": figure.value if full else None,
                "simulated": simulated,
                "low": low,
                "high": high,
                "role": figure.role,
                "ok": ok,
                "verb": figure.verb,
                "source": figure.source,
                "note": figure.note,
                "variant_of": figure.variant_of,
            }
        )
    return rows


def _simulated(tally, figure, run):
    """Return (value, low, high) of a figure in this run; a rate is a share of 100."""
    counts = _counts_until(tally, figure)
    if figure.measure.endswith("_rate"):
        part = {"reply_rate": "replied", "closing_rate": "closed"}[figure.measure]
        part = counts[part] + (counts["declined"] if part == "replied" else 0)
        low, high = published.share_by_chance(part, counts["received"])
        if low is None:
            return None, None, None
        return 100 * part / counts["received"], 100 * low, 100 * high
    value = counts[figure.measure]
    low, high = published.by_chance(value, max(run.letters, value))
    return value, low, high


def _counts_until(tally, figure):
    if figure.area == "all":
        names = {"received", "replied", "closed", "declined", figure.measure}
        return {n: tally.total(n, until=figure.until, since=figure.since) for n in names}
    unit = Unit.objects.get(code=figure.area)
    return tally.narrowed(areas={unit.pk})

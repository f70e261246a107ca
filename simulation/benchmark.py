"""Speed, as ratios to a floor measured in the same run on the same machine.

The floor of a year is COPY FROM of text files already on disk: the same rows into the same
tables with the same final indexes and keys, by two connections.
"""

import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from cases import worlds
from cases.models import World
from simulation import runs, sources, studies, watching
from simulation.local_workers import LocalWorkers, answering
from simulation.models import Study

CONNECTIONS = 2
# Tables that a run fills, with the column that says to which letter a row belongs.
_KEYS = {
    "cases_letter": "id",
    "cases_case": "letter_id",
    "cases_event": "case_id",
    "cases_incident": "case_id",
    "cases_rule": "case_id",
}


def year(scenario, letters=None, seed=1, workers=2):
    """Simulate with local workers that are up already; return (run, seconds, peak MB of a worker)."""
    run = runs.create(scenario, letters=letters, seed=seed, name="bench")
    with _ready(workers):
        began = time.perf_counter()
        runs.start(run)
        run = watching.watch(run)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return run, seconds, peak


def replications(scenario, count, workers=2):
    """Return the seconds of so many statistics-only replications by workers that are up already.

    Raises: RuntimeError if the study fails.
    """
    study = studies.create(
        "intervals",
        sources.source(scenario),
        arms={"base": {}},
        seeds=studies.seeds(1, count),
        scenario=scenario,
        name="bench",
    )
    try:
        with _ready(workers):
            began = time.perf_counter()
            studies.start(study)
            study = watching.watch_study(study)
            seconds = time.perf_counter() - began
        if study.status != Study.DONE:
            raise RuntimeError(f"study {study.pk} {study.status}: {study.error}")
        return seconds
    finally:
        study.delete()


@contextmanager
def _ready(workers):
    """Run the block with so many local workers that answer already."""
    with LocalWorkers(workers) as local:
        while len(answering(timeout=0.5)) < workers:
            local.keep_alive()
        yield local


def floor(world):
    """Return the seconds that the rows of a world take by COPY from files, sealed alike."""
    with tempfile.TemporaryDirectory() as folder:
        files = [_write(world, Path(folder), part) for part in range(CONNECTIONS)]
        copy = World(
            schema=f"{world.schema}_floor",
            mark=f"{world.mark}F",
            starts_at=world.starts_at,
            ends_at=world.ends_at,
            fingerprint=world.fingerprint,
            created_at=worlds.now(),
        )
        copy.save()
        try:
            began = time.perf_counter()
            worlds.create(copy)
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                list(pool.map(lambda part: _load(copy, part), files))
            worlds.seal(copy)
            return time.perf_counter() - began
        finally:
            worlds.drop(copy)


def _write(world, folder, part):
    """Write one half of a world's rows to files; return [(table, columns, path)]."""
    written = []
    with worlds.enter(world), connection.cursor() as cursor:
        for table, key in _KEYS.items():
            cursor.execute(f"SELECT * FROM {table} LIMIT 0")
            columns = ", ".join(column.name for column in cursor.description)
            path = folder / f"{table}.{part}"
            query = (
                f"COPY (SELECT * FROM {table} WHERE {key} % {CONNECTIONS} = {part} ORDER BY {key})"
                " TO STDOUT"
            )
            with path.open("wb") as file, cursor.copy(query) as copy:
                file.writelines(bytes(block) for block in copy)
            written.append((table, columns, path))
    return written


def _load(world, files):
    try:
        with worlds.build(world), connection.cursor() as cursor:
            for table, columns, path in files:
                with (
                    cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
                    path.open("rb") as f,
                ):
                    while block := f.read(1 << 20):
                        copy.write(block)
    finally:
        connection.close()

"""A small first year as the readable engine plays it, once a session, for tests of what comes out."""

from functools import cache

from simulation import engine, scenario

YEAR = scenario.load("guangdong-2021")
SMALL = YEAR.scaled(5000)


@cache
def played(seed=1):
    """Return {number: timeline} of the small scenario, its arrivals and its run."""
    run = engine.run(SMALL, seed)
    return dict(run), run.arrivals, run

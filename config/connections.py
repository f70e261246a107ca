"""How many connections to the database the site's processes open at worst, added up.

Django holds one connection a thread or pool process; nothing here opens another beside it. The
processes are those of docker-compose.yml (a test compares), where one of each runs.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of process: its name, how many run, and how many connections each holds at worst."""

    name: str
    processes: int
    each: int

    @property
    def connections(self):
        """Return how many connections all of them hold at worst."""
        return self.processes * self.each


KINDS = (
    Kind("web", processes=2, each=4),  # a thread each
    Kind("worker", processes=2, each=1),
    Kind("worker-simulation", processes=2, each=1),
    Kind("beat", processes=1, each=1),
    Kind("migrate", processes=1, each=1),
)
# What a person may run beside them: two commands, a backup and a look with psql.
BY_HAND = 4


def worst_case(kinds=KINDS):
    """Return the connections needed while an update runs the old processes beside the new."""
    return 2 * sum(kind.connections for kind in kinds) + BY_HAND

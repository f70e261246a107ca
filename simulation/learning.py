"""What automata have learnt, kept beside the compiled code, so that a new process begins with it.

The file belongs to one version of the sources and one policy; without it, or if it can't be
written, a process learns anew. It is read from our own folder alone, like Numba's own files.
"""

import hashlib
import os
import pickle
import tempfile
from functools import cache
from pathlib import Path

from simulation.automaton import Automaton
from simulation.compiled import folder

# It is written again once there is so much more.
GROWTH = 1.25
_ROOT = Path(__file__).resolve().parent.parent
# What it is learnt from, beside what the compiled code is made from.
_SOURCES = (
    *("simulation/automaton.py", "simulation/programs.py", "simulation/symbols.py"),
    *("cases/calendars.py", "cases/changes.py", "cases/clocks.py", "cases/policy.py"),
    *("cases/replay.py", "cases/statistics.py"),
)


def recall(policy):
    """Return the Automaton of a policy, with what earlier processes have learnt."""
    found = Automaton(policy)
    try:
        with _path(policy).open("rb") as file:
            found.learnt = pickle.load(file)  # noqa: S301  our own, as the compiled code is
    except (OSError, EOFError, pickle.UnpicklingError):
        pass  # none yet
    return found


def keep(automaton, policy):
    """Write what an automaton has learnt, if it is much more than was written or read last."""
    if automaton.edges <= GROWTH * automaton.edges_kept:
        return
    automaton.edges_kept = automaton.edges
    path = _path(policy)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            pickle.dump(automaton.learnt, file, pickle.HIGHEST_PROTOCOL)
        os.replace(file.name, path)  # whole or not at all, whoever else writes
    except OSError:
        pass


@cache
def _sources():
    return b"".join((_ROOT / name).read_bytes() for name in _SOURCES)


def _path(policy):
    rules = (policy.lengths, policy.yellow_after, policy.red_after)
    digest = hashlib.sha256(repr(rules).encode() + _sources()).hexdigest()[:16]
    return Path(folder()) / f"steps-{digest}"

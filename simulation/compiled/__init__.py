"""The engine's compiled half: what runs a year in less than a second.

Only who plays imports it (Numba takes 0.2 s and 60 MB). Everything stands at module level,
so that Numba keeps the compiled code; it is kept per version of the sources, because Numba
itself looks at the one file that a function stands in and not at those it calls.
"""

import hashlib
import os
import shutil
from pathlib import Path

import numba

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent
# What compiled code has in it beside the modules of this folder.
_CONSTANTS = (
    *("simulation/codes.py", "simulation/columns.py", "simulation/draws.py"),
    *("simulation/letters.py", "simulation/stations.py", "simulation/weeks.py"),
    *("cases/fields.py", "cases/transitions.py"),
)


def _version():
    """Return a short hash of all sources that the compiled code is made from."""
    sources = [*sorted(_HERE.glob("*.py")), *(_ROOT / name for name in _CONSTANTS)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    return digest.hexdigest()[:16]


def _keep_compiled_code():
    """Keep compiled code under var/, or where Numba does by itself if that can't be written."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    folder = _ROOT / "var" / "compiled"
    mine = folder / _version()
    try:
        if not mine.is_dir():
            mine.mkdir(parents=True)
            for old in folder.iterdir():
                if old != mine:
                    shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return
    numba.config.CACHE_DIR = str(mine)


_keep_compiled_code()


def folder():
    """Return where what is made from this version of the sources is kept, as text."""
    return numba.config.CACHE_DIR or str(_ROOT / "var" / "compiled" / _version())


def compiled(function):
    """Compile a function that makes no arrays; it is put into its callers whole.

    Counting references to the arrays that it is handed took four fifths of a run's time.
    """
    return numba.njit(cache=True, forceinline=True, _nrt=False, error_model="numpy")(function)


def compiled_whole(function):
    """Compile a function that Python calls, or one too large to be put into its callers."""
    return numba.njit(cache=True, _nrt=False, error_model="numpy")(function)

"""The clock of the site's processes, which the test can step as an operator or NTP does.

A library of thirty lines of C, loaded before all others, adds a number of seconds from a shared
file to what the system's clock says (tests/chaos/clock.c). Nothing of the product knows of it.
The database's own clock goes on unchanged, as on a machine of its own.
"""

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
MISSING = "no C compiler, so no library that steps the clock"


def environment(folder):
    """Return what makes processes see the clock of this folder; empty without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return {}
    library, step = folder / "clock.so", folder / "clock"
    step.write_bytes(bytes(8))
    command = [compiler, "-O2", "-shared", "-fPIC", SOURCE, "-o", library, "-ldl"]
    subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(step)}


def set_to(folder, seconds):
    """Let the clock stand so many seconds ahead of the true one."""
    with open(folder / "clock", "r+b") as file:
        file.write(seconds.to_bytes(8, "little", signed=True))

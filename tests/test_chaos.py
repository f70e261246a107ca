"""The short form of `make chaos`: some faults, real people's requests, and nothing lost."""

import os
import subprocess
import sys
from pathlib import Path

from tests import processes

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 600  # of what hangs: a busy machine may be slow


def test_nothing_is_lost_or_doubled_by_faults_that_really_happen():
    command = [sys.executable, "-m", "tests.chaos", "--short", "--port", str(processes.free_port())]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]

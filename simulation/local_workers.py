"""Worker processes of this machine, started for one run and stopped after it."""

import os
import subprocess
import sys
from contextlib import contextmanager

from celery import current_app


def answering(timeout):
    """Return the names of running workers that take simulation tasks, on any machine.

    timeout: seconds for which their answers are waited for.
    """
    replies = current_app.control.inspect(timeout=timeout).active_queues() or {}
    return [name for name, queues in replies.items() if "simulation" in [q["name"] for q in queues]]


@contextmanager
def chosen(count, say):
    """Have workers for a command; gives what is to be called at each look, to keep them alive.

    count: how many to start here; None takes those that answer, or starts one for each core.
    say: called with a line that tells which.
    """
    if count is None:
        # Asked again and again, since one question waits for its whole time.
        answers = (answering(timeout=1) for _time in range(5))
        names = next(filter(None, answers), None)
        if names:
            say(f"Using {len(names)} running worker(s): {', '.join(names)}")
            yield lambda: None
            return
        count = os.cpu_count() or 1
        say(f"No running worker answered in 5 s: starting {count} here.")
    with LocalWorkers(count) as local:
        yield local.keep_alive


class LocalWorkers:
    """N single-process workers for the simulation queue; use as a context manager.

    keep_alive() starts a new one in place of one that died, at most `spares` times.
    """

    def __init__(self, count, spares=3):
        self.count, self.spares, self.started, self.processes = count, spares, 0, []

    def __enter__(self):
        self.processes = [self._start() for _number in range(self.count)]
        return self

    def __exit__(self, *error):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def keep_alive(self):
        """Replace workers that have died; return how many that were.

        Raises: ChildProcessError if none is left alive.
        """
        dead = [process for process in self.processes if process.poll() is not None]
        for process in dead[: self.spares]:
            self.spares -= 1
            self.processes.remove(process)
            self.processes.append(self._start())
        if all(process.poll() is not None for process in self.processes):
            raise ChildProcessError("all its workers died, and so did those in their place")
        return len(dead)

    def _start(self):
        self.started += 1
        # Run as root, Celery warns about it at length; what matters still comes on stderr.
        python = [sys.executable, "-W", "ignore:::celery.platforms"]
        command = [*python, "-m", "celery", "-q", "-A", current_app.main, "worker"]
        options = ["-Q", "simulation", "-P", "solo", "-l", "warning", "-n"]
        name = f"run-{self.started}@%h-{id(self)}"
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        return subprocess.Popen(
            [*command, *options, name, *quiet], start_new_session=True, stdout=subprocess.DEVNULL
        )

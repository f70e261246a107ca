"""Somebody who does a thing over and over beside everything else."""

import threading
from contextlib import contextmanager


@contextmanager
def beside(work, *given, patience=None):
    """Run work(*given, stop) in a thread beside the block; stop is an Event, set at the block's end.

    patience: seconds for which the work's end is waited for then; None for as long as it takes.
    """
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(*given, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(patience)

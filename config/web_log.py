"""What gunicorn itself writes: nothing of who asked for what.

Its own lines quote what they complain of, a malformed request with the address it came from, and its
log of accesses would hold the words that an officer puts into the address of a list.
"""

import sys

from gunicorn.glogging import Logger

from config.logs import Line


class WebLog(Logger):
    """gunicorn's log with our lines, and without a log of accesses."""

    access_log_enabled = False

    def _set_handler(self, log, output, fmt, stream=None):
        super()._set_handler(log, output, Line(fmt._fmt, fmt.datefmt), stream)

    def warning(self, msg, *args, **kwargs):
        """Write a warning; of what was caught its type alone, since its words are a stranger's."""
        caught = sys.exc_info()[0]
        if caught:
            msg, args = "a request was refused: %s", (caught.__name__,)
        super().warning(msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        """Write where an exception came from, and its type; gunicorn would name the address asked for."""
        super().exception("a request broke off")

    def access(self, resp, req, environ, request_time):
        """Write nothing."""

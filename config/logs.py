"""Lines of the log: each with the number of its request, and none with anything of a person.

The number stands on every error page, to be quoted on the telephone. Messages of exceptions may
quote what was typed (a database's DETAIL, an address that a mail server refused), so a traceback is
its places and types alone; addresses of pages are named by their pattern.
"""

import logging
import traceback
from collections.abc import Mapping

from cases.request_number import number


class Line(logging.Formatter):
    """A formatter that leaves out whatever somebody may have typed."""

    def format(self, record):
        """Return the line or lines of a record."""
        record = logging.makeLogRecord(record.__dict__)
        record.number, record.exc_text = number.get(), None
        if isinstance(record.args, Mapping) and "exc" in record.args:  # of Celery's tasks
            record.args = {**record.args, "exc": _type_of(record.exc_info)}
        elif hasattr(record, "request"):
            # Django writes that line when the request has passed, and its number with it.
            record.number = getattr(record.request, "number", record.number)
            _name_page_by_pattern(record)
        return super().format(record)

    def formatException(self, info):
        """Return where an exception came from and of which types it and its causes are."""
        chain = traceback.TracebackException(*info, lookup_lines=False)
        lines = [f"  at {frame.filename}:{frame.lineno} {frame.name}" for frame in chain.stack]
        types = []
        while chain is not None:
            types.append(chain.exc_type.__name__ if chain.exc_type else "?")
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
        return "\n".join([*lines, "  " + " from ".join(types)])


def _type_of(info):
    return info[0].__name__ if info and info[0] else "an exception"


def _name_page_by_pattern(record):
    request, match = record.request, getattr(record.request, "resolver_match", None)
    page = match.route or "/" if match else "no page of ours"
    if record.name.startswith("django.security.") and record.exc_info:
        record.msg, record.args = f"{_type_of(record.exc_info)}: %s", (page,)
    elif record.name == "django.security.csrf":  # after a dash it quotes the header that is wrong
        record.args = (str(record.args[0]).partition(" - ")[0], page)
    elif isinstance(record.args, tuple):
        path = getattr(request, "path", "")
        forms = (path, path.encode("unicode_escape").decode("ascii"))  # as Django escapes it
        record.args = tuple(page if argument in forms else argument for argument in record.args)

"""A process of the site that would serve unsafely does not start, and says why."""

import logging

from django.core.checks import ERROR, run_checks
from django.db import connections

from config.checks import START

log = logging.getLogger(__name__)
# Gunicorn ends with a worker that ends so, and starts another in place of any other.
BOOT_ERROR = 3


def refuse_unsafe(also=()):
    """Log what the checks find, and end the process if one of them is an error.

    also: more checks, that not every process asks. Raises: SystemExit.
    """
    found = run_checks(tags=[START], databases=["default"])
    found += [message for check in also for message in check()]
    connections.close_all()  # this thread answers no request
    for message in found:
        log.log(message.level, "%s", message)
    if any(message.level >= ERROR for message in found):
        raise SystemExit(BOOT_ERROR)

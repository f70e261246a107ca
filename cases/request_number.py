"""The number of the request that is being answered: on its error page, and in its lines of the log."""

from contextvars import ContextVar

from cases.receipts import grouped

number = ContextVar("number", default="-")


def new() -> str:
    """Return a number for one request, such as K7M2-9QXD; 852,891,037,441 are possible."""
    return grouped(8)

"""The page of what went wrong on our side; while the database is away, that it soon comes back.

Nothing here may ask the database: it is what has failed.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseServerError
from django.template import loader
from psycopg.errors import ReadOnlySqlTransaction

from mailbox import display

RETRY_SECONDS = 20
_AWAY = (OperationalError, InterfaceError, ReadOnlySqlTransaction)


def server_error(request):
    """Answer 500, or 503 while the database is away, with all that was typed to be sent again."""
    if _is_away(sys.exc_info()[1]):
        return _away(request)
    return HttpResponseServerError(loader.render_to_string("500.html", display.context(request)))


def bad_request(request, exception):
    """Answer 400, but 503 where it was no fault of the reader's.

    Django takes a session that it cannot keep, for whatever reason, for one that was deleted.
    """
    if _is_away(exception):
        return _away(request)
    return HttpResponseBadRequest(loader.render_to_string("400.html", display.context(request)))


def _is_away(error):
    """Tell whether an error is, or came of, a database that is gone or takes nothing new."""
    while error is not None and not isinstance(error, _AWAY):
        error = error.__cause__ or error.__context__
    return error is not None


def _away(request):
    context = display.context(request)
    context |= {"action": request.get_full_path(), "posted": request.method == "POST"}
    context["typed"], context["has_files"] = _typed(request)
    page = loader.render_to_string("503.html", context)
    headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(page, status=503, headers=headers)


def _typed(request):
    """Return ([(name, value)] of what was sent, but for passwords; whether files came with it)."""
    try:
        sent, files = request.POST.lists(), bool(request.FILES)
    except Exception:  # the connection broke off, or it was read already
        return [], False
    return [(name, one) for name, some in sent for one in some if "password" not in name], files

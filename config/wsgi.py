"""The web application, for gunicorn or any other WSGI server."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Request(WSGIRequest):
    """A request that is read as UTF-8, which all our pages send, whatever its header says.

    Django takes each codec of Python's for an encoding, hex too, and falls over it before any
    middleware, and so without a page of ours, is asked.
    """

    def _set_content_type_params(self, meta):
        said = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        self.content_type, self.content_params = said


application = get_wsgi_application()
application.request_class = Request

from config import starting  # noqa: E402  (its checks read what has been set up)

starting.refuse_unsafe()

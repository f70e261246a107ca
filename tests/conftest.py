"""What every test stands on: real services, and (below) the people and letters of the tests."""

import atexit
import contextlib
import os
import tempfile
from urllib.parse import urlsplit

import django

from config import services

# Before Django reads its settings. Tests use a database of their own (test_…, made by
# pytest-django), the last of Redis's numbered databases, and a folder for files of their own:
# what `make demo` holds is never touched.
_session = contextlib.ExitStack()
atexit.register(_session.close)
_session.enter_context(services.running())
os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path="/15").geturl()
os.environ["MEDIA_ROOT"] = _session.enter_context(tempfile.TemporaryDirectory())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

"""Static files under names that hold a hash of their content, for browsers to keep; sent compressed.

They are served from where they lie: there is no step that collects them.
"""

import gzip
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

_HASHED = re.compile(r"^(.+)\.([0-9a-f]{12})(\.[^./]+)$")
_SHRINKS = ("text/", "image/svg+xml")


@cache
def hashed(name):
    """Return a static file's name with its hash: a/b.css is a/b.0123456789ab.css; an absent one's as it is."""
    found, path = finders.find(name), PurePosixPath(name)
    if not found or not path.suffix:
        return name
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
    return str(path.with_suffix(f".{digest}{path.suffix}"))


class Storage(StaticFilesStorage):
    """Gives pages the names with a hash, but while the files are being worked on."""

    def url(self, name):
        """Return the address of a static file."""
        return super().url(name if settings.DEBUG else hashed(name))


class HashedNames(BaseFinder):
    """Finds the files that the other finders have, under their names with a hash."""

    def check(self, **kwargs):
        """There is nothing that could be set wrongly."""
        return []

    def find(self, path, find_all=False, **kwargs):
        """Return the file of a name that holds its hash, or [], as Django's finders do."""
        parts = _HASHED.match(path)
        plain = parts and parts[1] + parts[3]
        if not plain or hashed(plain) != path:
            return []
        return [finders.find(plain)] if find_all else finders.find(plain)

    def list(self, ignore_patterns):
        """Yield each name with this finder, which knows where the file is."""
        if settings.DEBUG:
            return
        for finder in finders.get_finders():
            if not isinstance(finder, HashedNames):
                for name, _storage in finder.list(ignore_patterns):
                    if hashed(name) != name:
                        yield hashed(name), self

    def path(self, name):
        """Return where the file of a name that list gave lies, as a storage does."""
        return self.find(name)


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, which sends compressed what it finds compressed on disk; here nothing needs to be."""

    @staticmethod
    def serve(static_file, request):
        """Answer with a file, compressed where it becomes smaller and the browser reads that."""
        response = WhiteNoiseMiddleware.serve(static_file, request)
        if not response.get("Content-Type", "").startswith(_SHRINKS):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        asked = request.META.get("HTTP_ACCEPT_ENCODING", "")
        if response.status_code != 200 or request.method != "GET" or "gzip" not in asked:
            return response
        file = Path(response.file_to_stream.name)
        response.file_to_stream.close()  # closing the response would end the request
        packed = HttpResponse(_packed(file, response["ETag"]), headers=dict(response.headers))
        packed["Content-Encoding"] = "gzip"
        packed["Content-Length"] = str(len(packed.content))
        return packed


@lru_cache(maxsize=512)
def _packed(file, etag):
    """Return a file compressed, once a process."""
    return gzip.compress(file.read_bytes(), mtime=0)

"""`make audit`: pip-audit over every locked version, also where PyPI answers for projects alone.

Run as a file by an environment that has pip-audit and nothing of ours, so it imports nothing of ours.
"""

import sys
from datetime import date, timedelta
from http import HTTPStatus

from pip_audit import _cli
from pip_audit._service import pypi

# Not the newest of their projects, and looked up by a person in what those say of themselves
# (docs/security.md). An older look is none: a fault may have become known since.
LOOKED_UP_ON, GOOD_FOR = date(2026, 11, 26), timedelta(days=30)
LOOKED_UP = (
    *("django 5.2.19", "networkx 3.6.1", "numpy 2.4.6", "packaging 26.3"),
    "python-dateutil 2.9.0.post0",
)

_open_session = pypi.caching_session


class _Pages:
    """pip-audit's session; a version without a page of its own is read from its project's, if it is the newest."""

    def __init__(self, cache_dir):
        self._session = _open_session(cache_dir)
        self.unanswered = {}

    def get(self, url, **options):
        """Return the answer that tells the advisories of the version at `url`, else the refusal."""
        answer = self._session.get(url, **options)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            return answer
        project, version, _ = url.rsplit("/", 2)
        page = self._session.get(f"{project}/json", **options)
        if page.ok and page.json()["info"]["version"] == version:
            return page
        newest = page.json()["info"]["version"] if page.ok else "unknown"
        self.unanswered[f"{project.rsplit('/', 1)[1]} {version}"] = newest
        return answer


def main():
    """Let pip-audit do its work on the words of the command line; a version that nobody answers for fails it."""
    sessions = []

    def opened(cache_dir):
        sessions.append(_Pages(cache_dir))
        return sessions[-1]

    pypi.caching_session = opened
    try:
        _cli.audit()
    finally:
        _judge({one: new for session in sessions for one, new in session.unanswered.items()})


def _judge(unanswered):
    """Say what nobody answered for; it fails but for what was looked up by hand, and not long ago."""
    is_fresh = date.today() <= LOOKED_UP_ON + GOOD_FOR
    for version, newest in unanswered.items():
        known = version in LOOKED_UP and is_fresh
        said = f"looked up by hand on {LOOKED_UP_ON}" if known else "NOT AUDITED"
        print(f"{version} (newest: {newest}): no answer; {said}", file=sys.stderr)
    if unanswered and not (is_fresh and unanswered.keys() <= set(LOOKED_UP)):
        sys.exit(1)


if __name__ == "__main__":
    main()

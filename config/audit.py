"""`make audit`: pip-audit over every locked version, also where PyPI answers for projects alone.

Run as a file by an environment that has pip-audit and nothing of ours, so it imports nothing of ours.
"""

import sys
from http import HTTPStatus

from pip_audit import _cli
from pip_audit._service import pypi

_open_session = pypi.caching_session


class _Pages:
    """pip-audit's session; a version without a page of its own is read from its project's, if it is the newest."""

    def __init__(self, cache_dir):
        self._session = _open_session(cache_dir)
        self.unanswered = []

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
        self.unanswered.append(f"{project.rsplit('/', 1)[1]} {version} (newest: {newest})")
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
        unanswered = [version for session in sessions for version in session.unanswered]
        if unanswered:
            sys.exit("No answer, so not audited:\n  " + "\n  ".join(unanswered))


if __name__ == "__main__":
    main()

"""What an officer needs to open a page, said once where the page is declared.

The page asks it, docs/rights.md is written from it, and tests try it for every role.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cases import access


@dataclass(frozen=True)
class Need:
    """A test of an officer, and how the table of rights says it."""

    words: str
    may: Callable


def having(*permissions):
    """Return the need of one of these permissions of the workflow."""
    words = " or ".join(f"`{name}`" for name in permissions)
    return Need(words, lambda user: any(user.has_perm(f"cases.{name}") for name in permissions))


def every(*needs):
    """Return the need of all of these."""
    words = ", ".join(need.words for need in needs)
    return Need(words, lambda user: all(need.may(user) for need in needs))


def _sees_rosters(user):
    return bool(user.unit) and (access.reads_letters(user) or user.has_perm("cases.change_unit"))


SIGNED_IN = Need("being signed in", lambda user: True)
READS = Need("reading letters", access.reads_letters)
OF_A_UNIT = Need("belonging to a unit", lambda user: bool(user.unit_id))
TRIAGES = having("triage_case", "dispatch_case")
SETTLES = every(having("triage_case"), having("reveal_identity"))
ROSTERS = Need("reading letters, or `change_unit`", _sees_rosters)


def declare(page, methods, needs, posts=None):
    """Write on a page's view what it needs, and what its POST needs besides; return the view."""
    page.methods, page.needs = methods, needs
    page.posts = every(needs, posts) if posts else needs
    return page


def allows(page, request):
    """Return whether a declared page is for the officer who asks."""
    needs = page.posts if request.method == "POST" else page.needs
    return needs.may(request.user)

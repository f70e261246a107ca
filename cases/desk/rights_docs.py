"""docs/rights.md, written from the table of rights and the roles."""

from types import SimpleNamespace

from cases import units
from cases.desk import rights_table

HEAD = """# Who opens which page

Written by `manage.py workflow_docs` from what each page declares (`cases/desk/rights.py`) and from
the roles of `cases/data/roles.json`; edit those, not this. `tests/test_rights.py` tries every page
with every role. An administrator may give a role other rights; then pages follow the rights.

● opens, and may be posted to · ○ opens only · blank: looks as if it were not there (in the stock
admin: forbidden). “Needs” is of the page; what it shows is narrowed further: letters to those of the
officer's unit, those below it and its own mailbox, less what recusal and accusation hide; a step to
the right of its row in [workflow.md](workflow.md); views, batches and practice worlds to one's own.
“Reading letters” is belonging to a unit and having any right that deals with letters. Before
signing in nothing opens but the door (`/admin/login/` and its steps).
"""
PARTS = (("desk/", "Desk"), ("simulation/", "Simulation"), ("admin/", "Administration"))


def render():
    """Return the page, in Markdown."""
    pages = [page for page in rights_table.pages() if page.needs is not rights_table.ANYONE]
    pages = [page for page in pages if page.name not in ("admin:", "admin:logout")]
    parts = [HEAD]
    for start, title in PARTS:
        parts.append(f"## {title}\n")
        parts.append(_table([page for page in pages if page.route.startswith(start)]))
    return "\n".join(parts)


def _table(pages):
    roles = units.roles()
    officers = [_officer(role) for role in roles]
    lines = [_row("page", "needs", *(role["name_en"] for role in roles))]
    lines.append(_row("---", "---", *[":-:"] * len(roles)))
    for page in pages:
        marks = [_mark(page, officer) for officer in officers]
        lines.append(_row(f"`/{_plain(page.route)}`", _words(page), *marks))
    return "\n".join([*lines, ""])


def _officer(role):
    """Return as much of an officer in a role as a need asks for."""
    names = {f"cases.{name}" for name in role["permissions"]}
    return SimpleNamespace(
        unit=True, unit_id=1, is_active=True, is_superuser=False, has_perm=names.__contains__
    )


def _mark(page, officer):
    if not page.needs.may(officer):
        return ""
    if "POST" in page.methods and page.posts.may(officer):
        return "●"
    return "○" if "GET" in page.methods else ""


def _words(page):
    if page.posts.words == page.needs.words:
        return page.needs.words
    return f"{page.needs.words}; to post: {page.posts.words.removeprefix(f'{page.needs.words}, ')}"


def _plain(route):
    return route.replace("str:", "").replace("int:", "").replace("slug:", "").replace("path:", "")


def _row(*cells):
    return f"| {' | '.join(cells)} |"

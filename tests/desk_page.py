"""The officers' page of one letter, as the tests open it and post to it."""

from cases.models import Case
from cases.transitions import BY_OFFICER, START, TRANSITIONS

CITY, HANDLER = "440300", "440304"
OFFICERS_ROWS = [
    r for r in TRANSITIONS.values() if BY_OFFICER in r.roles and START not in r.sources
]


def address(case, place=""):
    return f"/desk/{case.letter.receipt}/{place}"


def page(client, user, case):
    client.force_login(user)
    answer = client.get(address(case))
    assert answer.status_code == 200
    return answer


def offered(answer):
    """Return the actions that a page offers, the next step first."""
    return [form.row.action for group in answer.context["steps"].values() for form in group]


def look_for(client, typed, **filters):
    """Return the list of letters as its form leads to it, with these words typed."""
    return client.post("/desk/", {"scope": "all", "q": typed, **filters}, follow=True)


def words_address(client, typed, **filters):
    """Return the address of the list with these words typed, without the path."""
    return client.post("/desk/", {"scope": "all", "q": typed, **filters}).url.removeprefix("/desk/")


def take(client, case, action, seen=None, **typed):
    """Post one step as the page does."""
    seen = Case.objects.get(pk=case.pk).seq if seen is None else seen
    return client.post(address(case, f"{action}/"), {"seen": seen, **typed})

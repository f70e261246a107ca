"""Every officers' page before axe-core: nothing found wrong, nothing wider than the screen or in the console.

The pages are taken from the addresses themselves, so that a new one is visited without being
named here. One whose address needs something new says so: give it in EXAMPLES.
"""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from cases import anchors, units, worlds
from cases.desk.urls import urlpatterns
from cases.models import Officer
from cases.transitions import State
from tests.browser import listened, violations
from tests.people import build_officer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What stands for each part of an address. None: such addresses are no pages of their own.
EXAMPLES = {
    "receipt": lambda letters: letters[0],
    "other": lambda letters: letters[1],
    "action": None,
    "number": None,
    "pk": None,
    "month": lambda letters: f"{worlds.now():%Y-%m}",
}
LOOKS = [
    pytest.param({"width": 1280, "height": 900}, "light", id="wide"),
    pytest.param({"width": 390, "height": 844}, "dark", id="narrow-dark"),
]


def addresses(letters):
    """Return the addresses of the desk that can be asked for; fails for one that is not known."""
    found = []
    for pattern in urlpatterns:
        names = list(pattern.pattern.converters)
        unknown = [name for name in names if name not in EXAMPLES]
        assert not unknown, f"{pattern.pattern}: say in EXAMPLES what stands for {unknown}"
        if pattern.name and all(EXAMPLES[name] for name in names):  # without one it only leads on
            values = {name: EXAMPLES[name](letters) for name in names}
            found.append(reverse(f"desk:{pattern.name}", kwargs=values))
    return found


def pages(client, candidates):
    """Return those of the addresses that answer this client with a page of their own."""
    found = []
    for address in candidates:
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(address)
    return found


@contextmanager
def signed_in(browser, live_server, client, **options):
    """A page of the browser that has the client's session and fails for anything said in the console."""
    session = live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value
    with listened(browser, session=session, locale="zh-CN", **options) as page:
        yield page


@pytest.fixture
def letters(cast):
    """Receipts of letters in several states, late, merged, and with a long history."""
    now = worlds.now()
    late = cast.make_case(State.IN_HAND, at=now - timedelta(days=9), emergency=True)
    cast.step(late.pk, "note", text="已联系商户。")
    made = [late, cast.make_case(State.RECEIVED, at=now - timedelta(minutes=20))]
    states = (State.IN_REVIEW, State.CLOSED, State.MERGED, State.DECLINED, State.AWAITING_CITIZEN)
    made += [cast.make_case(state, at=now - timedelta(hours=1)) for state in states]
    anchors.make_if_due(now)
    return [case.letter.receipt for case in made]


@pytest.mark.parametrize(("viewport", "theme"), LOOKS)
def test_axe_finds_nothing_on_any_page_and_each_fits_the_screen(
    browser, live_server, client, cast, letters, viewport, theme
):
    client.force_login(cast.writer)
    visited = pages(client, addresses(letters))
    visited += [f"/desk/{receipt}/" for receipt in letters[1:]]
    visited += ["/desk/?scope=all", "/desk/?q=nothing-like-it", f"/desk/triage/{letters[1]}/"]
    assert len(visited) > 10
    found = {}
    look = {"viewport": viewport, "color_scheme": theme}
    with signed_in(browser, live_server, client, **look) as page:
        for address in visited:
            page.goto(live_server.url + address)
            found[address] = violations(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[address].append("wider than the screen")
    wrong = [f"{address}: {line}" for address, lines in found.items() for line in lines]
    assert not wrong, "\n".join(wrong)


def test_axe_finds_nothing_on_the_desk_of_any_role(browser, live_server, client, letters):
    found = {}
    for role in units.roles():
        officer = build_officer(unit="440300")
        officer.groups.add(Group.objects.get(name=role["name"]))
        client.force_login(Officer.objects.get(pk=officer.pk))
        with signed_in(browser, live_server, client) as page:
            for address in pages(client, ["/desk/", "/desk/?scope=all", f"/desk/{letters[0]}/"]):
                page.goto(live_server.url + address)
                found[role["code"], address] = violations(page)
    wrong = [f"{place}: {line}" for place, lines in found.items() for line in lines]
    assert not wrong, "\n".join(wrong)
    assert len(found) > 2 * len(units.roles())


def test_axe_sees_a_fault_and_none_where_officers_sign_in(browser, live_server):
    page = browser.new_page()
    page.goto(f"{live_server.url}/admin/login/")
    assert violations(page) == []
    page.evaluate("document.querySelector('label').remove()")
    assert any(line.startswith("label") for line in violations(page))
    page.close()

"""A page stays open while its officer goes into another world, or is signed out: it does nothing there."""

import re

import pytest

from cases import worlds
from cases.models import Batch, Case, Event, World
from cases.transitions import State
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db
RIGHTS = (
    "triage_case",
    "dispatch_case",
    "handle_case",
    "note_case",
    "hand_over_case",
    "reveal_identity",
    "view_statistics",
    "run_simulation",
)
PAGES = ("", "?scope=all", "triage/", "hand-over/", "own-data/", "views/", "bulk/", "mentions/")


@pytest.fixture
def officer(client, make_officer):
    make_run(1, letters=2)
    officer = make_officer(*RIGHTS, unit="440300")
    client.force_login(officer)
    return officer


def marks(text):
    """Return the marks of a page's forms that are sent by POST."""
    forms = re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)
    own = [form for form in forms if "csrfmiddlewaretoken" in form]
    return [re.findall(r'name="in_world" value="([^"]*)"', form) for form in own]


def enter(client):
    client.post("/desk/world/enter/", {"schema": "run_1"})


def test_each_form_of_officers_says_in_which_world_its_page_was_made(client, cast, officer):
    case = cast.make_case(State.IN_HAND)
    places = [f"/desk/{page}" for page in PAGES]
    for place in (*places, f"/desk/{case.letter.receipt}/", "/admin/"):
        found = marks(client.get(place, follow=True).text)
        assert found and all(mark == ["live"] for mark in found), place
    enter(client)
    for place in (*places, "/admin/"):
        found = marks(client.get(place, follow=True).text)
        assert found and all(mark == ["run_1"] for mark in found), place
    for place in ("/desk/practice/", "/simulation/"):  # which are in no world
        assert not any(marks(client.get(place).text)), place


def test_page_of_another_world_does_nothing_here(client, cast, officer, make_officer):
    """Officers, and the keys of rows, are the same in all worlds: these forms would fit here too."""
    case = cast.make_case(State.IN_HAND)
    giver, taker = (make_officer("handle_case", unit=case.unit.code) for _one in range(2))
    cast.step(case.pk, "assign", officer=giver)
    every = {"which": "all", "address": "?scope=all", "action": "note", "said": "1", "text": "看过"}
    forms = (
        ("/desk/hand-over/", {"giver": giver.pk, "taker": taker.pk}),
        ("/desk/bulk/", every),
        (f"/desk/{case.letter.receipt}/note/", {"text": "看过", "seen": case.seq + 1}),
        ("/desk/own-data/", {"request": "1", "decision": "granted"}),
        (f"/admin/cases/case/{case.pk}/change/", {}),
    )
    before = Event.objects.count()
    for place, said in forms:
        answer = client.post(place, {**said, "in_world": "run_1"}, follow=True)
        assert answer.redirect_chain == [("/desk/", 302)], place
        assert "没有办理" in answer.text
    assert (Event.objects.count(), Batch.objects.count()) == (before, 0)
    for place, said in forms[1:3]:
        assert client.post(place, {**said, "in_world": "live"}).status_code == 302, place
    assert (Event.objects.count(), Batch.objects.count()) == (before + 1, 1)


def test_page_of_live_letters_does_nothing_in_a_world(client, officer):
    enter(client)
    with worlds.enter(_world()):
        receipt = Case.objects.select_related("letter").first().letter.receipt
    place, said = f"/desk/{receipt}/note/", {"text": "看过", "seen": "1"}
    assert client.post(place, {**said, "in_world": "live"}).url == "/desk/"
    assert client.post(place, {**said, "in_world": "run_2"}).url == "/desk/"
    assert client.post(place, {**said, "in_world": "run_1"}).url == f"/desk/{receipt}/"
    with worlds.enter(_world()):
        assert Event.objects.filter(action="note").count() == 1


def _world():
    return World.objects.get(schema="run_1")

"""What a writer adds is seen in the list of whoever handles it, until an officer takes a step; merged letters too."""

import pytest
from django.test import Client

from cases import actors, worlds
from cases.transitions import State
from cases.workflow import perform
from tests.people import build_officer

pytestmark = pytest.mark.django_db
BADGE = "来信人有补充"


@pytest.fixture
def handler():
    """A handler of the district, signed in."""
    client = Client()
    client.force_login(build_officer("handle_case", "note_case", unit="440304"))
    return client


def add(case):
    at = worlds.now()
    perform(case.pk, "add", actor=actors.citizen(case.pk), at=at, text="昨晚又坏了。")


def seen(client, case):
    return BADGE in client.get("/desk/?scope=all").text, BADGE in page(client, case).text


def page(client, case):
    return client.get(f"/desk/{case.letter.receipt}/")


def test_addition_is_marked_until_an_officer_takes_a_step(handler, cast):
    case, other = cast.make_case(State.IN_HAND), cast.make_case(State.IN_HAND)
    assert seen(handler, case) == (False, False)
    add(case)
    assert seen(handler, case) == (True, True) and BADGE not in page(handler, other).text
    cast.step(case.pk, "note", at=worlds.now(), text="已看。")
    assert seen(handler, case) == (False, False)


def test_letter_whose_writer_calls_it_not_solved_says_so_until_it_is_reopened(handler, cast):
    case = cast.make_case(State.REPLIED)
    said = {"actor": actors.citizen(case.pk), "at": worlds.now()}
    perform(case.pk, "rate", satisfied=True, solved=False, **said)
    badge = "来信人称未解决"
    assert badge in handler.get("/desk/?scope=all").text and badge in page(handler, case).text
    perform(case.pk, "reopen", text="还是坏的。", **said)
    assert badge not in handler.get("/desk/?scope=all").text


def test_addition_to_a_merged_letter_is_marked_on_the_main_one(handler, cast):
    main, inside = cast.make_case(State.IN_HAND), cast.make_case()
    cast.merge_into(main, inside)
    add(inside)
    assert seen(handler, main) == (True, True)
    at = worlds.now()
    perform(inside.pk, "withdraw", actor=actors.citizen(inside.pk), at=at)
    assert seen(handler, main) == (False, False)


def test_answer_that_was_asked_for_is_marked_and_none_on_what_is_done(handler, cast):
    case = cast.make_case(State.AWAITING_CITIZEN)
    at = worlds.now()
    perform(case.pk, "supply", actor=actors.citizen(case.pk), at=at, text="在北门。")
    assert seen(handler, case) == (True, True)
    perform(case.pk, "withdraw", actor=actors.citizen(case.pk), at=at)
    assert BADGE not in page(handler, case).text

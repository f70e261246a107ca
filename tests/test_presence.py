"""Who else has a letter open: seen by others, forgotten soon, and apart in each world."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from cases import presence, worlds
from cases.models import Presence
from cases.transitions import State
from tests.desk_page import address, page
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db


def here(client, user, case, **data):
    client.force_login(user)
    return client.post(address(case, "presence/"), {"seen": case.seq, **data})


def test_others_are_named_and_oneself_is_not(client, cast):
    case = cast.make_case()
    assert here(client, cast.writer, case).json() == {"who": "", "news": ""}
    assert here(client, cast.reviewer, case).json()["who"] == f"{cast.writer}正在看这封信。"
    assert f"{cast.writer}正在看这封信" in page(client, cast.reviewer, case).content.decode()


def test_who_leaves_is_gone_at_once(client, cast):
    case = cast.make_case()
    here(client, cast.writer, case)
    here(client, cast.writer, case, leave="1")
    assert here(client, cast.reviewer, case).json()["who"] == ""


def test_who_says_nothing_is_forgotten(client, cast):
    case = cast.make_case()
    here(client, cast.writer, case)
    Presence.objects.update(at=Now() - timedelta(minutes=2))
    assert presence.others(cast.reviewer, case) == []
    here(client, cast.writer, cast.make_case())
    assert Presence.objects.count() == 1


def test_two_pages_of_one_officer_are_one_presence(client, cast):
    case = cast.make_case()
    here(client, cast.writer, case)
    here(client, cast.writer, case)
    assert Presence.objects.count() == 1


def test_what_the_other_did_is_told(client, cast):
    case = cast.make_case()
    cast.step(case.pk, "accept")
    news = here(client, cast.reviewer, case).json()["news"]
    assert f"{cast.writer}“受理”" in news and "09:00" in news


def test_what_the_program_or_the_writer_did_names_nobody(client, cast):
    case = cast.make_case(State.AWAITING_CITIZEN)
    cast.step(case.pk, "supply", text="在福田区某路口")
    assert "“补充情况”" in here(client, cast.reviewer, case).json()["news"]


def test_reading_a_page_changes_nothing(client, cast):
    page(client, cast.writer, cast.make_case())
    assert not Presence.objects.exists()


def test_hidden_letter_is_absent(client, cast, make_officer):
    stranger = make_officer("triage_case", unit="440100")
    assert here(client, stranger, cast.make_case()).status_code == 404
    assert not Presence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_letters_of_a_world_have_presences_of_their_own(cast):
    case = cast.make_case()
    with worlds.enter(make_run(1, letters=1)):
        presence.arrive(cast.writer, case)
        assert presence.others(cast.reviewer, case) == [cast.writer]
    assert presence.others(cast.reviewer, case) == []

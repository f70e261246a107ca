"""Counts of a page that stays open: what waits for me, what the list holds, and what has come."""

from datetime import timedelta

import pytest
from django.utils.http import urlencode

from cases import actors, worlds
from cases.desk import clock_words, counts, filters
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Counts that other pages add are theirs to test."""
    monkeypatch.setattr(counts, "MORE", [])


CITY, HANDLER = "440300", "440304"


def asked(client, query="", since=None):
    """Return what the counts of a page answer; since: when the page was made."""
    values = {"since": since.isoformat()} if since else {}
    answer = client.get(f"/desk/counts/?{query}&{urlencode(values)}")
    assert answer.status_code == 200
    return answer.json()


def test_counts_are_those_of_the_list(client, cast):
    states = (State.RECEIVED, State.RECEIVED, State.IN_HAND, State.IN_REVIEW, State.CLOSED)
    for state in states:
        cast.make_case(state, at=worlds.now())
    cast.make_case(State.RECEIVED, at=worlds.now() - timedelta(hours=1))
    client.force_login(cast.writer)
    assert asked(client)["waiting"] == str(len(client.get("/desk/").context["rows"]))
    found = asked(client, "scope=all", since=worlds.now())["list"]
    assert found == {"late": "1", "received": "3", "in_hand": "1", "in_review": "1"}
    found = asked(client, "scope=all&kind=report", since=worlds.now())["list"]
    assert found == {}


@pytest.mark.parametrize("scope", ["waiting", "mine", "unit", "all"])
def test_each_state_counted_is_as_long_as_its_list(client, cast, scope):
    for state in State:
        cast.make_case(state, at=worlds.now() - timedelta(hours=2))
    client.force_login(cast.writer)
    for code, count in asked(client, f"scope={scope}", since=worlds.now())["list"].items():
        narrowed = "colour=red" if code == "late" else f"state={code}"
        rows = client.get(f"/desk/?scope={scope}&{narrowed}").context["rows"]
        assert len(rows) == int(count), code


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1000, "1000"), (1001, "1000+")])
def test_a_thousand_is_as_good_as_more(count, words):
    assert counts.in_words(count) == words


def test_counting_stops(client, cast, monkeypatch):
    for _time in range(5):
        cast.make_case(at=worlds.now())
    monkeypatch.setattr(counts, "CAP", 3)
    client.force_login(cast.writer)
    answer = asked(client, "scope=all", since=worlds.now())
    assert (answer["waiting"], answer["list"]) == ("3+", {"received": "3+"})


def test_what_others_bring_is_new_and_what_i_do_is_not(client, cast, make_officer):
    since = worlds.now()
    case = cast.make_case(at=since - timedelta(minutes=5))
    mine = make_officer("handle_case", "dispatch_case", unit=CITY)
    handler = make_officer("handle_case", unit=HANDLER)
    client.force_login(handler)
    assert asked(client, since=since)["new"] == "0"
    later = since + timedelta(minutes=1)
    for action, fields in (("accept", {}), ("dispatch", {"unit": HANDLER})):
        cast.step(case.pk, action, at=later, **fields)
    assert asked(client, since=since)["new"] == "1"
    assert asked(client, since=later)["new"] == "0"
    perform(case.pk, "sign", actor=actors.officer(handler), at=later + timedelta(minutes=1))
    assert asked(client, since=later)["new"] == "0"
    client.force_login(mine)
    assert asked(client, "scope=all", since=later)["new"] == "1"


def test_note_brings_no_letter(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    since = worlds.now()
    cast.step(case.pk, "note", at=since + timedelta(minutes=1), text="已打电话。")
    client.force_login(make_officer("handle_case", unit=HANDLER))
    assert asked(client, since=since)["new"] == "0"


@pytest.mark.parametrize(
    "since", ["", "yesterday", "2026-03-02T09:00:00", "\0", "9" * 500, "2026-03-02T09:00+99:99"]
)
def test_odd_moments_count_nothing_new(client, cast, since):
    client.force_login(cast.writer)
    answer = client.get("/desk/counts/", {"since": since})
    assert answer.json() == {"waiting": "0"}


def test_officer_who_reads_no_letters_counts_none(client, make_case, make_officer):
    make_case(at=worlds.now())
    client.force_login(make_officer("view_statistics"))
    answer = asked(client, "scope=all", since=MORNING)
    assert answer == {"waiting": "0", "list": {}, "new": "0"}


def test_other_pages_add_their_own(client, cast, monkeypatch):
    monkeypatch.setattr(counts, "MORE", [("duty", lambda user, at: str(user))])
    client.force_login(cast.writer)
    assert asked(client)["duty"] == str(cast.writer)


def test_counts_in_a_run_are_of_the_run(client, make_officer):
    make_run(1, letters=3)
    client.force_login(make_officer("triage_case", "run_simulation", unit=CITY))
    assert asked(client)["waiting"] == "0"
    client.post("/desk/world/enter/", {"schema": "run_1"})
    assert asked(client)["waiting"] == "3"


# -- the clock: what is left, in working time too ----------------------------------------------


@pytest.mark.parametrize(
    ("state", "due", "at", "says"),
    [
        # A Monday, 09:00. The reply is due after days: working time is said too.
        (State.IN_REVIEW, timedelta(days=1), timedelta(), "其中工作时间 7小时"),
        (State.IN_REVIEW, timedelta(hours=2, minutes=30), timedelta(), "其中工作时间 2小时30分钟"),
        (State.IN_REVIEW, timedelta(days=4), timedelta(), "其中工作时间 28小时"),
        # From Friday night to Sunday nobody works.
        (State.IN_REVIEW, timedelta(days=6), timedelta(days=4, hours=11), "其中没有工作时间"),
        (State.IN_REVIEW, timedelta(hours=1), timedelta(hours=2), ""),
        # A desk that never closes promises minutes: nothing to add.
        (State.RECEIVED, timedelta(minutes=10), timedelta(), ""),
    ],
)
def test_clock_says_how_much_is_working_time(make_case, state, due, at, says):
    case = make_case(state)
    case.next_due_at = MORNING + due
    assert clock_words.face(case, MORNING + at).working == says


def test_every_promise_of_days_says_its_working_time(make_case):
    faces = clock_words.all_faces(make_case(State.IN_HAND), MORNING)
    said = {face.clock: face.working for face in faces}
    assert said["答复"] == "其中工作时间 104小时" and said["联系来信人"] == ""


# -- how a list is sorted ----------------------------------------------------------------------


def test_lists_stand_as_asked(client, cast):
    now = worlds.now()
    closed = cast.make_case(State.CLOSED, at=now - timedelta(days=9))
    late = cast.make_case(State.IN_HAND, at=now - timedelta(days=8))
    for _time in range(2):
        cast.step(late.pk, "return_to_desk", at=now, return_reason="unclear", text="请写明地点")
        cast.step(late.pk, "dispatch", at=now, unit=HANDLER)
    new = cast.make_case(State.RECEIVED, at=now)
    client.force_login(cast.writer)
    expected = {
        "due": [new, late, closed],
        "new": [new, late, closed],
        "old": [closed, late, new],
        "returns": [late, new, closed],
        "nonsense": [new, late, closed],
    }
    for sort, cases in expected.items():
        rows = client.get(f"/desk/?scope=all&sort={sort}").context["rows"]
        assert [row.case.pk for row in rows] == [case.pk for case in cases], sort
    assert set(filters.SORTS) == set(expected) - {"nonsense"}

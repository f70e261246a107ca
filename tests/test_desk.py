"""The list of letters: what waits for whom, in which order, and how it is narrowed."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import worlds
from cases.desk import filters, waiting
from cases.models import Case
from cases.transitions import IN_OFFICE, TRANSITIONS, State
from tests.desk_page import words_address

pytestmark = pytest.mark.django_db

HANDLER, CITY, OTHER_CITY = "440304", "440300", "440100"


def receipts_in(client, address="/desk/"):
    """Return the receipts of the rows of a list, in order."""
    answer = client.get(address)
    assert answer.status_code == 200
    return [row.case.letter.receipt for row in answer.context["rows"]]


@pytest.fixture
def sign_in(client):
    """sign_in(officer): the client, signed in as them."""

    def sign_in(officer):
        client.force_login(officer)
        return client

    return sign_in


@pytest.mark.parametrize(
    ("permission", "unit", "state", "waits"),
    [
        ("triage_case", CITY, State.RECEIVED, True),
        ("triage_case", CITY, State.ACCEPTED, False),
        ("triage_case", HANDLER, State.RECEIVED, False),
        ("dispatch_case", CITY, State.ACCEPTED, True),
        ("dispatch_case", CITY, State.RECEIVED, False),
        ("handle_case", HANDLER, State.DISPATCHED, True),
        ("handle_case", HANDLER, State.IN_HAND, True),
        ("handle_case", HANDLER, State.IN_REVIEW, False),
        ("handle_case", CITY, State.IN_HAND, False),
        ("handle_case", OTHER_CITY, State.IN_HAND, False),
        ("review_reply", CITY, State.IN_REVIEW, True),
        ("review_reply", HANDLER, State.IN_REVIEW, True),
        ("review_reply", OTHER_CITY, State.IN_REVIEW, False),
        ("review_reply", "440000", State.IN_REVIEW, False),
        ("call_back_case", CITY, State.REPLIED, True),
        ("call_back_case", CITY, State.CLOSED, False),
        ("view_audit", CITY, State.RECEIVED, False),
    ],
)
def test_desk_shows_what_waits_for_me(
    sign_in, make_case, make_officer, permission, unit, state, waits
):
    case = make_case(state, at=worlds.now())
    client = sign_in(make_officer(permission, unit=unit))
    assert receipts_in(client) == ([case.letter.receipt] if waits else [])


def test_every_office_state_has_a_next_step():
    assert set(waiting.NEXT_STEPS) == set(IN_OFFICE)
    for state, action in waiting.NEXT_STEPS.items():
        assert state in TRANSITIONS[action].sources


def test_late_letters_wait_for_supervisors_in_every_state(sign_in, make_case, make_officer):
    late = make_case(State.IN_HAND, at=worlds.now() - timedelta(days=60))
    make_case(State.IN_HAND, at=worlds.now())
    client = sign_in(make_officer("supervise_case", unit=CITY))
    assert receipts_in(client) == [late.letter.receipt]


def test_letters_returned_too_often_wait_for_the_leader(sign_in, cast, make_officer):
    case = cast.make_case(State.ACCEPTED, at=worlds.now())
    client = sign_in(make_officer("lead_case", "dispatch_case", unit=CITY))
    assert receipts_in(client) == []
    for _time in range(3):
        cast.step(case.pk, "dispatch", unit=HANDLER)
        reason = {"return_reason": "not_our_area", "text": "不属本辖区"}
        cast.step(case.pk, "return_to_desk", **reason)
    assert receipts_in(client) == [case.letter.receipt]


def test_called_back_letters_wait_no_more(sign_in, cast, make_officer):
    case = cast.make_case(State.REPLIED, at=worlds.now())
    cast.step(case.pk, "call_back", reached=True)
    assert receipts_in(sign_in(make_officer("call_back_case", unit=CITY))) == []


def test_late_come_first_then_due_soon_then_urgent_then_old(sign_in, cast, make_case):
    now = worlds.now()
    old = make_case(State.DISPATCHED, at=now - timedelta(minutes=4))
    new = make_case(State.DISPATCHED, at=now - timedelta(minutes=1))
    urgent = make_case(State.DISPATCHED, at=now - timedelta(minutes=1), emergency=True)
    soon = make_case(State.DISPATCHED, at=now - timedelta(minutes=17))
    late = make_case(State.DISPATCHED, at=now - timedelta(minutes=60))
    later = make_case(State.DISPATCHED, at=now - timedelta(days=2))
    expected = [c.letter.receipt for c in (later, late, soon, urgent, old, new)]
    assert receipts_in(sign_in(cast.writer), "/desk/?scope=all&state=dispatched") == expected


def test_urgent_letter_that_nobody_has_taken_in_stands_before_late_ones(sign_in, cast):
    now = worlds.now()
    late = cast.make_case(at=now - timedelta(days=3))
    urgent = cast.make_case(at=now, body="楼下有人持刀，情况危急，请马上来人。")
    assert receipts_in(sign_in(cast.writer)) == [urgent.letter.receipt, late.letter.receipt]
    cast.step(urgent.pk, "accept", at=now)
    waiting_now = receipts_in(sign_in(cast.writer), "/desk/?scope=all&state=open")
    assert waiting_now == [late.letter.receipt, urgent.letter.receipt]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=红绿灯", True),
        ("q=红绿灯 小区", True),
        ("q=红绿灯　小区", True),
        ("q=红绿灯 学校", False),
        ("q=ｋｔｖ", True),
        ("q=110", True),
        ("q=１１０", True),
        ("q=%25", False),
        ("q=%00", True),
        ("kind=help", True),
        ("kind=report", False),
        ("category=traffic", True),
        ("category=noise", False),
        ("state=received", True),
        ("state=open", True),
        ("state=closed", False),
        ("colour=green", True),
        ("colour=red", False),
        ("kind=nonsense&page=x&month=2021-99", True),
        ("page=2", False),
        ("month=2021-05", False),
        ("unit=440300", True),
        ("unit=440100", False),
        ("unit=nonsense", False),
        ("unit=440300%00", True),
        ("unit=%00", True),
    ],
)
def test_filters_narrow_the_list(sign_in, cast, query, found):
    case = cast.make_case(at=worlds.now(), title="小区ＫＴＶ旁红绿灯坏了，110说找交警")
    client = sign_in(cast.writer)
    expected = [case.letter.receipt] if found else []
    if query.startswith("q="):
        query = words_address(client, unquote(query[2:]))[1:]
    assert receipts_in(client, f"/desk/?scope=all&{query}") == expected


def test_receipt_finds_its_letter_however_it_is_typed(sign_in, cast):
    case = cast.make_case()
    cast.make_case()
    client = sign_in(cast.writer)
    there = words_address(client, case.letter.receipt.lower())
    assert receipts_in(client, f"/desk/{there}") == [case.letter.receipt]


@pytest.mark.parametrize("colour", ["green", "yellow", "red"])
def test_colour_filter_agrees_with_the_clock_shown(sign_in, cast, colour):
    for minutes in (1, 10, 14, 16, 19, 21, 400):
        cast.make_case(State.DISPATCHED, at=worlds.now() - timedelta(minutes=minutes))
    client = sign_in(cast.writer)
    rows = client.get("/desk/?scope=all").context["rows"]
    same = {row.case.pk for row in rows if row.clock.colour == colour}
    answer = client.get(f"/desk/?scope=all&colour={colour}")
    assert {row.case.pk for row in answer.context["rows"]} == same != set()


def test_month_is_that_of_beijing(sign_in, cast):
    half_past_midnight = filters.month_bounds("2026-03")[0] + timedelta(minutes=30)
    case = cast.make_case(at=half_past_midnight)
    client = sign_in(cast.writer)
    assert receipts_in(client, "/desk/?scope=all&month=2026-03") == [case.letter.receipt]
    assert receipts_in(client, "/desk/?scope=all&month=2026-02") == []


def test_scopes_are_mine_my_units_and_all(sign_in, cast, make_officer):
    mine = make_officer("handle_case", unit=HANDLER)
    case = cast.make_case(State.IN_HAND)
    unassigned = cast.make_case(State.IN_HAND)
    at_city = cast.make_case()
    cast.step(case.pk, "assign", officer=mine)
    client = sign_in(mine)
    assert receipts_in(client, "/desk/?scope=mine") == [case.letter.receipt]
    both = [unassigned.letter.receipt, case.letter.receipt]
    assert receipts_in(client, "/desk/?scope=unit") == both
    assert receipts_in(client, "/desk/?scope=all") == both
    city = sign_in(make_officer("triage_case", unit=CITY))
    assert receipts_in(city, "/desk/?scope=unit") == [at_city.letter.receipt]
    assert len(receipts_in(city, "/desk/?scope=all")) == 3


def test_counts_per_state_lead_to_as_many(sign_in, cast):
    for state in (State.RECEIVED, State.RECEIVED, State.IN_HAND, State.CLOSED):
        cast.make_case(state)
    client = sign_in(cast.writer)
    states = client.get("/desk/?scope=all").context["states"]
    counted = {code: (count, address) for code, _label, count, address, _chosen in states if count}
    assert {code: count for code, (count, _address) in counted.items()} == {
        "late": "3",
        "received": "2",
        "in_hand": "1",
    }
    for count, address in counted.values():
        assert len(receipts_in(client, f"/desk/{address}")) == int(count)


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize("asked", ["", "?scope=all", "红绿灯"])
def test_list_takes_as_many_queries_for_one_letter_as_for_many(sign_in, cast, asked):
    cast.make_case()
    client = sign_in(cast.writer)
    address = "/desk/" + (words_address(client, asked) if asked == "红绿灯" else asked)
    client.get(address)
    few = queries(client, address)
    for state in (State.RECEIVED, State.ACCEPTED, State.IN_HAND, State.IN_REVIEW) * 2:
        cast.make_case(state)
    many = queries(client, address)
    assert len(many) == len(few) <= 23


def test_list_never_counts_all_letters(sign_in, cast):
    cast.make_case()
    asked = queries(sign_in(cast.writer), "/desk/?scope=all")
    counting = [q for q in asked if "COUNT(" in q or "UNION ALL" in q]
    limited = [query for query in counting if "LIMIT 1001" in query]
    assert len(limited) >= 2
    assert all("cases_mention" in query for query in counting if query not in limited)


@pytest.mark.parametrize("address", ["?scope=all", "?scope=all&state=open"])
def test_pages_say_whether_more_follow(sign_in, cast, monkeypatch, address):
    for _time in range(5):
        cast.make_case()
    client = sign_in(cast.writer)
    monkeypatch.setattr("cases.desk.pages.page_of.__defaults__", (2,))
    monkeypatch.setattr("cases.desk.pages._FAR", 1)
    seen = []
    while address:
        context = client.get(f"/desk/{address}").context
        seen += [row.case.pk for row in context["rows"]]
        address = context["older"]
    assert sorted(seen) == sorted(Case.objects.values_list("pk", flat=True))
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("address", "says"),
    [("/desk/", "没有等您办理的来信"), ("/desk/?kind=praise", "没有符合这些条件的来信")],
)
def test_empty_list_says_why(sign_in, make_officer, address, says):
    answer = sign_in(make_officer("triage_case")).get(address)
    assert says in answer.content.decode()


def test_officer_without_a_unit_is_told(sign_in, make_officer):
    officer = make_officer("triage_case")
    officer.unit = None
    officer.save()
    assert "还没有所属单位" in sign_in(officer).get("/desk/").content.decode()


def test_clock_is_said_in_words_not_by_colour_alone(sign_in, cast):
    cast.make_case(at=worlds.now() - timedelta(days=2, hours=3, minutes=10))
    page = sign_in(cast.writer).get("/desk/").content.decode()
    assert "已超期" in page and "超期 2天3小时" in page


def test_next_leads_through_the_waiting_letters(sign_in, cast, make_officer):
    first, second = (cast.make_case(at=worlds.now() - timedelta(days=d)) for d in (3, 2))
    client = sign_in(make_officer("triage_case", unit=CITY))
    to = lambda case: f"/desk/{case.letter.receipt}/"  # noqa: E731
    assert client.get("/desk/next/").url == to(first)
    assert client.get(f"/desk/next/?after={first.letter.receipt}").url == to(second)
    assert client.get(f"/desk/next/?after={second.letter.receipt}").url == to(first)


def test_pages_ask_to_sign_in(client, cast):
    case = cast.make_case()
    for address in ("/desk/", "/desk/overview/", f"/desk/{case.letter.receipt}/", "/desk/nothing/"):
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={address}")


def test_officers_pages_are_chinese_whatever_the_browser_asks_for(client, cast):
    cast.make_case(State.RECEIVED)
    client.force_login(cast.writer)
    page = client.get("/desk/", headers={"accept-language": "en"})
    assert page["Content-Language"] == "zh-hans"
    assert "待受理" in page.content.decode() and "Accept" not in page.content.decode()
    assert client.get("/", headers={"accept-language": "en"})["Content-Language"] == "en"

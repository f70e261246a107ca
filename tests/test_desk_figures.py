"""统计: what is counted for whom, shares with their counts, and links to just those letters."""

from datetime import timedelta

import pytest

from cases import statistics
from cases.desk import figure_labels, figures
from cases.statistics import CHINA
from cases.transitions import State
from tests.people import MORNING

pytestmark = pytest.mark.django_db


def shown(client, query=""):
    """Return {group: {label: Figure}} of the page."""
    answer = client.get(f"/desk/figures/{query}")
    assert answer.status_code == 200
    groups = {g: answer.context[g] for g in ("counts", "rates", "promises", "books")}
    found = {group: {str(f.label): f for f in ones} for group, ones in groups.items()}
    return found, answer


@pytest.fixture
def some_letters(cast):
    for state in (State.RECEIVED, State.IN_HAND, State.REPLIED, State.CLOSED, State.DECLINED):
        cast.make_case(state)
    cast.make_case(State.MERGED)
    return cast


def test_figures_say_what_happened_and_the_books_balance(client, some_letters):
    client.force_login(some_letters.writer)
    found, answer = shown(client)
    counts = {label: f.value for label, f in found["counts"].items()}
    assert (counts["收到"], counts["答复"], counts["办结"]) == ("7", "2", "1")
    assert (counts["不予受理"], counts["并件"], counts["解决"]) == ("1", "1", "1")
    books = {label: f.value for label, f in found["books"].items()}
    assert books["收到"] == "7" and books["未了结"] == "3" and books["已答复"] == "1"
    assert answer.context["balanced"] and "平衡" in answer.content.decode()
    assert all(f.says for ones in found.values() for f in ones.values())


def test_every_link_opens_a_list_of_just_as_many(client, some_letters):
    client.force_login(some_letters.writer)
    some_letters.make_case(kind="consult")
    queries = ("", "?month=2026-03", "?unit=440304", "?unit=440304&month=2026-03", "?kind=consult")
    for query in queries:
        found, _answer = shown(client, query)
        linked = [f for ones in found.values() for f in ones.values() if f.link]
        assert len(linked) == len(figure_labels.COUNTS) + len(figure_labels.BOOKS)
        parts = [part for ones in found.values() for f in ones.values() for part in f.parts]
        assert len(parts) > 10
        for _label, value, link in [*((f.label, f.value, f.link) for f in linked), *parts]:
            page = client.get(link).context
            counted = page["behind"]["figure"] if page["behind"] else len(page["rows"])
            assert counted == int(value), (query, link)
            assert len(page["rows"]) <= counted, (query, link)


def test_month_is_that_of_beijing(client, cast):
    midnight = MORNING.astimezone(CHINA).replace(day=31, hour=23, minute=59)
    cast.make_case(at=midnight)
    cast.make_case(at=midnight + timedelta(minutes=31))
    client.force_login(cast.writer)
    assert shown(client, "?month=2026-03")[0]["counts"]["收到"].value == "1"
    assert shown(client, "?month=2026-04")[0]["counts"]["收到"].value == "1"
    assert shown(client, "?month=nonsense")[0]["counts"]["收到"].value == "2"


def test_unit_is_with_all_below_it(client, some_letters, make_officer):
    client.force_login(make_officer("view_statistics", unit="440000"))
    received = lambda query: shown(client, query)[0]["counts"]["收到"].value  # noqa: E731
    assert received("") == received("?unit=440300") == "7"
    assert received("?unit=440100") == "0"
    assert received("?unit=440304") == "7"  # not directly below mine: no choice of this page


def test_kind_narrows_counts_and_books(client, some_letters):
    some_letters.make_case(kind="consult")
    client.force_login(some_letters.writer)
    found, answer = shown(client, "?kind=consult")
    assert found["counts"]["收到"].value == found["books"]["收到"].value == "1"
    assert answer.context["balanced"]
    assert shown(client, "?kind=help")[0]["books"]["收到"].value == "7"
    assert shown(client, "?kind=nonsense")[0]["books"]["收到"].value == "8"


def test_small_numbers_have_no_rate(client, cast):
    for _time in range(9):
        cast.make_case(State.DECLINED)
    client.force_login(cast.writer)
    few = shown(client)[0]["rates"]["答复率"]
    assert (few.value, few.under) == ("—", "9 / 9，不足10件不计比率")
    cast.make_case()
    enough = shown(client)[0]["rates"]["答复率"]
    assert (enough.value, enough.under) == ("90.0%", "9 / 10")


def test_shares_are_those_of_statistics():
    names = {n for row in figure_labels.RATES for part in row[1:3] for n in part}
    counts = {name: 100 + 7 * i for i, name in enumerate(sorted(names))}
    expected = sorted(f"{share:.1%}" for share in statistics.rates(counts).values())
    assert sorted(figures._rate(*row, counts, str).value for row in figure_labels.RATES) == expected


def test_statistician_sees_figures_and_no_letter(client, some_letters, make_officer):
    case = some_letters.make_case()
    client.force_login(make_officer("view_statistics", unit="440300"))
    found, answer = shown(client)
    assert found["counts"]["收到"].value == "8"
    assert not any(f.link for ones in found.values() for f in ones.values())
    assert client.get("/desk/?scope=all").context["rows"] == []
    assert client.get(f"/desk/{case.letter.receipt}/").status_code == 404


def test_figures_need_their_right_and_a_unit(client, cast, make_officer):
    cast.make_case()
    client.force_login(make_officer("triage_case"))
    assert client.get("/desk/figures/").status_code == 404
    homeless = make_officer("view_statistics")
    homeless.unit = None
    homeless.save()
    client.force_login(homeless)
    assert shown(client)[0]["counts"]["收到"].value == "0"


def test_accused_unit_cannot_count_the_letter(client, cast, make_officer):
    cast.make_case(accused_unit="440300")
    client.force_login(make_officer("view_statistics", unit="440300"))
    assert shown(client)[0]["counts"]["收到"].value == "0"
    client.force_login(make_officer("view_statistics", unit="440000"))
    assert shown(client)[0]["counts"]["收到"].value == "1"


def test_new_event_is_counted_at_once(client, cast):
    case = cast.make_case()
    client.force_login(cast.writer)
    assert shown(client)[0]["counts"]["不予受理"].value == "0"
    cast.step(case.pk, "decline", decline_reason="not_ours", elsewhere="12345")
    assert shown(client)[0]["counts"]["不予受理"].value == "1"

"""总览: what is counted for whom, shares with their counts, and links to just those letters."""

from datetime import timedelta

import pytest

from cases import statistics, worlds
from cases.desk import figure_labels, figures
from cases.statistics import CHINA
from cases.transitions import State
from tests.people import MORNING

pytestmark = pytest.mark.django_db


def shown(client, query="?period=all"):
    """Return {group: {label: Figure}} of the page."""
    answer = client.get(f"/desk/overview/{query}")
    assert answer.status_code == 200
    groups = {g: answer.context[g] for g in ("counts", "rates", "promises", "books")}
    found = {group: {str(f.label): f for f in ones} for group, ones in groups.items()}
    return found, answer


def client_of(client, user):
    client.force_login(user)
    return client


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


def agree(client, queries):
    """Check that every figure that opens a list says as many as the list holds."""
    for query in queries:
        found, answer = shown(client, query)
        linked = [f for ones in found.values() for f in ones.values() if f.link]
        assert len(linked) == len(figure_labels.COUNTS) + len(figure_labels.BOOKS)
        parts = [part for ones in found.values() for f in ones.values() for part in f.parts]
        assert len(parts) > 10
        for _label, value, link in [*((f.label, f.value, f.link) for f in linked), *parts]:
            page = client.get(link).context
            counted = page["behind"]["figure"] if page["behind"] else len(page["rows"])
            assert counted == int(value), (query, link)


def test_every_link_opens_a_list_of_just_as_many(client, some_letters):
    client.force_login(some_letters.writer)
    some_letters.make_case(kind="consult")
    queries = ("?period=all", "?unit=440304&period=2026-03")
    queries += ("?kind=consult&period=2026-W10", "?since=2026-03-01&until=2026-03-31")
    agree(client, queries)


def test_who_is_recused_or_accused_is_told_of_no_letter_by_any_figure(
    client, some_letters, make_officer
):
    rights = ("view_statistics", "handle_case", "lead_case")
    recused, accused = make_officer(*rights), make_officer(*rights, unit="440304")
    before = int(shown(client_of(client, recused))[0]["counts"]["收到"].value)
    late = some_letters.make_case(State.IN_HAND)
    for case in (late, some_letters.make_case(State.CLOSED)):
        assert shown(client_of(client, recused))[0]["counts"]["收到"].value != str(before)
        some_letters.step(case.pk, "recuse", officer=recused, recusal_reason="interest")
        some_letters.step(case.pk, "name_accused", accused_unit="440304")
    pages = ("/desk/overview/?period=all", "/desk/risk/", "/desk/bulletin/2026-03/")
    for user, most in ((recused, before), (accused, before)):
        client.force_login(user)
        assert int(shown(client)[0]["counts"]["收到"].value) <= most
        for page in pages:
            assert late.letter.receipt not in client.get(page).content.decode()
    client.force_login(recused)
    agree(client, ["?period=all"])
    counts = dict(line[:2] for line in client.get(pages[2]).context["lines"])
    assert counts["收到"] == before
    client.force_login(some_letters.reviewer)
    assert int(shown(client)[0]["counts"]["收到"].value) == before + 2


def test_month_is_that_of_beijing(client, cast):
    midnight = MORNING.astimezone(CHINA).replace(day=31, hour=23, minute=59)
    cast.make_case(at=midnight)
    cast.make_case(at=midnight + timedelta(minutes=31))
    client.force_login(cast.writer)
    assert shown(client, "?period=2026-03")[0]["counts"]["收到"].value == "1"
    assert shown(client, "?period=2026-04")[0]["counts"]["收到"].value == "1"
    assert shown(client)[0]["counts"]["收到"].value == "2"


def test_unit_is_with_all_below_it(client, some_letters, make_officer):
    client.force_login(make_officer("view_statistics", unit="440000"))
    received = lambda query: shown(client, query)[0]["counts"]["收到"].value  # noqa: E731
    assert received("?period=all") == received("?period=all&unit=440300") == "7"
    assert received("?period=all&unit=440100") == "0"
    assert received("?period=all&unit=440304") == "3"  # dispatched there, two steps down
    client.force_login(make_officer("view_statistics", unit="440304"))
    assert received("?period=all&unit=440300") == "3"  # above mine: no choice, so it is mine


def test_kind_narrows_counts_and_books(client, some_letters):
    some_letters.make_case(kind="consult")
    client.force_login(some_letters.writer)
    found, answer = shown(client, "?kind=consult&period=all")
    assert found["counts"]["收到"].value == found["books"]["收到"].value == "1"
    assert answer.context["balanced"]
    assert shown(client, "?kind=help&period=all")[0]["books"]["收到"].value == "7"
    assert shown(client, "?kind=nonsense&period=all")[0]["books"]["收到"].value == "8"


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
    assert sorted(figures.rate(row, counts, str).value for row in figure_labels.RATES) == expected


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
    assert client.get("/desk/overview/").status_code == 404
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


def unit_rows(client, query=""):
    table = client.get(f"/desk/overview/?period=all{query}").context["table"]
    columns = [code for code, _label, _chosen in table["columns"]]
    return {row.name: dict(zip(columns, row.cells, strict=True)) for row in table["rows"]}


def test_units_below_add_up_and_open_lists_of_as_many(client, some_letters):
    client.force_login(some_letters.writer)
    rows = unit_rows(client)
    assert list(rows) == ["福田分局", "深圳市公安局本级"]
    total = {label: f.value for label, f in shown(client)[0]["counts"].items()}
    for code, label in (("received", "收到"), ("replied", "答复"), ("hops", "流转")):
        assert sum(row[code].value for row in rows.values()) == int(total[label])
    for row in rows.values():
        for code, cell in row.items():
            if cell.link and cell.value:
                page = client.get(cell.link).context
                counted = page["behind"]["figure"] if page["behind"] else len(page["rows"])
                assert counted == cell.value, (code, cell.link)


def test_few_letters_rank_no_unit(client, cast, make_officer):
    for _time in range(10):
        cast.make_case(State.REPLIED)
    cast.make_case(mailbox="440100")
    client.force_login(make_officer("view_statistics", unit="440000"))
    rows = unit_rows(client, "&sort=on_time")
    assert list(rows)[0] == "深圳市公安局"  # the other comes first by pinyin
    few = rows["广州市公安局"]["on_time"]
    assert (few.text, few.value, few.under) == ("—", None, "0 / 0")
    assert "件数太少，不排名" in client.get("/desk/overview/?period=all").content.decode()
    assert list(unit_rows(client))[0] == "广州市公安局"


def test_what_is_open_now_is_told_by_age_and_by_what_is_late(client, cast):
    now = worlds.now()
    for days in (0, 4, 4, 40):
        cast.make_case(at=now - timedelta(days=days))
    cast.make_case(State.IN_HAND, at=now)
    client.force_login(cast.writer)
    context = client.get("/desk/overview/").context
    ages = {str(label): (n, link) for label, n, link, _bar in context["ages"]}
    assert {label: n for label, (n, _link) in ages.items() if n} == {
        "不到3天": 2, "3–6天": 2, "30–59天": 1,
    }  # fmt: skip
    for n, link in ages.values():
        assert len(client.get(link).context["rows"]) == n
    found = {str(f.label): f for f in context["now_figures"]}
    assert [found[label].value for label in ("未了结", "已超期")] == ["5", "3"]
    assert found["48小时内将超期"].value == "2"  # to be accepted in 10 minutes, and to be called
    for label in ("未了结", "已超期", "48小时内将超期"):
        assert len(client.get(found[label].link).context["rows"]) == int(found[label].value)


def test_backlog_of_a_past_day_opens_the_letters_that_were_open_then(client, cast):
    cast.make_case(at=MORNING - timedelta(days=20))
    case = cast.make_case(at=MORNING - timedelta(days=5))
    cast.step(case.pk, "decline", at=MORNING, decline_reason="not_ours", elsewhere="12345")
    client.force_login(cast.writer)
    ages = client.get("/desk/overview/?period=2026-03-01..2026-03-01").context["ages"]
    found = {str(label): (n, link) for label, n, link, _bar in ages if n}
    assert {label: n for label, (n, _l) in found.items()} == {"15–29天": 1, "3–6天": 1}
    assert all(len(client.get(link).context["rows"]) == 1 for _n, link in found.values())


def test_pictures_end_in_what_is_open(client, some_letters):
    client.force_login(some_letters.writer)
    came, left, backlog = client.get("/desk/overview/?period=2026-03").context["charts"]
    assert sum(one.value for one in came.columns) == 7 and len(came.columns) == 31
    assert backlog.columns[-1].value == 3
    assert sum(one.value for one in left.columns) == 4


def test_days_to_clear_the_backlog_come_from_the_pace_of_four_weeks(client, cast):
    now = worlds.now()
    for n in range(14):
        state = State.DECLINED if n < 12 else State.RECEIVED
        cast.make_case(state, at=now - timedelta(days=3))
    client.force_login(cast.writer)
    clearing = client.get("/desk/overview/").context["now_figures"][-1]
    assert (clearing.value, clearing.under) == ("4.7天", "每天了结 0.4，新来 0.5")


@pytest.mark.parametrize("typed", ["period=nonsense", "period=2026-13", "period=0001-01",
                                   "since=x&until=y", "period=9999-12-31..9999-12-31",
                                   "unit=%00&kind=%00&sort=%00", "period=２０２６", "unit=" + "9" * 500])  # fmt: skip
def test_what_is_no_choice_is_none(client, cast, typed):
    cast.make_case(at=worlds.now())
    client.force_login(cast.writer)
    found, answer = shown(client, f"?{typed}")
    assert answer.context["period"].unit == "year"
    assert found["counts"]["收到"].value == "1"

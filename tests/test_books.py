"""Books that balance, days and months, parts that add up to the whole, and rates."""

import itertools
import random
from datetime import date

import pytest

from cases import statistics
from cases.models import Case
from cases.statistics import ENDS, Tally, rates
from cases.transitions import State
from tests.beijing import at
from tests.people import WALKS
from tests.played import ANSWERED, BOX, DAY, MINUTE, SIGNED, START, UNIT, Played, tally

# -- days and months ---------------------------------------------------------------------------

BORDERS = [
    ("2026-03-31 23:59", "2026-03-31"),
    ("2026-04-01 00:00", "2026-04-01"),
    ("2026-04-01 00:30", "2026-04-01"),  # still 31 March in UTC
    ("2026-04-01 07:59", "2026-04-01"),
    ("2026-12-31 23:59", "2026-12-31"),
    ("2027-01-01 00:00", "2027-01-01"),
]


@pytest.mark.parametrize("moment, day", BORDERS)
def test_days_and_months_are_those_of_beijing(moment, day):
    case = Played(f"{ANSWERED} close", times={9: at(moment)})
    found = tally(case)
    assert found.by_day("closed") == {day: 1}
    assert found.narrowed(month=day[:7])["closed"] == 1
    asked = date.fromisoformat(day)
    assert found.total("closed", since=asked, until=asked) == 1
    assert found.total("closed", until=asked - DAY) == 0
    assert found.total("closed", since=asked + DAY) == 0


def test_what_is_opened_and_closed_in_different_months_counts_in_each():
    case = Played(
        f"{ANSWERED} close", start=at("2026-01-31 09:00"), times={9: at("2026-02-01 09:00")}
    )
    found = tally(case)
    later = {"closed": 1, "solved": 1}
    assert dict(found.narrowed(month="2026-02")) == later
    first = dict(found.narrowed(month="2026-01"))
    assert {**first, **later} == case.counts() and not set(first) & set(later)


def test_what_is_taken_back_is_taken_back_on_its_own_day():
    case = Played("merge unmerge", times={1: at("2026-03-31 12:00"), 2: at("2026-04-01 12:00")})
    found = tally(case)
    assert found.by_day("merged") == {"2026-03-31": 1, "2026-04-01": -1}
    assert found.total("merged") == 0


# -- books -------------------------------------------------------------------------------------

MIXTURE = [
    "", "accept", "merge", "merge unmerge", "merge unmerge merge", "decline", "decline reconsider",
    "decline reconsider accept out", "decline reconsider decline", "ask", "ask supply",
    "ask withdraw", "out", "withdraw", "accept dispatch", "accept dispatch sign return decline",
    ANSWERED, f"{ANSWERED} close", f"{ANSWERED} close reopen", f"{ANSWERED} unsolved silence",
    f"{ANSWERED} reopen done propose reply silence", f"{SIGNED} called done propose",
]  # fmt: skip


def test_books_of_a_mixture_balance():
    found = tally(*map(Played, MIXTURE))
    assert found.books() == {
        "received": 22, "open": 9, "replied": 1, "closed": 3, "declined": 3, "merged": 2,
        "transferred_out": 2, "withdrawn": 2, "balanced": True,
    }  # fmt: skip


def test_books_that_do_not_balance_say_so():
    found = tally(*map(Played, MIXTURE))
    lost = Played(f"{ANSWERED} close")
    lost.facts.state = State.IN_HAND  # a case that its events do not bear out
    found.add_case(lost.facts, lost.events)
    assert found.books()["balanced"] is False


@pytest.mark.parametrize("state", WALKS)
def test_books_balance_in_every_state(state):
    case = _walk(state)
    books = tally(case).books()
    assert books["balanced"] and books["received"] == 1 and case.facts.state == state
    where = {State.REPLIED: "replied", **statistics._ENDS}.get(state, "open")
    assert [name for name, n in books.items() if n and name not in ("received", "balanced")] == [
        where
    ]


def _walk(state):
    case = Played()
    for action, said in WALKS[state]:
        said = {**said, **({"unit": UNIT} if "unit" in said else {})}
        case.step(action, said, case.events[-1].at + MINUTE)
    return case


def test_books_balance_for_each_area():
    played = [Played(text) for text in MIXTURE]
    found = Tally()
    for number, case in enumerate(played):
        found.add_case(case.facts, case.events, area=number % 3)
    parts = [found.books(areas={area}) for area in range(3)]
    assert all(part["balanced"] for part in parts)
    whole = found.books()
    for name in ("received", "open", "closed", "merged"):
        assert sum(part[name] for part in parts) == whole[name]


# -- parts -------------------------------------------------------------------------------------


def _contents(found):
    return [
        {key: n for key, n in counter.items() if n}
        for counter in (found.daily, found.monthly, found.states)
    ] + [found.numbers]


def test_parts_merged_in_any_order_equal_the_whole():
    texts = [*MIXTURE, f"{SIGNED} incident_A", f"{SIGNED} incident_A rule", f"{SIGNED} incident_B"]
    played = [Played(text, start=START + n * DAY) for n, text in enumerate(texts * 2)]
    whole = _contents(tally(*played))
    shuffle = random.Random(1)
    for parts in (2, 3, 7):
        shuffle.shuffle(played)
        pieces = [tally(*played[n::parts]) for n in range(parts)]
        for order in itertools.islice(itertools.permutations(pieces), 3):
            merged = Tally()
            for piece in order:
                merged.merge(piece)
            assert _contents(merged) == whole


def test_merging_leaves_the_other_part_as_it_was():
    one, two = tally(Played(f"{SIGNED} incident_A")), tally(Played(f"{SIGNED} incident_A"))
    before = _contents(two)
    one.merge(two)
    assert _contents(two) == before and one.total("incidents") == 1


def test_a_figure_is_narrowed_by_box_area_kind_and_month():
    found = Tally()
    for kind, area, start in (
        ("help", 1, START),
        ("help", 2, START),
        ("report", 1, START + 40 * DAY),
    ):
        case = Played(kind=kind, start=start)
        found.add_case(case.facts, case.events, area)
    assert found.narrowed()["received"] == 3
    assert found.narrowed(kind="help")["received"] == 2
    assert found.narrowed(areas={1})["received"] == 2
    assert found.narrowed(areas={1}, kind="help")["received"] == 1
    assert found.narrowed(month="2026-04")["received"] == 1
    assert found.narrowed(mailbox=BOX)["received"] == 3
    assert found.narrowed(mailbox=99)["received"] == 0


def test_one_case_has_no_part_in_the_figures_of_another():
    busy, idle = Played(f"{SIGNED} called urge urge"), Played("")
    assert tally(busy, idle).total("urged") == 2
    assert tally(idle).total("urged") == 0


# -- rates -------------------------------------------------------------------------------------


def test_rates_of_a_small_office():
    found = tally(
        Played(f"{ANSWERED} satisfied"),
        Played(f"{ANSWERED} unsolved"),
        Played("decline"),
        Played(ANSWERED, times={4: START + DAY}),
    )
    assert rates(found.narrowed()) == {
        "reply": 4 / 4,
        "response": 2 / 3,
        "on_time": 3 / 3,
        "solved": 1 / 4,
        "solved_by_word": 1 / 2,
        "satisfied": 1 / 2,
    }


def test_a_rate_of_nothing_is_no_number():
    assert set(rates({}).values()) == {None}


# -- with the database -------------------------------------------------------------------------


@pytest.mark.django_db
def test_books_of_live_cases_balance(cast, whole_log):
    for state in State:
        cast.make_case(state)
    found = Tally()
    for case in Case.objects.all():
        found.add_case(case, case.events.order_by("seq"))
    books = found.books()
    assert books["balanced"] and books["received"] == len(State) + 1  # and the merged one's main
    assert all(books[end] == 1 for end in ENDS)

"""The daybook adds up to what the statistics count, for every unit, kind and span; and keeps up."""

from datetime import date

import numpy as np
import pytest

from cases import access, daybooks, gram_filling, worlds
from cases.daybook import MEASURES, NAMES
from cases.models import Case, Event, Unit
from cases.statistics import Tally
from cases.transitions import OPEN, State
from simulation import runs
from tests.people import MORNING
from tests.reports import no_tasks_left, small_run  # noqa: F401
from tests.run_worlds import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]


def seen_by(code):
    unit = Unit.objects.get(code=code)
    return daybooks.current().seen_by(unit, daybooks.tree())


def counted(cases):
    """Return the Tally of some cases, by the statistics alone."""
    tally = Tally()
    for case in cases:
        tally.add_case(case, Event.objects.filter(case=case).order_by("seq"))
    return tally


def only_measures(counts):
    return {name: n for name, n in counts.items() if name in MEASURES and n}


@pytest.fixture
def a_run(db):
    """A run of some hundred letters, inside its world."""
    run = small_run(letters=600)
    with worlds.enter(run.world):
        yield run


def test_counts_are_those_of_the_statistics(a_run):
    for code in ("440000", "440300", "440304"):
        unit, seen = Unit.objects.get(code=code), seen_by(code)
        tally = counted(access.cases_of(unit))
        assert only_measures(seen.counts()) == only_measures(tally.narrowed())
        assert seen.books() == tally.books()
        for kind in ("help", "consult"):
            of_kind = seen.narrowed(kind=kind)
            assert only_measures(of_kind.counts()) == only_measures(tally.narrowed(kind=kind))
        since, until = date(2021, 6, 1), date(2021, 8, 15)
        span = {name: tally.total(name, until, since) for name in MEASURES}
        assert only_measures(seen.counts(since, until)) == only_measures(span)


def test_areas_add_up_to_the_whole(a_run):
    seen, tree = seen_by("440000"), daybooks.tree()
    tops = list(Unit.objects.filter(parent__code="440000"))
    areas = tree.areas(tops)
    parts = seen.by_area(np.where(areas < 0, len(tops), areas))
    for name in NAMES:
        assert sum(part[name] for part in parts.values()) == seen.counts()[name], name
    shenzhen = next(n for n, top in enumerate(tops) if top.code == "440300")
    assert parts[shenzhen]["received"] == access.cases_of(tops[shenzhen]).count()


def test_days_add_up_to_the_span_and_to_what_was_open(a_run):
    seen = seen_by("440000")
    since, until = date(2021, 5, 1), date(2021, 7, 31)
    for name in ("received", "opened", "left", "closed"):
        assert seen.by_day(name, since, until).sum() == seen.counts(since, until)[name]
    then = seen.counts(None, until)
    assert len(seen.open_at(until)) == then["opened"] - then["left"] > 0
    assert len(seen.open_at()) == Case.objects.filter(state__in=OPEN).count()


def test_new_steps_are_counted_at_once_and_only_they_are_read(cast, django_assert_max_num_queries):
    first = cast.make_case()
    cast.make_case(State.CLOSED)
    assert seen_by("440300").counts()["received"] == 2
    book = daybooks.current()
    assert daybooks.current() is book
    cast.step(first.pk, "decline", decline_reason="not_ours", elsewhere="12345")
    with django_assert_max_num_queries(6):
        counts = seen_by("440300").counts()
    assert (counts["received"], counts["declined"], counts["left"]) == (2, 1, 2)


def test_number_counts_where_it_came_first(cast):
    cases = [cast.make_case(State.IN_HAND, kind="report", category="fraud") for _n in range(2)]
    for case, number in ((cases[0], "A1"), (cases[0], "A2")):
        cast.step(case.pk, "record_incident", number=number)
    counts = seen_by("440300").counts()
    assert (counts["incidents"], counts["criminal_incidents"]) == (2, 2)
    assert seen_by("440300").narrowed(kind="help").counts()["incidents"] == 0


def test_cards_and_answers_are_counted(cast):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "supervise", level="yellow")
    cast.step(case.pk, "supervise", level="red")
    cast.step(case.pk, "answer_supervision", text="正在办理。")
    counts = seen_by("440300").counts(MORNING.date(), MORNING.date())
    names = ("supervised", "step_yellow", "step_red", "step_answer_supervision")
    assert [counts[name] for name in names] == [2, 1, 1, 1]


def test_accused_unit_counts_nothing_of_the_letter(cast):
    cast.make_case(accused_unit="440300")
    assert seen_by("440300").counts()["received"] == 0
    assert seen_by("440304").counts()["received"] == 0
    assert seen_by("440000").counts()["received"] == 1


def test_each_world_has_its_own_daybook(cast):
    cast.make_case()
    world = make_run(1, letters=2)
    assert seen_by("440300").counts()["received"] == 1
    with worlds.enter(world):
        assert seen_by("440300").counts()["received"] == 2
    assert seen_by("440300").counts()["received"] == 1


def test_copy_in_the_cache_spares_the_reading_and_may_be_lost_or_old(
    cast, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(daybooks, "_WORTH", 1)
    case = cast.make_case(State.IN_HAND, kind="report", category="fraud")
    cast.step(case.pk, "record_incident", number="A1")
    before = seen_by("440300").counts()
    daybooks._books.clear()
    with django_assert_max_num_queries(2):  # which table it is, and that nothing has changed
        daybooks.current()
    assert seen_by("440300").counts() == before
    daybooks._books.clear()
    cast.step(case.pk, "record_incident", number="A2")
    assert seen_by("440300").counts()["incidents"] == 2
    daybooks._books.clear()
    daybooks.cache.set(daybooks._key(), b"no daybook")
    assert seen_by("440300").counts()["incidents"] == 2


def test_world_without_letters_counts_nothing(db):
    seen = seen_by("440300")
    assert seen.counts() == {} and seen.books()["balanced"] and seen.span() is None
    assert daybooks.current().nothing().counts() == {}


def test_finished_run_is_read_before_anybody_asks(db, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(daybooks, "_WORTH", 1)
    run = small_run(letters=50)
    runs.read_daybook(run.pk)
    runs.make_findable(run.pk)
    daybooks._books.clear()
    with worlds.enter(run.world):
        assert gram_filling.ready()
        with django_assert_max_num_queries(2):
            book = daybooks.current()
        assert len(book.cases) == run.letters
        anew = daybooks.read_anew()
    assert (book.cases == anew.cases).all() and len(book.hits) == len(anew.hits)

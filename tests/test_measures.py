"""The cases behind each figure: as many as the statistics count, for every measure."""

from datetime import date

import pytest

from cases import daybook, worlds
from cases.desk import measures
from cases.desk.filters import Filters
from cases.desk.measures import Days
from cases.models import Case, Unit
from cases.transitions import State
from simulation import report
from tests.reports import no_tasks_left, small_run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

# Steps that the statistics do not count.
UNCOUNTED = {"accepted", "signed", "contacted", "open"}
COUNTED = sorted(n for n in set(measures.LABELS) - UNCOUNTED if not n.startswith(measures.STEP))
# Of which a case may have several.
THINGS = {
    *("thanks", "banners", "hops", "returned", "reopened", "urged", "supervised", "rated"),
    *("satisfied", "incidents", "criminal_incidents", "rules"),
    *(f"{name}_{how}" for name in daybook._PROMISES for how in ("kept", "late")),
}


def figure(cases, measure, days=measures.ALWAYS):
    """Return the figure of a measure, as the page of the letters behind it does."""
    found = (one(cases, measure, days).count() for one in (measures.narrowed, measures.taken_back))
    return measures.figure(cases, measure, days, *found)


SPANS = [
    Days(),
    Days(until=date(2021, 9, 30)),
    Days(date(2021, 6, 1), date(2021, 6, 30)),
    Days(date(2021, 12, 1), date(2022, 2, 28)),
]


@pytest.fixture
def tally(db):
    """The tally of a run, inside its world."""
    run = small_run(letters=2500)
    found, _opened = report.counts_of(run)
    with worlds.enter(run.world):
        yield found


def test_figures_behind_lists_are_those_that_are_counted(tally):
    seen = set()
    for measure in COUNTED:
        for days in SPANS:
            expected = tally.total(measure, until=days.until, since=days.since)
            assert figure(Case.objects.all(), measure, days) == expected, (measure, days)
            listed = measures.narrowed(Case.objects.all(), measure, days)
            taken = measures.taken_back(Case.objects.all(), measure, days)
            if measure not in THINGS:
                assert listed.count() - taken.count() == expected, (measure, days)
            assert listed.count() <= expected + taken.count()
            seen |= {measure} if expected else set()
    # A small run withdraws nothing and may lack the rarest; all else was really there.
    assert set(COUNTED) - seen <= {"withdrawn", "rules", "banners", "criminal_incidents"}


def test_figures_of_a_mailbox_and_a_kind_are_those_that_are_counted(tally, make_officer):
    planner = make_officer("run_simulation", unit="440000")
    for code in ("440000", "440300"):
        area = Unit.objects.get(code=code)
        narrowed = tally.narrowed(areas={area.pk}, kind="help")
        among = Filters(scope="all", area=code, kind="help").cases(planner, worlds.now())
        assert among.count() == narrowed["received"] > 0
        for measure in COUNTED:
            assert figure(among, measure) == narrowed[measure], (code, measure)


def test_open_letters_at_the_end_of_a_day_are_those_of_the_books(tally):
    every = Case.objects.all()
    assert measures.narrowed(every, "open").count() == tally.books()["open"]
    day = Days(until=date(2021, 9, 30))
    counted = lambda name: tally.total(name, until=day.until)  # noqa: E731
    ends = ("declined", "merged", "transferred_out", "withdrawn", "closed")
    left = counted("received") - sum(map(counted, ends))
    opened = measures.narrowed(every, "open", day).count()
    assert 0 < opened < left  # what is answered and not closed is neither open nor ended


def test_solved_is_the_same_by_columns_and_by_events(cast, whole_log):
    for state in (State.REPLIED, State.CLOSED):
        cast.make_case(state)
    always = Days(until=date(2100, 1, 1))
    for measure in ("solved", "solved_by_word"):
        by_columns = set(measures.narrowed(Case.objects.all(), measure))
        assert by_columns == set(measures.narrowed(Case.objects.all(), measure, always))
    assert measures.narrowed(Case.objects.all(), "solved").count() == 1

"""Counting, in tables of examples that a clerk can check. No database."""

import pytest

from cases.statistics import ENDS, measure
from tests.played import ANSWERED, DAY, MINUTE, SIGNED, START, UNIT, Played, tally

# -- solved ------------------------------------------------------------------------------------

SOLVED = [
    # what happened after the signature                     solved  by word
    ("called feedback done propose reply", 0, 0),  # answered is not solved
    ("called feedback done propose reply silence", 1, 0),  # silence after “done”
    ("called feedback done propose reply close", 1, 0),
    ("called feedback done propose reply satisfied", 1, 1),
    ("called feedback done propose reply solved,_not_satisfied", 1, 1),
    ("called feedback done propose reply satisfied silence", 1, 1),  # counted once
    ("called feedback done propose reply unsolved", 0, 0),
    ("called feedback done propose reply unsolved silence", 0, 0),  # disputed: silence is no yes
    ("called feedback explained propose reply silence", 0, 0),  # no concrete result
    ("called feedback explained propose reply satisfied", 0, 0),
    ("called feedback no_ground propose reply close", 0, 0),
    ("called feedback explained propose reply silence done", 1, 0),  # the result came later
    ("called feedback done propose reply silence explained", 0, 0),  # and was taken back
    ("called feedback done propose reply silence reopen", 0, 0),
    ("called feedback done propose reply satisfied reopen", 0, 0),
    ("called feedback done propose reply satisfied reopen done propose reply", 0, 0),
    ("called feedback done propose reply satisfied reopen done propose reply silence", 1, 0),
    ("called feedback done propose reply silence reopen done propose reply satisfied", 1, 1),
    ("called feedback done propose reply silence reopen done propose reply unsolved", 0, 0),
]


@pytest.mark.parametrize("after, solved, by_word", SOLVED)
@pytest.mark.parametrize("kind", ["help", "complaint", "report"])
def test_solved(kind, after, solved, by_word):
    counts = Played(f"{SIGNED} {after}", kind).counts()
    assert (counts.get("solved", 0), counts.get("solved_by_word", 0)) == (solved, by_word)


@pytest.mark.parametrize("kind", ["consult", "suggestion", "praise", "other"])
def test_a_letter_that_brings_no_problem_is_never_solved(kind):
    counts = Played(f"{ANSWERED} satisfied silence", kind).counts()
    assert "solved" not in counts and counts["satisfied"] == counts["closed"] == 1


def test_the_kind_it_has_now_decides():
    text = "accept another_kind dispatch sign called feedback done propose reply satisfied"
    assert "solved" not in Played(text).counts()


def test_solving_counts_when_it_is_sure_and_is_taken_back_when_it_is_not():
    case = Played(f"{ANSWERED} silence reopen", gap=DAY)
    hits = [
        (h.measure, h.at, h.value) for h in measure("help", case.events) if "solved" in h.measure
    ]
    silence, reopening = case.events[-2].at, case.events[-1].at
    assert hits == [("solved", silence, 1), ("solved", reopening, -1)]


# -- responded, replied, closed ----------------------------------------------------------------

RESPONDED = [
    ("", 0),
    ("accept dispatch sign", 0),
    ("accept dispatch sign note", 0),
    ("accept dispatch sign no_answer", 0),  # an unanswered call is no response
    ("accept dispatch sign called", 1),
    ("accept dispatch sign no_answer called", 1),
    ("accept dispatch sign no_answer feedback", 1),
    ("accept dispatch sign called feedback done propose reply", 1),  # once a letter
    ("accept dispatch sign called ask supply", 1),
    ("ask", 1),
    ("decline", 1),
    ("accept out", 1),
    ("accept merge", 0),
    ("withdraw", 0),
]


@pytest.mark.parametrize("steps, responded", RESPONDED)
def test_responded(steps, responded):
    assert Played(steps).counts().get("responded", 0) == responded


def test_response_counts_at_the_first_word_that_reached_the_writer():
    case = Played("accept dispatch sign no_answer called feedback")
    (hit,) = [h for h in measure("help", case.events) if h.measure == "responded"]
    assert (hit.at, hit.unit_id) == (case.events[5].at, UNIT)


def test_a_second_reply_is_no_second_letter_replied():
    counts = Played(f"{ANSWERED} reopen done propose reply close").counts()
    assert (counts["replied"], counts["reopened"], counts["closed"]) == (1, 1, 1)


def test_replied_closed_and_solved_stay_apart():
    assert _three(Played(ANSWERED)) == (1, 0, 0)
    assert _three(Played(f"{ANSWERED} unsolved silence")) == (1, 1, 0)
    assert _three(Played(f"{ANSWERED} satisfied")) == (1, 0, 1)
    assert _three(Played(f"{ANSWERED} silence")) == (1, 1, 1)


def _three(case):
    return tuple(case.counts().get(name, 0) for name in ("replied", "closed", "solved"))


# -- promises ----------------------------------------------------------------------------------

PROMISES = [
    # step of which promise, minutes after the sending, kept or late (city: 10, 20, 30 minutes)
    ("accept", 1, 10, "accept_kept"),
    ("accept", 1, 11, "accept_late"),
    ("accept dispatch sign", 3, 20, "sign_kept"),
    ("accept dispatch sign", 3, 21, "sign_late"),
    ("accept dispatch sign no_answer", 4, 30, "contact_kept"),  # the call was made
    ("accept dispatch sign called", 4, 31, "contact_late"),
    ("accept dispatch sign called feedback", 5, 4 * 1440, "feedback_kept"),
    ("accept dispatch sign called feedback", 5, 4 * 1440 + 1, "feedback_late"),
    (ANSWERED, 8, 20 * 1440, "reply_kept"),
    (ANSWERED, 8, 20 * 1440 + 1, "reply_late"),
]


@pytest.mark.parametrize("steps, number, minutes, name", PROMISES)
def test_a_promise_is_kept_to_its_last_minute(steps, number, minutes, name):
    counts = Played(steps, times={number: START + minutes * MINUTE}, gap=MINUTE / 2).counts()
    other = name.replace("kept", "x").replace("late", "kept").replace("x", "late")
    assert counts[name] == 1 and other not in counts


def test_a_promise_counts_once_though_the_step_is_taken_again():
    counts = Played("accept dispatch sign return dispatch sign called called").counts()
    assert counts["sign_kept"] == counts["contact_kept"] == 1
    assert (counts["hops"], counts["returned"]) == (2, 1)


def test_each_reply_has_a_promise_of_its_own():
    case = Played(f"{ANSWERED} reopen done propose reply", times={12: START + 40 * DAY})
    assert case.counts()["reply_kept"] == 1 and case.counts()["reply_late"] == 1


# -- the rest ----------------------------------------------------------------------------------

EACH = [
    ("", {"received": 1}),
    (f"{ANSWERED} thanks banner", {"thanks": 1, "banners": 1}),
    (f"{ANSWERED} satisfied", {"rated": 1, "satisfied": 1}),
    (f"{ANSWERED} solved,_not_satisfied", {"rated": 1, "solved_by_word": 1}),
    ("accept dispatch down sign return", {"hops": 2, "returned": 1}),
    ("urge urge yellow", {"urged": 2, "supervised": 1}),
    ("decline", {"declined": 1}),
    ("decline reconsider", {}),
    ("decline retract", {}),
    ("decline reconsider decline", {"declined": 1}),
    ("merge", {"merged": 1}),
    ("merge unmerge", {}),
    ("merge unmerge merge", {"merged": 1}),
    ("out", {"transferred_out": 1}),
    ("ask withdraw", {"withdrawn": 1}),
    (f"{ANSWERED} close reopen", {"reopened": 1}),
    (f"{ANSWERED} close reopen done propose reply close reopen", {"reopened": 2}),
]
_NAMES = (
    *ENDS, "thanks", "banners", "rated", "satisfied", "hops", "returned", "urged", "supervised",
    "reopened",
)  # fmt: skip


@pytest.mark.parametrize("steps, expected", EACH)
def test_each_measure(steps, expected):
    counts = Played(steps).counts()
    for name, n in expected.items():
        assert counts[name] == n, name
    for name in {*ENDS} - set(expected):
        assert name not in counts
    assert counts["received"] == 1


def test_an_incident_found_by_two_letters_counts_once_and_where_it_came_first():
    first = Played(f"{SIGNED} incident_A incident_A incident_B", start=START)
    second = Played(f"{SIGNED} incident_A rule", start=START + 40 * DAY)
    for order in ((first, second), (second, first)):
        found = tally(*order)
        assert found.total("incidents") == 2 and found.total("rules") == 1
        assert {day: n for day, n in found.by_day("incidents").items() if n} == {"2026-03-02": 2}


@pytest.mark.parametrize("category, criminal", [("fraud", 1), ("missing", 1), ("noise", 0)])
def test_an_incident_of_a_criminal_category_counts_as_such_beside(category, criminal):
    case = Played(f"{SIGNED} incident_A incident_A")
    case.facts.category = category
    found = tally(case)
    assert found.total("incidents") == 1
    assert found.total("criminal_incidents") == criminal


def test_an_incident_is_criminal_if_any_of_its_letters_is_and_is_counted_once():
    noise, fraud, again = (Played(f"{SIGNED} incident_A", start=START + n * DAY) for n in range(3))
    fraud.facts.category = again.facts.category = "fraud"
    for order in ((noise, fraud, again), (again, fraud, noise)):
        found = tally(*order)
        assert found.total("incidents") == found.total("criminal_incidents") == 1
        days = {day for day, n in found.by_day("criminal_incidents").items() if n}
        assert days == {"2026-03-03"}

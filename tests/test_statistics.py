"""Counting, in tables of examples that a clerk can check. No database, but for the last tests."""

import itertools
import random
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from cases import policy, replay, statistics
from cases.models import Case
from cases.statistics import ENDS, Tally, measure, rates
from cases.transitions import BY_SYSTEM, RESUME, TRANSITIONS, State
from tests.beijing import at
from tests.people import WALKS

BOX, UNIT, OTHER = 1, 2, 3
START = at("2026-03-02 09:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

# Short names of what happens, as a clerk would write it down.
RATE = {
    "satisfied": ("rate", {"satisfied": True, "solved": True}),
    "solved, not satisfied": ("rate", {"satisfied": False, "solved": True}),
    "unsolved": ("rate", {"satisfied": False, "solved": False}),
}
STEPS = {
    "accept": ("accept", {}),
    "dispatch": ("dispatch", {"unit": UNIT}),
    "sign": ("sign", {}),
    "called": ("contact", {"how": "phone", "reached": True}),
    "no answer": ("contact", {"how": "phone", "reached": False}),
    "feedback": ("feedback", {}),
    "done": ("record_result", {"result": "done"}),
    "explained": ("record_result", {"result": "explained"}),
    "no ground": ("record_result", {"result": "no_ground"}),
    "propose": ("propose_reply", {}),
    "reply": ("approve_reply", {}),
    "close": ("close", {}),
    "silence": ("close", {"by": BY_SYSTEM}),
    "reopen": ("reopen", {}),
    "ask": ("ask_citizen", {}),
    "supply": ("supply", {}),
    "decline": ("decline", {"decline_reason": "not_ours", "elsewhere": "12345"}),
    "reconsider": ("reconsider", {}),
    "out": ("transfer_out", {"elsewhere": "12345"}),
    "return": ("return_to_desk", {"return_reason": "unclear"}),
    "down": ("forward_down", {"unit": OTHER}),
    "merge": ("merge", {"into": 7}),
    "unmerge": ("unmerge", {}),
    "withdraw": ("withdraw", {}),
    "urge": ("urge", {"by": BY_SYSTEM}),
    "yellow": ("supervise", {"level": "yellow", "by": BY_SYSTEM}),
    "thanks": ("thank", {"form": "letter"}),
    "banner": ("thank", {"form": "banner"}),
    "incident A": ("record_incident", {"number": "A"}),
    "incident B": ("record_incident", {"number": "B"}),
    "rule": ("record_rule", {"number": "R", "title": "规定"}),
    "note": ("note", {}),
    "another kind": ("reclassify", {"kind": "consult", "category": "noise"}),
    **RATE,
}
SIGNED = "accept dispatch sign"
ANSWERED = f"{SIGNED} called feedback done propose reply"


def _words(text):
    """Split a line of steps; names of several words are joined by “_”."""
    return [word.replace("_", " ") for word in text.split()]


class Played:
    """A case and its events, made by the same fold as everything else."""

    def __init__(self, text="", kind="help", start=START, gap=MINUTE, times=()):
        """text: names of STEPS. gap: between steps. times: {step number: moment} overrides."""
        self.facts = replay.Facts(
            mailbox_id=BOX, kind=kind, category="noise", received_at=start, urgent=False
        )
        self.events = []
        self._step("receive", {}, start)
        for number, word in enumerate(_words(text), start=1):
            action, said = STEPS[word]
            moment = dict(times).get(number, self.events[-1].at + gap)
            self._step(action, dict(said), moment)
        replay.settle(self.facts, policy.load(), "city")

    def _step(self, action, said, moment):
        row = TRANSITIONS[action]
        assert self.facts.state in row.sources, f"{action} in {self.facts.state}"
        before = replay.resume_state(self.events) if row.target == RESUME else ""
        unit = said.pop("unit", None)
        event = SimpleNamespace(
            action=action,
            at=moment,
            seq=len(self.events) + 1,
            old_state=self.facts.state,
            new_state=replay.target_state(row, self.facts, before),
            role=said.pop("by", row.roles[0]),
            unit_id=replay.unit_after(action, self.facts, unit),
            due_at=replay.due_of(row, self.facts),
            data=said,
        )
        replay.apply(self.facts, event, policy.load(), "city")
        self.events.append(event)

    def counts(self):
        """Return {measure: count}, without what came to nothing."""
        sums = {}
        for hit in measure(self.facts.kind, self.events):
            sums[hit.measure] = sums.get(hit.measure, 0) + hit.value
        return {name: n for name, n in sums.items() if n}


def tally(*played, area=None):
    found = Tally()
    for one in played:
        found.add_case(one.facts, one.events, area)
    return found


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
        case._step(action, said, case.events[-1].at + MINUTE)
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

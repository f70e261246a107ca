"""From today: a simulation that begins with what is open, and what it says of those letters."""

from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pytest

from cases.statistics import CHINA
from simulation import arrivals, backlog, engine, forecasting, resuming, snapshot
from simulation import scenario as scenarios
from simulation.backlog import Backlog
from simulation.model import DAY
from simulation.scenario import CATEGORY_CODES, DEPARTMENT, KIND_CODES
from simulation.writing import as_toml
from tests.people import MORNING

HOUR = 3600


@cache
def scenario(days=40, letters=4000):
    """Return the year's scenario for some days in the summer, without a surge."""
    changes = {"scenario.start": "2021-07-01", "scenario.days": days, "volume": letters}
    text = scenarios.sources.source("guangdong-2021")
    tree = scenarios.sources.tree(text, "x")
    del tree["arrivals"]["checkpoints"]
    tree["arrivals"]["surge_peak"] = 0.0
    return scenarios.parse(as_toml(tree), "summer", changes)


def of_timelines(chosen, seed, now):
    """Return the Backlog of a played scenario at a second, seen in its timelines."""
    rows = []
    for arrival, timeline in engine.run(chosen, seed).letters():
        row = _row(chosen, arrival, [event for event in timeline if event[0] < now])
        if row:
            rows.append(row)
    return Backlog(now, *([row[name] for row in rows] for name in backlog.LISTS))


_TO = {
    "receive": backlog.RECEIVED, "reconsider": backlog.RECEIVED, "accept": backlog.ACCEPTED,
    "dispatch": backlog.DISPATCHED, "forward_down": backlog.DISPATCHED,
    "return_to_desk": backlog.ACCEPTED, "sign": backlog.IN_HAND, "contact": backlog.IN_HAND,
    "ask_citizen": backlog.ASKED, "supply": backlog.IN_HAND, "lapse": backlog.IN_HAND,
    "propose_reply": backlog.IN_REVIEW, "send_back_reply": backlog.IN_HAND,
    "reopen": backlog.IN_HAND, "approve_reply": None, "decline": None, "merge": None,
    "transfer_out": None,
}  # fmt: skip


def _row(chosen, arrival, timeline):
    stage, since, unit = None, None, -1
    cities = [city.code for city in chosen.cities]
    city = cities.index(arrival.city)
    for at, action, said in timeline:
        if action in _TO:
            stage, since = _TO[action], at
        units = chosen.cities[city].units
        if action in ("dispatch", "forward_down"):
            unit = units.index(said["unit"]) if said["unit"] in units else -1
    if stage is None:
        return None
    actions = [action for _at, action, _said in timeline]
    return {
        "number": arrival.number,
        "stage": stage,
        "kind": KIND_CODES.index(arrival.kind),
        "category": CATEGORY_CODES.index(arrival.category),
        "to_department": int(arrival.mailbox == DEPARTMENT),
        "city": city if "dispatch" in actions or arrival.mailbox != DEPARTMENT else -1,
        "unit": unit,
        "received": arrival.at,
        "since": since,
        "due": arrival.at + chosen.promises.reply[arrival.kind] * DAY,
        "returns": actions.count("return_to_desk"),
        "redo": int("reopen" in actions),
        "emergency": int(arrival.emergency),
    }


NOTHING = Backlog(0, *([] for _name in backlog.LISTS))


def test_nothing_open_at_the_start_is_the_engine_itself():
    chosen = scenario(20, 500)
    plain = list(engine.run(chosen, 3).letters())
    assert list(resuming.run(chosen, 3, NOTHING).letters()) == plain


def test_the_rest_of_the_way_begins_at_the_start_and_is_the_same_again():
    chosen = scenario()
    before = of_timelines(chosen, 1, 20 * DAY + 15 * HOUR)
    assert len(before) > 300
    assert set(before.stage) >= {backlog.IN_HAND, backlog.ASKED}
    played = dict(resuming.run(chosen, 7, before))
    assert played == dict(resuming.run(chosen, 7, before))
    mine = [played[number] for number in range(1, len(before) + 1)]
    assert all(event[0] >= before.now for timeline in mine for event in timeline)
    assert not any(event[1] == "receive" for timeline in mine for event in timeline)
    answered = [any(action == "approve_reply" for _at, action, _said in t) for t in mine]
    assert np.mean(answered) > 0.8
    assert len(played) == len(before) + (arrivals.draw(chosen, 7).at >= before.now).sum()


def test_going_on_from_the_middle_is_like_having_gone_on():
    """Open letters and answers of the second half, as if the first had been played too."""
    chosen, half = scenario(), 20
    going_on, whole, left, whole_left = [], [], [], []
    for seed in range(8):
        before = of_timelines(chosen, seed, half * DAY)
        later = forecasting.play(chosen, seed + 100, {"backlog": before.as_json()})
        going_on.append(np.mean(later["open"][half : half + 10]))
        left.append(later["old"][half + 4])
        all_of_it = forecasting.play(chosen, seed + 100, {"backlog": NOTHING.as_json()})
        whole.append(np.mean(all_of_it["open"][half : half + 10]))
        there = of_timelines(chosen, seed, (half + 5) * DAY)
        old = set(before.number)
        whole_left.append(sum(number in old for number in there.number))
    for ours, theirs in ((going_on, whole), (left, whole_left)):
        error = np.sqrt(np.var(ours, ddof=1) / 8 + np.var(theirs, ddof=1) / 8)
        assert abs(np.mean(ours) - np.mean(theirs)) < 3 * error + 0.05 * np.mean(theirs)


def one(**changes):
    """Return a Backlog of one complaint in hand in Shenzhen, received ten days ago."""
    row = {
        "number": 5, "stage": backlog.IN_HAND, "kind": KIND_CODES.index("complaint"),
        "category": 0, "to_department": 0, "city": 2, "unit": 1, "received": -10 * DAY,
        "since": -9 * DAY, "due": 10 * DAY, "returns": 0, "redo": 0, "emergency": 0, **changes,
    }  # fmt: skip
    return Backlog(9 * HOUR, *([row[name]] for name in backlog.LISTS))


@pytest.mark.parametrize(
    "changes, late",
    [
        ({"due": 9 * HOUR + 60}, 1.0),
        ({"due": 39 * DAY, "since": 0}, 0.0),
        ({"due": -DAY}, 0.0),  # late already: not one that will be
    ],
)
def test_a_letter_is_late_when_its_time_is_too_short(changes, late):
    spec = {"backlog": one(**changes).as_json()}
    found = [forecasting.play(scenario(40, 100), seed, spec) for seed in range(10)]
    told = forecasting.summary(found, spec)
    assert told["backlog"] == 1
    assert told["late_now"] == (changes["due"] < 0)
    assert sum(row["late"] for row in told["cases"]) == late
    assert told["open"]["middle"][0] >= 1


def test_a_matter_that_has_taken_long_takes_longer_still():
    def days_left(passed):
        spec = {"backlog": one(since=9 * HOUR - passed * DAY).as_json()}
        played = [forecasting.play(scenario(40, 100), seed, spec) for seed in range(60)]
        return np.mean([found["cleared"] or 40 for found in played])

    assert days_left(20) > days_left(0) + 2


def test_an_asked_writers_time_is_not_the_offices():
    chosen = scenario(40, 100)
    asked = one(stage=backlog.ASKED, since=-DAY, due=2 * DAY)
    played = [forecasting.play(chosen, seed, {"backlog": asked.as_json()}) for seed in range(30)]
    in_hand = one(since=0, due=2 * DAY)
    others = [forecasting.play(chosen, seed, {"backlog": in_hand.as_json()}) for seed in range(30)]
    assert 0 < sum(len(found["late"]) for found in played) < 30
    assert sum(found["cleared"] or 40 for found in played) > sum(
        found["cleared"] or 40 for found in others
    )


# -- the snapshot -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state, stage",
    [
        ("received", backlog.RECEIVED), ("accepted", backlog.ACCEPTED),
        ("dispatched", backlog.DISPATCHED), ("in_hand", backlog.IN_HAND),
        ("in_review", backlog.IN_REVIEW), ("awaiting_citizen", backlog.ASKED),
    ],
)  # fmt: skip
def test_an_open_case_is_taken_as_it_stands(make_case, state, stage):
    case = make_case(state)
    make_case("closed")
    make_case("declined")
    chosen, at = scenario(), MORNING + timedelta(days=1, hours=2)
    found = snapshot.of_live(chosen, at)
    assert found.number == [case.pk]
    assert found.stage == [stage]
    assert found.now == 11 * HOUR
    assert found.received == [9 * HOUR - DAY]
    assert found.due[0] == 9 * HOUR + 19 * DAY
    shenzhen = chosen.cities[found.city[0]]
    assert shenzhen.code == "440300"
    if stage in (backlog.DISPATCHED, backlog.IN_HAND, backlog.IN_REVIEW):
        assert shenzhen.units[found.unit[0]] == "440304"
    else:
        assert found.unit == [-1] or stage == backlog.ASKED
    assert found.since[0] <= found.now
    played = forecasting.play(chosen, 1, {"backlog": found.as_json()})
    assert played["old"][0] in (0, 1)


def test_nothing_of_text_or_writer_is_in_it(make_case):
    make_case("in_hand")
    told = snapshot.of_live(scenario(), MORNING + timedelta(days=1)).as_json()
    assert all(isinstance(n, int) for values in told.values() for n in np.ravel(values).tolist())
    assert len(told) == 14


def test_the_level_needs_some_letters(make_case):
    at = MORNING + timedelta(days=1)
    for _time in range(3):
        make_case("received")
    assert snapshot.level(at) is None
    assert snapshot.level(datetime(2030, 1, 1, tzinfo=CHINA)) is None

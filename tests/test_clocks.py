"""Deadlines, as tables that a clerk can check with a calendar (all times Beijing time)."""

import random
from datetime import date, datetime, timedelta
from functools import cache

import pytest
from chinese_calendar import is_workday

from cases import clocks, policy
from cases.calendars import (
    HOUR,
    MINUTE,
    SHANGHAI,
    Calendar,
    Length,
    WorkingDays,
)
from tests.beijing import at

ALL_YEARS = range(2000, 2100)
MONDAY_TO_FRIDAY = "Monday to Friday"
EVERY_DAY = "every day"
NO_FEAST = ()
FEASTS = (date(2016, 11, 11), date(2016, 11, 13))


@cache
def calendar(*hours, days=MONDAY_TO_FRIDAY, holidays=NO_FEAST):
    """Build a calendar from hours such as "09:00-17:00"."""
    worked = {MONDAY_TO_FRIDAY: range(5), EVERY_DAY: range(7)}[days]
    works = WorkingDays(lambda day: day.weekday() in worked and day not in holidays, ALL_YEARS)
    blocks = []
    for text in hours:
        opens, closes = (int(part[:2]) * HOUR + int(part[3:]) * MINUTE for part in text.split("-"))
        blocks.append((opens, closes))
    return Calendar(works, blocks)


def due(length, start, pauses=(), calendar=None):
    """Return the deadline as text in Beijing time, or None."""
    spans = [(at(begin), end and at(end)) for begin, end in pauses]
    found = clocks.due(Length.parse(length), at(start), spans, calendar).at
    return found and f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


OFFICE = ("08:30-12:00", "14:00-17:30")


@pytest.mark.parametrize(
    ("length", "start", "expected"),
    [
        # minutes and hours, day and night
        ("10m", "2021-05-01 23:55", "2021-05-02 00:05"),
        ("8h", "2021-05-01 20:00", "2021-05-02 04:00"),
        # calendar days: the same time of day
        ("4d", "2021-05-01 12:34", "2021-05-05 12:34"),
        ("60d", "2021-12-31 09:00", "2022-03-01 09:00"),
        # working days: the same time of day on the Nth working day
        ("1wd", "2021-06-18 12:00", "2021-06-21 12:00"),  # Friday to Monday
        ("1wd", "2021-06-18 20:00", "2021-06-21 20:00"),
        ("5wd", "2021-06-16 09:00", "2021-06-23 09:00"),
        # Saturday counts as the start of Monday: due at the end of the Nth working day
        ("1wd", "2021-06-19 10:00", "2021-06-22 00:00"),
        ("5wd", "2021-06-20 10:00", "2021-06-26 00:00"),
        # National Day 2021: 1 to 7 October off, Saturday 9 October worked
        ("1wd", "2021-09-30 12:00", "2021-10-08 12:00"),
        ("2wd", "2021-09-30 12:00", "2021-10-09 12:00"),
        ("3wd", "2021-09-30 12:00", "2021-10-11 12:00"),
        # working hours: 08:30-12:00 and 14:00-17:30
        ("4wh", "2021-06-18 10:00", "2021-06-18 16:00"),
        ("4wh", "2021-06-18 16:00", "2021-06-21 11:00"),
        ("7wh", "2021-06-19 03:00", "2021-06-21 17:30"),  # closing, not the next opening
        ("30wm", "2021-06-18 12:30", "2021-06-18 14:30"),
    ],
)
def test_the_deadline_is_the_one_in_the_table(length, start, expected):
    assert due(length, start) == expected


@pytest.mark.parametrize(
    ("length", "start", "hours", "options", "expected"),
    [
        ("48wh", "2016-11-09 23:00", ("09:00-21:00",), {"days": EVERY_DAY}, "2016-11-13 21:00"),
        (
            "48wh",
            "2016-11-09 23:00",
            ("09:00-21:00",),
            {"days": EVERY_DAY, "holidays": FEASTS},
            "2016-11-15 21:00",
        ),
        ("60m", "2021-06-18 23:30", ("00:00-24:00",), {"days": EVERY_DAY}, "2021-06-19 00:30"),
        ("60wm", "2021-06-18 23:30", ("00:00-24:00",), {"days": EVERY_DAY}, "2021-06-19 00:30"),
        ("4wh", "2021-06-21 17:00", ("08:00-18:00",), {}, "2021-06-22 11:00"),
        ("30wm", "2021-06-21 12:30", ("08:00-12:00", "13:30-18:00"), {}, "2021-06-21 14:00"),
    ],
)
def test_other_hours_give_the_deadline_in_the_table(length, start, hours, options, expected):
    assert due(length, start, calendar=calendar(*hours, **options)) == expected


def test_a_later_letter_is_never_due_earlier():
    for length in ("10m", "4d", "1wd", "5wd", "4wh"):
        starts = [at("2021-09-28 00:00") + timedelta(minutes=17 * n) for n in range(1500)]
        deadlines = [clocks.due(Length.parse(length), start).at for start in starts]
        assert deadlines == sorted(deadlines)


def test_stored_times_are_utc_and_eight_hours_apart():
    sent = datetime(2023, 5, 27, 0, 0, tzinfo=SHANGHAI)
    found = clocks.due(Length.parse("1d"), sent).at
    assert found.isoformat() == "2023-05-27T16:00:00+00:00"


def test_a_moment_without_zone_is_refused():
    with pytest.raises(TypeError):
        clocks.due(Length.parse("10m"), datetime(2021, 5, 1))


# --- pauses


@pytest.mark.parametrize(
    ("length", "start", "pauses", "hours", "expected"),
    [
        # created Saturday, held Monday 09:00 to 12:00
        (
            "8wh",
            "2021-06-19 10:00",
            [("2021-06-21 09:00", "2021-06-21 12:00")],
            ("09:00-17:00",),
            "2021-06-22 12:00",
        ),
        # a pause over a weekend costs calendar days, but no working days
        (
            "4d",
            "2021-06-18 12:00",
            [("2021-06-18 18:00", "2021-06-21 00:00")],
            OFFICE,
            "2021-06-24 18:00",
        ),
        (
            "2wd",
            "2021-06-18 12:00",
            [("2021-06-19 00:00", "2021-06-21 00:00")],
            OFFICE,
            "2021-06-22 12:00",
        ),
        # two pauses
        (
            "10h",
            "2021-06-18 08:00",
            [("2021-06-18 09:00", "2021-06-18 10:00"), ("2021-06-18 11:00", "2021-06-18 13:00")],
            OFFICE,
            "2021-06-18 21:00",
        ),
        # a pause that begins after the deadline, or ends before the start, changes nothing
        ("1h", "2021-06-18 08:00", [("2021-06-18 10:00", None)], OFFICE, "2021-06-18 09:00"),
        ("1h", "2021-06-18 08:00", [("2021-06-18 09:00", None)], OFFICE, "2021-06-18 09:00"),
        (
            "1h",
            "2021-06-18 08:00",
            [("2021-06-17 08:00", "2021-06-17 09:00")],
            OFFICE,
            "2021-06-18 09:00",
        ),
        # a clock that starts within a pause starts at its end
        (
            "1h",
            "2021-06-18 08:30",
            [("2021-06-18 08:00", "2021-06-18 09:00")],
            OFFICE,
            "2021-06-18 10:00",
        ),
        # still waiting for the citizen: no deadline
        ("4d", "2021-06-18 08:00", [("2021-06-18 09:00", None)], OFFICE, None),
    ],
)
def test_a_pause_moves_the_deadline_as_in_the_table(length, start, pauses, hours, expected):
    assert due(length, start, pauses, calendar(*hours)) == expected


def test_a_paused_clock_stands_still():
    length, start = Length.parse("8h"), at("2021-06-18 08:00")
    pause = (at("2021-06-18 09:00"), None)
    for until in ("2021-06-18 09:00", "2021-06-20 23:00"):
        assert clocks.left(length, start, at(until), [pause]) == timedelta(hours=7)
    resumed = [(pause[0], at("2021-06-20 23:00"))]
    assert clocks.left(length, start, at("2021-06-21 00:00"), resumed) == timedelta(hours=6)
    assert clocks.left(length, start, at("2021-06-21 08:00"), resumed) == timedelta(hours=-2)


def test_used_time_is_in_the_lengths_own_kind_of_time():
    start, until = at("2021-06-18 16:00"), at("2021-06-21 11:00")
    cases = {"9wh": timedelta(hours=4), "9wd": timedelta(hours=19), "9d": timedelta(hours=67)}
    assert {text: clocks.used(Length.parse(text), start, until) for text in cases} == cases


def test_nothing_is_used_before_the_start():
    start, until = at("2021-06-18 16:00"), at("2021-06-18 15:00")
    assert clocks.used(Length.parse("8h"), start, until) == timedelta(0)


def test_a_change_of_kind_keeps_the_pause():
    rules = policy.load()
    sent = at("2021-06-18 08:00")
    pauses = [(at("2021-06-18 09:00"), at("2021-06-20 09:00"))]
    for kind in ("consult", "help"):
        plain = clocks.dues(rules, "city", kind, sent)["reply_due_at"]
        paused = clocks.dues(rules, "city", kind, sent, pauses)["reply_due_at"]
        assert paused - plain == timedelta(days=2)


def step_by_step(length, start, pauses):
    """Find a deadline the slow way: walk on by ten minutes, with no arithmetic."""
    in_hours = {
        "working hours": lambda t: "08:30" <= t < "12:00" or "14:00" <= t < "17:30",
        "working days": lambda t: True,
    }.get(length.time)
    moment, rest = start, length.size // (10 * MINUTE)
    while rest:
        running = not any(begin <= moment < end for begin, end in pauses)
        if in_hours:
            running = running and is_workday(moment.date()) and in_hours(f"{moment:%H:%M}")
        rest -= running
        moment += timedelta(minutes=10)
    return moment


def test_deadlines_agree_with_a_walk_step_by_step():
    dice = random.Random(20210501)
    for _ in range(300):
        length = Length.parse(dice.choice(["90m", "3h", "2d", "100wm", "9wh", "1wd", "3wd"]))
        start = at("2021-09-20 00:00") + timedelta(minutes=10 * dice.randrange(25 * 144))
        marks = sorted(dice.sample(range(4 * 144), 4))
        marks = [start + timedelta(minutes=10 * mark) for mark in marks]
        pauses = [(marks[0], marks[1]), (marks[2], marks[3])] if dice.random() < 0.7 else []
        expected = step_by_step(length, start, pauses)
        assert clocks.due(length, start, pauses).at == expected, (length, start, pauses)
        assert clocks.left(length, start, expected, pauses) == timedelta(0)


def test_an_hour_before_the_deadline_is_an_hour_of_working_time():
    hours = calendar("08:00-18:00")
    start, reminder = at("2021-06-21 17:00"), at("2021-06-22 10:00")
    assert clocks.left(Length.parse("4wh"), start, reminder, (), hours) == timedelta(hours=1)
    assert due("3wh", "2021-06-21 17:00", calendar=hours) == "2021-06-22 10:00"

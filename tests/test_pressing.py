"""Colours, pressing, and the due columns of a case (all times Beijing time)."""

from datetime import UTC, date, timedelta

import pytest
from chinese_calendar import is_workday

from cases import clocks, policy
from cases.calendars import SHANGHAI, Length
from tests.beijing import at

# --- colours and pressing


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2021-06-21 08:00", "green"),
        ("2021-06-24 07:59", "green"),
        ("2021-06-24 08:00", "yellow"),  # one day of four is left
        ("2021-06-25 08:00", "yellow"),
        ("2021-06-25 08:01", "red"),
    ],
)
def test_the_colour_follows_what_is_left(moment, expected):
    start, due_at = at("2021-06-21 08:00"), at("2021-06-25 08:00")
    assert clocks.colour(due_at, start, at(moment)) == expected


def test_nothing_due_has_no_colour():
    assert clocks.colour(None, at("2021-06-21 08:00"), at("2021-06-21 08:00")) == ""


@pytest.mark.parametrize(
    ("length", "due_at", "urge_at", "yellow_at", "red_at"),
    [
        # missed in the night: pressed at the next opening
        ("4d", "2021-06-22 03:00", "2021-06-22 08:30", "2021-06-23 08:30", "2021-06-29 08:30"),
        # missed on Saturday: urged on Monday
        ("4d", "2021-06-19 10:00", "2021-06-21 08:30", "2021-06-22 08:30", "2021-06-28 08:30"),
        # missed by the desk that never closes: urged at once
        ("10m", "2021-06-19 10:00", "2021-06-19 10:00", "2021-06-22 08:30", "2021-06-28 08:30"),
        ("4d", "2021-06-21 10:00", "2021-06-21 10:00", "2021-06-22 10:00", "2021-06-28 10:00"),
    ],
)
def test_late_cases_are_pressed_in_working_hours(length, due_at, urge_at, yellow_at, red_at):
    found = clocks.pressing(at(due_at), Length.parse(length), policy.load())
    assert found == (at(urge_at), at(yellow_at), at(red_at))


def test_no_red_card_before_five_working_days_have_passed():
    rules = policy.load()
    found = clocks.pressing(at("2021-06-20 10:00"), Length.parse("4d"), rules)
    wednesday = at("2021-06-23 12:00")
    assert wednesday < found.red_at
    full = sum(is_workday(date(2021, 6, day)) for day in range(21, 26))
    assert (full, found.red_at.astimezone(SHANGHAI).date()) == (5, date(2021, 6, 28))


# --- the due columns of a case


def test_dues_count_from_the_citizens_sending():
    sent = at("2021-06-19 03:00")
    found = clocks.dues(policy.load(), "city", "help", sent)
    assert {name: value - sent for name, value in found.items() if name.endswith("_at")} == {
        "accept_due_at": timedelta(minutes=10),
        "sign_due_at": timedelta(minutes=20),
        "contact_due_at": timedelta(minutes=30),
        "feedback_due_at": timedelta(days=4),
        "reply_due_at": timedelta(days=20),
        "legal_due_at": timedelta(days=60),
    }
    assert found["due_provisional"] is False
    assert all(value.tzinfo is UTC for name, value in found.items() if name.endswith("_at"))


def test_a_kind_without_legal_clock_has_no_legal_date():
    found = clocks.dues(policy.load(), "department", "consult", at("2021-06-19 03:00"))
    assert found["legal_due_at"] is None


@pytest.mark.parametrize(
    "pause",
    [
        ("2021-06-20 03:00", "2021-06-22 03:00"),  # within the first 20 days
        ("2021-07-10 03:00", "2021-07-12 03:00"),  # within the days added
    ],
)
def test_an_extension_moves_the_reply_only_and_keeps_pauses(pause):
    sent, pauses = at("2021-06-19 03:00"), [tuple(map(at, pause))]
    plain = clocks.dues(policy.load(), "city", "help", sent, pauses)
    longer = clocks.dues(policy.load(), "city", "help", sent, pauses, extra_days=5)
    assert longer["reply_due_at"] == sent + timedelta(days=20 + 5 + 2)
    assert {name for name in plain if plain[name] != longer[name]} == {"reply_due_at"}

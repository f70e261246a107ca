"""Spans of days in the address: what each code means, what comes before and after it."""

from datetime import date

import pytest

from cases.desk import periods

CODES = [
    # code                      first day           last day            before           after
    ("2026-03", date(2026, 3, 1), date(2026, 3, 31), "2026-02", "2026-04"),
    ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-01", "2024-03"),
    ("2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2027"),
    ("2026-W01", date(2025, 12, 29), date(2026, 1, 4), "2025-W52", "2026-W02"),
    (
        "2026-03-05..2026-03-07",
        *(date(2026, 3, 5), date(2026, 3, 7)),
        *("2026-03-02..2026-03-04", "2026-03-08..2026-03-10"),
    ),
]


@pytest.mark.parametrize("code, since, until, before, after", CODES)
def test_code_is_read_and_has_neighbours(code, since, until, before, after):
    found = periods.parsed(code)
    assert (found.since, found.until, found.code) == (since, until, code)
    assert (found.before.code, found.after.code) == (before, after)


def test_all_has_no_ends_and_no_neighbours():
    found = periods.parsed("all")
    assert (found.since, found.until, found.before, found.after) == (None, None, None, None)


def test_days_in_the_wrong_order_are_put_right():
    found = periods.read({"since": "2026-03-07", "until": "2026-03-05"})
    assert (found.since, found.until) == (date(2026, 3, 5), date(2026, 3, 7))


@pytest.mark.parametrize(
    "code", ["", "x", "2026-3", "2026-13", "20260301", "2026-W54", "0001", "9999", "2026..2027", "\0"]
)  # fmt: skip
def test_what_is_no_span_is_none(code):
    assert periods.parsed(code) is None


@pytest.mark.parametrize("code", ["1950", "2200", "1950-01-01..2200-12-31"])
def test_ends_of_time_have_neighbours_or_none(code):
    found = periods.parsed(code)
    for beside in (found.before, found.after):
        assert beside is None or beside.since < beside.until

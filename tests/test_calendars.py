"""Working days of China, and what happens in a year whose calendar is not out yet."""

from datetime import date

import pytest
from chinese_calendar import is_workday

from cases import clocks
from cases.calendars import (
    DAY,
    Calendar,
    Length,
    MissingCalendar,
    WorkingDays,
    known_years,
    official_days,
    require_years,
)
from tests.beijing import at


@pytest.mark.parametrize("day", ["2017-09-30", "2018-02-11", "2018-02-24", "2021-05-08"])
def test_make_up_days_are_worked(day):
    assert official_days().is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2021-10-01", "2021-10-07", "2021-06-14", "2021-06-19"])
def test_holidays_and_weekends_are_not_worked(day):
    assert not official_days().is_workday(date.fromisoformat(day))


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2100, 1, 1)])
def test_a_day_outside_the_table_is_refused(day):
    with pytest.raises(ValueError, match="from 2000-01-01 to 2100-01-01 only"):
        official_days().is_workday(day)
    with pytest.raises(ValueError, match="from 2000-01-01 to 2100-01-01 only"):
        clocks.due(Length.parse("5wd"), at(f"{day} 12:00"))


# --- years without an official calendar

UNKNOWN = known_years()[-1] + 1


@pytest.mark.parametrize(
    ("length", "start", "provisional"),
    [
        ("5wd", f"{UNKNOWN - 1}-06-01 09:00", False),
        ("5wd", f"{UNKNOWN - 1}-12-30 09:00", True),
        ("4wh", f"{UNKNOWN}-06-01 09:00", True),
        ("5wd", "2003-06-02 09:00", True),
        ("5wd", "2003-12-30 09:00", True),
        ("5d", f"{UNKNOWN}-06-01 09:00", False),
        ("10m", f"{UNKNOWN}-06-01 09:00", False),
    ],
)
def test_a_deadline_over_an_unknown_year_is_provisional(length, start, provisional):
    found = clocks.due(Length.parse(length), at(start))
    assert found.at is not None
    assert found.provisional is provisional


def test_a_provisional_deadline_is_monday_to_friday_until_the_calendar_comes():
    early = Calendar(WorkingDays(is_workday, range(2004, 2021)), [(0, DAY)])
    late = Calendar(WorkingDays(is_workday, range(2004, 2022)), [(0, DAY)])
    length, start = Length.parse("1wd"), at("2021-09-30 12:00")
    assert clocks.due(length, start, (), early) == (at("2021-10-01 12:00"), True)
    assert clocks.due(length, start, (), late) == (at("2021-10-08 12:00"), False)


def test_statistics_of_an_unknown_year_are_refused():
    require_years(2021, UNKNOWN - 1)
    with pytest.raises(MissingCalendar, match=f"for {UNKNOWN}, {UNKNOWN + 1} "):
        require_years(2021, UNKNOWN + 1)

"""Hours written day by day: read back by the library that reads opening hours, they say the same."""

from __future__ import annotations

import datetime as dt

import opening_hours
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.safe_places.timetable import DAYS, hours_of, times_of

WEEK = list(DAYS)[:-1]
MONDAY = dt.datetime(2025, 6, 2)  # noqa: DTZ001 - the library's own clock


@pytest.mark.parametrize(
    ("times", "hours"),
    [
        ({"Mo": "9am-5pm", "Tu": "9-17", "PH": "closed"}, "Mo-Tu 09:00-17:00; PH off"),
        ({"Mo": "09:00-12:30, 13:30-17:00"}, "Mo 09:00-12:30,13:30-17:00"),
        ({"Fr": "6pm to 2am", "Su": "closed"}, "Fr 18:00-02:00"),
        ({"Mo": "12am-12pm"}, "Mo 00:00-12:00"),
        ({}, ""),
    ],
)
def test_times_become_hours(times: dict[str, str], hours: str) -> None:
    assert hours_of(times) == (hours, ())


@pytest.mark.parametrize("text", ["late", "25:00-26:00", "9-", "13pm-2pm", "09:61-10:00", "0am-1am"])
def test_what_cannot_be_read_is_named(text: str) -> None:
    assert hours_of({"We": text})[1] == ("We",)


@given(spans=st.lists(st.tuples(st.integers(0, 22), st.integers(1, 24)), min_size=7, max_size=7))
def test_a_week_is_open_when_it_was_written_to_be(spans: list[tuple[int, int]]) -> None:
    """The oracle is opening-hours-py, at half past every hour of a week without a holiday."""
    whole = [(begin, end) if begin < end else None for begin, end in spans]
    times = {
        day: f"{span[0]:02d}:00-{span[1]:02d}:00" if span else "closed" for day, span in zip(WEEK, whole, strict=True)
    }
    hours, unread = hours_of(times)
    assert unread == ()
    if not hours:
        assert whole == [None] * 7
        return
    read = opening_hours.OpeningHours(hours)
    for number, span in enumerate(whole):
        for hour in range(24):
            at = MONDAY + dt.timedelta(days=number, hours=hour, minutes=30)
            assert read.is_open(at) == (span is not None and span[0] <= hour < span[1])


def test_simple_hours_are_shown_day_by_day() -> None:
    assert times_of("Mo-Tu 09:00-17:00; PH off") == {"Mo": "09:00-17:00", "Tu": "09:00-17:00", "PH": "closed"}
    assert times_of("sunrise-sunset") == {}

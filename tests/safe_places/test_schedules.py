"""Weekly recurrences say what the opening hours say."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State

from geo_service.safe_places.bank_holidays import also_unusual, england
from geo_service.safe_places.schedules import Weekly, weekly, weekly_within
from geo_service.safe_places.timelines import timeline

MONDAY = dt.datetime(2026, 6, 8)  # noqa: DTZ001 - London's clock, as rrule writes it
LONDON = ZoneInfo("Europe/London")
YEAR = (dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1))  # noqa: DTZ001 - London's clock
MINUTE = dt.timedelta(minutes=1)
DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


def minutes_by_rrule(found: tuple[Weekly, ...] | None) -> set[dt.datetime]:
    """Lay a week out minute by minute as a reader of RFC 5545 does."""
    open_at: set[dt.datetime] = set()
    for times in found or ():
        hour, minute = map(int, times.opens_at.split(":"))
        closes = dt.time.fromisoformat(times.closes_at)
        days = [getattr(rrule, day) for day in times.days]
        for start in rrule.rrule(
            rrule.WEEKLY, byweekday=days, byhour=hour, byminute=minute, dtstart=MONDAY - dt.timedelta(days=7), count=60
        ):
            end = dt.datetime.combine(start.date(), closes)
            end += dt.timedelta(days=1) if end <= start else dt.timedelta(0)
            open_at |= {start + dt.timedelta(minutes=step) for step in range(int((end - start).total_seconds() // 60))}
    return {at for at in open_at if MONDAY <= at < MONDAY + dt.timedelta(days=7)}


def minutes_by_library(hours: str) -> set[dt.datetime]:
    found = OpeningHours(hours, timezone=LONDON)
    last = MONDAY + dt.timedelta(days=7)
    return {
        begin.replace(tzinfo=None) + dt.timedelta(minutes=step)
        for begin, end, state, _ in found.intervals(MONDAY.replace(tzinfo=LONDON), last.replace(tzinfo=LONDON))
        if state == State.OPEN
        for step in range(int((min(end, last.replace(tzinfo=LONDON)) - begin).total_seconds() // 60))
    }


hour = st.integers(0, 23)


@st.composite
def rules(draw: st.DrawFn) -> str:
    parts = []
    for day in draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True)):
        last = draw(st.sampled_from(DAYS))
        days = draw(st.sampled_from([day, f"{day}-{last}", f"{day},{last}"]))
        begin = draw(hour)
        times = draw(st.sampled_from([f"{begin:02d}:30-{draw(st.integers(begin + 1, 24)):02d}:00", "off"]))
        parts.append(f"{days} {times}")
    return "; ".join(parts)


@settings(max_examples=60)
@given(rules())
def test_a_week_is_open_when_the_library_says_so(hours: str) -> None:
    assert minutes_by_rrule(weekly(hours)) == minutes_by_library(hours)


def test_nights_end_on_the_day_after() -> None:
    assert weekly("Fr-Sa 20:00-04:00") == (Weekly(("FR", "SA"), "20:00", "04:00"),)
    assert minutes_by_rrule(weekly("Fr-Sa 20:00-28:00")) == minutes_by_library("Fr-Sa 20:00-28:00")


def test_day_and_night_is_every_minute() -> None:
    assert len(minutes_by_rrule(weekly("24/7"))) == 7 * 24 * 60


def test_bank_holidays_are_left_out() -> None:
    assert weekly("Mo-Fr 09:00-17:00; PH off") == weekly("Mo-Fr 09:00-17:00") == weekly("Mo-Fr,PH 09:00-17:00")


@pytest.mark.parametrize(
    "hours",
    ["", "off", 'Mo-Fr 10:00-15:00 unknown "ring first"', "Jun-Aug Mo 09:00-17:00", "Mo 10:00+", "sunrise-sunset",
     "Mo[1] 10:00-12:00", "Mo-PH 09:00-17:00", "Mo 09:00-17:99", "Mo 25:00-26:00", "whenever"],
)  # fmt: skip
def test_what_is_not_as_simple_is_left_to_words(hours: str) -> None:
    assert weekly(hours) is None


def test_a_night_into_a_day_that_is_off_is_left_to_words() -> None:
    """Nobody knows whether it goes on, and the pages say so: `hours not clear`."""
    assert weekly("Fr 20:00-04:00; Sa off") is None
    assert weekly("Su 20:00-04:00; Mo closed") is None
    assert weekly("Su 20:00-24:00; Mo off") == (Weekly(("SU",), "20:00", "00:00"),)


# --- a place in a building ------------------------------------------------------------------------

WITHIN = [
    ("Mo-Sa 09:00-18:00; PH off", "Mo-Fr 08:00-17:00; Su 10:00-16:00; PH 10:00-14:00"),
    ("Mo-Su 07:00-23:00; PH off", "Mo-Sa 09:00-17:30; PH off"),
    ("24/7", "Mo-Th 06:00-24:00; Fr,Sa 06:00-26:00; Su 08:00-22:00; PH 08:00-20:00"),
    ("Fr,Sa 20:00-04:00; PH off", "24/7"),
    ("Mo-Su 20:00-06:00; PH off", "Mo-Su 05:00-02:00; PH off"),
    ("Mo-Fr 09:00-12:30,13:30-17:00; PH off", "Mo-Su 10:00-20:00; PH off", "Tu-Su 08:00-16:00; PH off"),
    ("24/7", "24/7"),
]


def minutes_of(moments: list[tuple[dt.datetime, dt.datetime]]) -> np.ndarray:
    """Say of each minute of the year whether it lies in one of some intervals of the wall clock."""
    first, last = YEAR
    shown = np.zeros((last - first) // MINUTE, dtype=bool)
    for begin, end in moments:
        shown[max(0, (begin - first) // MINUTE) : max(0, (end - first) // MINUTE)] = True
    return shown


def year_by_rrule(found: tuple[Weekly, ...]) -> np.ndarray:
    spans = []
    for times in found:
        opens, closes = map(dt.time.fromisoformat, (times.opens_at, times.closes_at))
        length = dt.timedelta(days=closes <= opens)
        days = rrule.rrule(
            rrule.WEEKLY,
            byweekday=[getattr(rrule, day) for day in times.days],
            dtstart=YEAR[0] - dt.timedelta(days=2),
            until=YEAR[1],
        )
        spans += [(dt.datetime.combine(day, opens), dt.datetime.combine(day, closes) + length) for day in days]
    return minutes_of(spans)


def year_by_library(hours: str) -> np.ndarray:
    """Lay the year out by opening-hours-py, without bank holidays; rule by rule, because it ends a night with the next.

    No two rules name the same day here.
    """
    rules = [OpeningHours(rule) for rule in hours.split("; ") if not rule.startswith("PH")]
    return minutes_of([span[:2] for rule in rules for span in rule.intervals(*YEAR) if span[2] == State.OPEN])


def year_by_pages(hours: tuple[str, ...]) -> np.ndarray:
    """Lay the year out as the pages say it, two weeks at a time; what is not known is not open."""
    spans = []
    for step in range(0, 366, 14):
        day = YEAR[0].date() + dt.timedelta(days=step)
        first, last = (dt.datetime.combine(day + dt.timedelta(days=days), dt.time(0)) for days in (0, 14))
        for begin, end, state in timeline(hours, day).intervals:
            begins, ends = max(begin.replace(tzinfo=None), first), min(end.replace(tzinfo=None), last)
            if state == "open" and begins < ends:
                spans.append((begins, ends))
    return minutes_of(spans)


@pytest.mark.parametrize("hours", WITHIN, ids=" in ".join)
def test_a_place_in_a_building_has_at_most_the_hours_of_the_building(hours: tuple[str, ...]) -> None:
    """Minute by minute over a year: what the library finds of each, and what the pages say but for bank holidays."""
    found = weekly_within(hours)
    assert found
    told = year_by_rrule(found)
    assert np.array_equal(told, np.logical_and.reduce([year_by_library(text) for text in hours]))
    days = [YEAR[0].date() + dt.timedelta(days=number) for number in range(365)]
    holidays = england(2026) | also_unusual(2026) | england(2027)
    near = {day + dt.timedelta(days=late) for day in holidays for late in (0, 1)}
    clocks = {dt.date(2026, 3, 29), dt.date(2026, 10, 25)}
    ordinary = np.repeat([day not in near | clocks for day in days], 24 * 60)
    assert ordinary.sum() > 330 * 24 * 60
    assert np.array_equal(told[ordinary], year_by_pages(hours)[ordinary])


@pytest.mark.parametrize(
    "hours",
    [("Mo-Fr 09:00-17:00", ""), ("", "Mo-Fr 09:00-17:00"), ("Mo 09:00-17:00", "Tu 09:00-17:00"),
     ("Mo 09:00-17:00", "sunrise-sunset"), ("Mo 09:00-17:00", "Mo-Su 08:00-18:00", "")],
)  # fmt: skip
def test_where_a_building_is_not_known_or_never_open_with_it_no_times_are_said(hours: tuple[str, ...]) -> None:
    assert weekly_within(hours) is None

"""Weekly recurrences say what the opening hours say."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State

from geo_service.safe_places.schedules import Weekly, weekly

MONDAY = dt.datetime(2026, 6, 8)  # noqa: DTZ001 - London's clock, as rrule writes it
LONDON = ZoneInfo("Europe/London")
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

"""Weeks, nights and intervals."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.demonstration import rhythm
from geo_service.demonstration.rhythm import Calendar, Rhythm, Span
from geo_service.demonstration.streams import STREAMS
from geo_service.model.periods import Period

SATURDAY_NIGHT = Rhythm((0, 0, 0, 0, 0, 1, 0), ((26.0, 0.2, 1.0),), floor=0.0)


def test_two_in_the_morning_belongs_to_the_night_before() -> None:
    busiest = int(np.argmax(rhythm.week(SATURDAY_NIGHT)))
    assert busiest // 24 == 6  # a Sunday by the calendar
    assert busiest % 24 in {1, 2}


def test_drawn_moments_fall_on_the_right_weekday_of_a_real_calendar() -> None:
    calendar = Calendar.of(Period.parse("2025-01", "2025-12"))
    moments = calendar.draw(SATURDAY_NIGHT, 500, np.random.default_rng(3), np.ones(1))
    days = {(calendar.first + dt.timedelta(days=int(minute) // 1_440)).strftime("%A") for minute in moments}
    assert days == {"Sunday"}


def test_a_rising_course_moves_events_towards_the_end() -> None:
    calendar = Calendar.of(Period.parse("2024-11", "2026-10"))
    flat = Rhythm((1,) * 7, ((12, 3, 1),))
    late = calendar.draw(flat, 20_000, np.random.default_rng(1), np.array([1.0, 3.0])) >= calendar.minutes / 2
    assert late.mean() == pytest.approx(0.75, abs=0.015)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_every_stream_has_a_rhythm_and_shares_that_add_up(stream: object) -> None:
    assert rhythm.week(stream.rhythm).min() > 0
    assert sum(stream.where.values()) == pytest.approx(1, abs=0.011)


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=30), st.integers(0, 999))
def test_an_interval_stays_within_the_data_and_never_runs_backwards(moments: list[int], seed: int) -> None:
    start, end = rhythm.interval(np.array(moments), Span(6, 1.5), 100_000, np.random.default_rng(seed))
    assert (start >= 0).all()
    assert (start <= np.array(moments)).all()
    assert (end >= start).all()
    assert (end <= 100_000).all()


@given(st.integers(0, 2_000_000))
def test_rounding_never_moves_a_moment_forward_or_by_half_an_hour(minute: int) -> None:
    rounded = rhythm.as_reported(np.array([minute]), np.random.default_rng(minute))[0]
    assert 0 <= minute - rounded < 30

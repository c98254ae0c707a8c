"""When in a shift most is expected of a zone."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.model.patrol import Shift
from geo_service.model.zone_facts import WeekSpan, ZoneFacts

FRIDAY = dt.date(2026, 10, 23)


def facts(*windows: tuple[int, int], week: np.ndarray | None = None, known: bool = True) -> ZoneFacts:
    hours = np.ones(168) if week is None else week
    spans = tuple(WeekSpan(start, length, 3.0) for start, length in windows) if known else None
    return ZoneFacts("z", "", "", (), spans, float(hours.mean()), hours, "incidents")


def at(day: int, hour: float) -> int:
    return round((day * 24 + hour) * 60)


def test_a_window_is_cut_to_the_shift() -> None:
    found = facts((at(4, 21), 240)).in_shift(Shift.asked(FRIDAY, "15:00-23:00"))
    assert (found.windows, found.usual) == (((360, 480),), True)


def test_a_window_runs_on_over_midnight_and_from_sunday_into_monday() -> None:
    night = facts((at(4, 21), 240)).in_shift(Shift.asked(FRIDAY, "22:00-06:00"))
    assert night.windows == ((0, 180),)
    sunday = facts((at(6, 23), 120)).in_shift(Shift.asked(FRIDAY + dt.timedelta(days=2), "22:00-06:00"))
    assert sunday.windows == ((60, 180),)


def test_the_hour_that_comes_twice_lengthens_a_window() -> None:
    """On 25 October 2026 the clocks go back from 02:00 to 01:00: a shift 22:00-06:00 has nine hours."""
    night = Shift.asked(dt.date(2026, 10, 24), "22:00-06:00")
    assert night.minutes == 540
    assert facts((at(6, 1), 60)).in_shift(night).windows == ((180, 300),)


def test_without_a_window_in_the_shift_its_best_two_hours_are_taken_and_that_is_said() -> None:
    week = np.ones(168)
    week[4 * 24 + 10 : 4 * 24 + 12] = 2.0
    found = facts((at(5, 21), 240), week=week).in_shift(Shift.asked(FRIDAY, "07:00-15:00"))
    assert (found.windows, found.per_h, found.usual) == (((180, 300),), 2.0, False)


def test_a_sliver_of_a_window_is_none() -> None:
    found = facts((at(4, 14), 90)).in_shift(Shift.asked(FRIDAY, "15:00-23:00"))
    assert not found.usual


def test_without_hours_it_is_the_whole_shift() -> None:
    found = facts(known=False).in_shift(Shift.asked(FRIDAY, "15:00-23:00"))
    assert (found.windows, found.per_h, found.usual) == (((0, 480),), 1.0, False)


def test_what_is_expected_is_the_mean_over_the_spans_by_the_clock() -> None:
    week = np.zeros(168)
    week[4 * 24 + 15] = 4.0
    shift = Shift.asked(FRIDAY, "15:00-23:00")
    assert facts(week=week).expected(shift, ((0, 60),)) == 4.0
    assert facts(week=week).expected(shift, ((30, 90),)) == pytest.approx(2.0)
    assert facts(week=week).expected(shift, ()) == 0.0


@given(
    st.lists(st.tuples(st.integers(0, 671), st.integers(4, 60)), max_size=6),
    st.integers(0, 23),
    st.integers(1, 14),
    st.integers(0, 700),
)
def test_windows_lie_in_the_shift_ascend_and_are_apart(
    spans: list[tuple[int, int]], first: int, hours: int, day: int
) -> None:
    shift = Shift.asked(FRIDAY + dt.timedelta(days=day), f"{first:02d}:00-{(first + hours) % 24:02d}:20")
    found = facts(*((start * 15, length * 15) for start, length in spans)).in_shift(shift)
    edges = [edge for window in found.windows for edge in window]
    assert found.windows
    assert edges == sorted(set(edges))
    assert edges[0] >= 0
    assert edges[-1] <= shift.minutes

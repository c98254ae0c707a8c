"""Shifts, spans of the clock and rules."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.errors import QueryError
from geo_service.model.patrol import PatrolRules, PlanRequest, Shift, clock_span

LATE = dt.date(2026, 10, 23)


def test_a_shift_over_midnight_ends_on_the_next_day() -> None:
    shift = Shift.asked(LATE, "22:00-06:00")
    assert shift.minutes == 480
    assert shift.end.isoformat() == "2026-10-24T06:00:00+01:00"
    assert shift.clock(135) == "00:15"


@pytest.mark.parametrize(("day", "minutes"), [(dt.date(2026, 10, 24), 540), (dt.date(2026, 3, 28), 420)])
def test_the_night_on_which_the_clocks_change_is_an_hour_longer_or_shorter(day: dt.date, minutes: int) -> None:
    shift = Shift.asked(day, "22:00-06:00")
    assert shift.minutes == minutes
    assert shift.clock(shift.minutes) == "06:00"


def test_a_time_of_the_shift_comes_back_as_its_minute() -> None:
    shift = Shift.asked(LATE, "22:00-06:00")
    assert [shift.minute(shift.at(minute)) for minute in (0, 90, 480)] == [0, 90, 480]


@pytest.mark.parametrize(
    ("text", "span"),
    [("18:00-20:00", (180, 300)), ("22:30-01:00", (450, 480)), ("06:00-16:00", (0, 60)), ("02:00-04:00", None)],
)
def test_a_window_is_cut_to_the_shift(text: str, span: tuple[int, int] | None) -> None:
    assert Shift.asked(LATE, "15:00-23:00").span(text, field="window") == span


def test_a_window_after_midnight_lies_in_the_night_of_the_shift() -> None:
    assert Shift.asked(LATE, "22:00-06:00").span("01:00-03:00", field="window") == (180, 300)


@pytest.mark.parametrize("text", ["", "15-23", "25:00-26:00", "15:60-16:00", "15:00-24:30", "late", "15:00-23:00x"])
def test_what_is_no_span_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(QueryError, match=r"span|hour") as refused:
        clock_span(text, field="shift")
    assert refused.value.field == "shift"


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("visit_min", 9),
        ("visit_min", 17),
        ("loop_min", 61),
        ("gap_min", 106),
        ("crew", 3),
        ("cap", 0),
        ("speed_kmh", 90),
    ],
)
def test_a_rule_out_of_range_is_refused(rule: str, value: int) -> None:
    with pytest.raises(QueryError):
        PatrolRules(**{rule: value})  # type: ignore[arg-type]


def test_one_officer_is_no_pair() -> None:
    with pytest.raises(QueryError, match="too few") as refused:
        PlanRequest("Old Town", Shift.asked(LATE, "15:00-23:00"), officers=1)
    assert refused.value.field == "officers"

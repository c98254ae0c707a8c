"""Hours are said where the data knows them, and not where it does not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from geo_service.hotspots import best_hours
from geo_service.hotspots.week.moments import Defaults

MONDAY = dt.datetime(2025, 6, 2)  # noqa: DTZ001 - local clock times have no zone
NO_TIME = pl.Series([None], dtype=pl.Datetime("us"))


def times(*at: tuple[int, float, int]) -> pl.Series:
    """Return so many times at (day of the week, hour, how many), minutes past the hour."""
    said = [MONDAY + dt.timedelta(days=day, hours=hour, minutes=7) for day, hour, many in at for _ in range(many)]
    return pl.Series(said, dtype=pl.Datetime("us"))


def spread(many: int) -> pl.Series:
    hours = np.random.default_rng(1).uniform(0, 168, many)
    return pl.Series([MONDAY + dt.timedelta(hours=float(hour), seconds=30) for hour in hours], dtype=pl.Datetime("us"))


def nulls(like: pl.Series) -> pl.Series:
    return pl.Series([None] * len(like), dtype=pl.Datetime("us"))


def test_nights_at_the_weekend_are_found_and_belong_to_the_day_they_begin_on() -> None:
    start = pl.concat([times((4, 21, 9), (4, 23, 9), (5, 0, 6), (5, 22, 9), (6, 0, 9)), spread(30)])
    said = best_hours(start, nulls(start))
    assert said is not None
    assert said.startswith("Fri, Sat 21:00–01:00 (")  # noqa: RUF001
    assert said.endswith("of 72 with a known time or span)")


def test_one_day_stands_alone() -> None:
    start = pl.concat([times((2, 8, 30)), spread(30)])
    assert (best_hours(start, nulls(start)) or "").startswith("Wed ")


@pytest.mark.parametrize("seed_rows", [20, 60, 500])
def test_an_even_spread_has_no_best_hours(seed_rows: int) -> None:
    start = spread(seed_rows)
    said = best_hours(start, nulls(start))
    assert said == f"No hours of the week stand out ({seed_rows} incidents with a known time or span)"


def test_month_only_data_has_no_hours() -> None:
    unknown = pl.Series([None] * 500, dtype=pl.Datetime("us"))
    assert best_hours(unknown, unknown) is None


@pytest.mark.parametrize("hour", [0, 12])
def test_midnight_and_noon_to_the_minute_count_as_unknown(hour: int) -> None:
    default = pl.Series([MONDAY + dt.timedelta(hours=hour)] * 500, dtype=pl.Datetime("us"))
    assert best_hours(default, nulls(default)) is None


def test_a_few_known_times_say_nothing() -> None:
    start = times((4, 21, 19))
    assert best_hours(start, nulls(start)) is None


def test_a_span_is_spread_over_its_hours_up_to_a_day_and_says_nothing_beyond() -> None:
    start = times((1, 9, 40))
    # Of 09:07 to 17:07 the four hours from 10:00 hold half.
    assert best_hours(start, start + dt.timedelta(hours=8)) == "Tue 10:00–14:00 (50% of 40 with a known time or span)"  # noqa: RUF001
    assert best_hours(start, start + dt.timedelta(hours=25)) is None
    assert best_hours(start, start - dt.timedelta(hours=1)) is None


def test_no_rows_have_no_hours() -> None:
    assert best_hours(NO_TIME.clear(), NO_TIME.clear()) is None


def test_what_was_found_in_more_data_says_how_much_of_midnight_is_known() -> None:
    start = pl.Series([MONDAY] * 60, dtype=pl.Datetime("us"))
    said = best_hours(start, nulls(start), Defaults((0.5, 0.0)))
    assert said is not None
    assert said.endswith("of 30 with a known time or span)")

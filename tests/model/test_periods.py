"""Months and periods: the calendar is the oracle."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.model.periods import Month, Period, month_words

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))


@given(DAYS)
def test_a_month_holds_its_days_and_reads_back_as_written(day: dt.date) -> None:
    month = Month.of(day)
    assert month.first_day <= day <= month.last_day
    assert month.first_day.day == 1
    assert (month.last_day + dt.timedelta(days=1)).day == 1
    assert Month.parse(str(month)) == month


@given(DAYS, st.integers(-500, 500))
def test_months_add_up(day: dt.date, months: int) -> None:
    month = Month.of(day)
    assert (month + months) - months == month


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-00",
        "2025-13",
        "2025-1",
        "25-01",
        "1850-01",
        "2025-01-01",
        "\u0662\u0660\u0662\u0665-\u0660\u0661",
    ],
)
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(QueryError, match="YYYY-MM"):
        Month.parse(text)


def test_a_period_includes_both_ends() -> None:
    period = Period.parse("2024-11", "2025-02")
    assert len(period) == 4
    assert [str(month) for month in period] == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert str(period) == "2024-11 to 2025-02"
    assert str(Period.parse("2025-02", "2025-02")) == "2025-02"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ([], ""),
        (["2025-01"], "2025-01"),
        (["2024-11", "2024-12", "2025-01"], "2024-11 to 2025-01"),
        (["2024-01", "2024-02", "2025-06", "2025-08", "2025-09"], "2024-01 to 2024-02, 2025-06, 2025-08 to 2025-09"),
    ],
)
def test_months_are_written_as_the_runs_that_they_make(months: list[str], said: str) -> None:
    assert month_words(Month.parse(month) for month in months) == said


def test_an_end_before_the_beginning_is_refused_naming_both() -> None:
    with pytest.raises(QueryError, match="from 2025-02 to 2025-01") as refused:
        Period.parse("2025-02", "2025-01")
    assert refused.value.field == "to"

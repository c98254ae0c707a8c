"""Options that commands share."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.cli.wiring import day_of, refuse_empty
from geo_service.errors import QueryError


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_a_day_is_read_as_it_is_written(day: dt.date) -> None:
    assert day_of(day.isoformat(), "date") == day


def test_no_day_is_none() -> None:
    assert day_of(None, "date") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-6-1",
        "20250601",
        "2025-02-30",
        "2025-W01-1",
        "1899-12-31",
        "2200-01-01",
        "\u0662\u0660\u0662\u0665-06-01",
    ],
)
def test_what_is_no_day_is_refused_by_its_option(text: str) -> None:
    with pytest.raises(QueryError, match="Write it as YYYY-MM-DD") as refused:
        day_of(text, "valid_from")
    assert refused.value.field == "valid_from"


def test_an_option_that_is_there_but_empty_is_refused() -> None:
    refuse_empty(None, "--boundary")
    refuse_empty("Redditch", "--boundary")
    with pytest.raises(QueryError, match="--boundary is empty"):
        refuse_empty(" ", "--boundary")

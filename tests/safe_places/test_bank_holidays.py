"""England's bank holidays against the days that the government has published."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.safe_places.bank_holidays import also_unusual, easter_sunday, england

# gov.uk/bank-holidays, England and Wales.
PUBLISHED = {
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}


@pytest.mark.parametrize(("year", "days"), PUBLISHED.items())
def test_the_rule_gives_the_days_that_were_published(year: int, days: str) -> None:
    assert england(year) == {dt.date.fromisoformat(f"{year}-{day}") for day in days.split()}


# Astronomical Applications Department, US Naval Observatory: dates of Easter.
@pytest.mark.parametrize(
    "sunday", ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21"]
)
def test_easter_is_on_the_tabulated_sunday(sunday: str) -> None:
    assert easter_sunday(int(sunday[:4])).isoformat() == sunday


@pytest.mark.parametrize("year", range(2024, 2071))
def test_every_year_has_eight_bank_holidays_on_week_days(year: int) -> None:
    assert len(england(year)) == 8
    assert all(day.weekday() < 5 for day in england(year))


def test_a_christmas_day_that_moved_is_unusual_still() -> None:
    assert dt.date(2027, 12, 25) in also_unusual(2027)
    assert not also_unusual(2027) & england(2027)

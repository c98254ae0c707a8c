"""When what is said of a place wants checking again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


def needs_review(last_verified: dt.date | None, today: dt.date) -> bool:
    """Say whether a place was never verified, or not within the year that ends today."""
    return last_verified is None or last_verified < _a_year_before(today)


def _a_year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)

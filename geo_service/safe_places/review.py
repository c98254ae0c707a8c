"""When what is said of a place wants checking again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

DUE_DAYS: Final = 30
"""Days ahead in which a coordinator is reminded of a review."""


def needs_review(last_verified: dt.date | None, today: dt.date) -> bool:
    """Say whether a place was never verified, or not within the year that ends today."""
    return last_verified is None or last_verified < _a_year_before(today)


def _a_year_before(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def a_year_after(day: dt.date) -> dt.date:
    """Return the day on which a place that was verified on `day` is asked again."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, month=3, day=1)


def review_due(next_review: dt.date | None, last_verified: dt.date | None, today: dt.date) -> tuple[str, int] | None:
    """Say whether a place has to be asked again: (`overdue`, days since) or (`due`, days until), None for neither.

    Without a day of its own, a place is asked a year after it was last verified; one that never was is overdue.
    """
    day = next_review or (None if last_verified is None else a_year_after(last_verified))
    if day is None:
        return "overdue", 0
    days = (day - today).days
    if days < 0:
        return "overdue", -days
    return ("due", days) if days <= DUE_DAYS else None

"""When a place wants verifying again."""

from __future__ import annotations

import datetime as dt

import pytest

from geo_service.safe_places.review import needs_review


@pytest.mark.parametrize(
    ("verified", "today", "due"),
    [
        (None, "2025-11-20", True),
        ("2024-11-19", "2025-11-20", True),
        ("2024-11-20", "2025-11-20", False),
        ("2023-02-28", "2024-02-29", False),
        ("2023-02-27", "2024-02-29", True),
    ],
)
def test_a_place_wants_review_after_a_year(verified: str | None, today: str, *, due: bool) -> None:
    day = None if verified is None else dt.date.fromisoformat(verified)
    assert needs_review(day, dt.date.fromisoformat(today)) is due

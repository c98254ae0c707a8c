"""Where the map of a card lies when its zone is too large for it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_service.workflows.paper.plan_sheet_maps import busiest, card_window

SIZE_MM = (88.0, 70.0)
"""At 1:5,000, 440 m by 350 m."""
LONG = shapely.box(400_000, 250_000, 400_900, 250_200)


def incidents(east_m: float, count: int) -> np.ndarray:
    return np.column_stack([np.full(count, east_m), np.full(count, 250_100.0)])


def test_a_zone_that_fits_is_shown_whole() -> None:
    small = shapely.box(400_000, 250_000, 400_300, 250_200)
    window = card_window(small, SIZE_MM)
    assert window.whole
    assert window.box.contains(small)


@pytest.mark.parametrize(("hot_m", "sides"), [(400_050, {"east"}), (400_450, {"east", "west"}), (400_880, {"west"})])
def test_a_long_zone_is_shown_where_most_happened(hot_m: float, sides: set[str]) -> None:
    cut = card_window(LONG, SIZE_MM)
    assert (cut.whole, cut.scale) == (False, 5_000)
    window = busiest(cut, LONG, np.concatenate([incidents(hot_m, 30), incidents(400_300, 5), incidents(400_600, 5)]))
    assert window.box.contains(shapely.Point(hot_m, 250_100))
    assert (window.scale, window.width_mm) == (cut.scale, cut.width_mm)
    (x0, _, x1, _), (west, _, east, _) = window.box.bounds, LONG.bounds
    assert {side for side, cut_off in (("west", west < x0), ("east", east > x1)) if cut_off} == sides
    # No paper is lost on what lies beside the zone.
    assert window.box.intersection(LONG).area >= 0.98 * 440 * 200


def test_without_incidents_the_middle_is_shown() -> None:
    cut = card_window(LONG, SIZE_MM)
    assert busiest(cut, LONG, np.empty((0, 2))).centre == cut.centre

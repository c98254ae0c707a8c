"""A kernel surface is an amount that keeps its mass over the border of the area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.hotspots.statistics import kde
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30


def test_a_kernel_narrower_than_the_cells_is_the_total(observed: Callable[..., Observed]) -> None:
    seen = observed()
    surface = kde.surface(seen, Tuning(bandwidth_m=60))
    np.testing.assert_allclose(surface.score, seen.value_inside[seen.inside])
    assert surface.is_amount
    assert not surface.notes


def test_one_incident_falls_off_as_the_quartic_kernel_does(observed: Callable[..., Observed]) -> None:
    value = np.zeros(SIZES)
    seen = observed(value)
    apart = np.hypot(*(seen.east_north_m - seen.east_north_m[:61].mean(axis=0)).T)
    middle = int(apart.argmin())
    value[middle] = 1.0
    score = kde.surface(observed(value), Tuning(bandwidth_m=300)).score
    from_middle = np.hypot(*(seen.east_north_m - seen.east_north_m[middle]).T)[:61]
    expected = (1 - (from_middle / 300) ** 2) ** 2 * (from_middle < 300)
    np.testing.assert_allclose(score / score[middle], expected, atol=1e-12)


def test_incidents_beyond_the_border_give_into_the_area_and_the_other_way(observed: Callable[..., Observed]) -> None:
    outside, within = np.zeros(SIZES), np.zeros(SIZES)
    outside[-3] = 10.0  # a cell of the halo
    seen = observed(outside)
    nearest = int(np.hypot(*(seen.east_north_m[:61] - seen.east_north_m[-3]).T).argmin())
    within[nearest] = 10.0
    assert 0 < kde.surface(seen, Tuning(bandwidth_m=300)).score.sum() < 10
    assert 0 < kde.surface(observed(within), Tuning(bandwidth_m=300)).score.sum() < 10


def test_a_cell_that_the_border_cuts_takes_the_share_that_is_covered(observed: Callable[..., Observed]) -> None:
    seen = observed(np.full(SIZES, 5.0))
    covered_m2 = seen.covered_m2.copy()
    covered_m2[7] /= 4
    whole, cut = (kde.surface(each, Tuning(bandwidth_m=250)).score for each in (seen, replace(seen, covered_m2=covered_m2)))  # fmt: skip  # noqa: E501
    np.testing.assert_allclose(cut / whole, np.where(np.arange(61) == 7, 0.25, 1.0))


def test_the_chosen_bandwidth_is_told_with_the_months_that_chose_it(observed: Callable[..., Observed]) -> None:
    note = kde.surface(observed(), Tuning()).notes[0]
    assert note.startswith("Bandwidth ")
    assert "2025-10 to 2025-12 was likeliest, given 2025-01 to 2025-09" in note


@pytest.mark.parametrize(("kernel", "metres"), [("quartic", 300), ("gaussian", 100)])
def test_one_month_alone_takes_a_bandwidth_that_is_told(
    kernel: str, metres: int, observed: Callable[..., Observed]
) -> None:
    one = observed(np.arange(SIZES, dtype=np.float64))
    told = kde.surface(one, Tuning(kernel=kernel))  # type: ignore[arg-type]
    assert told.notes[0].startswith(f"Bandwidth {metres} m: there are no two months")
    np.testing.assert_array_equal(told.score, kde.surface(one, Tuning(kernel=kernel, bandwidth_m=metres)).score)  # type: ignore[arg-type]


def test_a_kernel_that_reaches_beyond_what_is_seen_says_so(observed: Callable[..., Observed]) -> None:
    assert "reaches further than the 800 m" in kde.surface(observed(), Tuning(bandwidth_m=900)).notes[0]
    assert not kde.surface(observed(), Tuning(kernel="gaussian", bandwidth_m=250)).notes

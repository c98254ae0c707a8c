"""The latest months count most, by the half-life that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.hotspots.statistics import recent
from geo_service.model.periods import Month
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30


def test_a_month_one_half_life_earlier_counts_half(observed: Callable[..., Observed]) -> None:
    value = np.zeros((3, SIZES))
    value[0, 4], value[1, 5], value[2, 6] = 8.0, 8.0, 8.0
    score = recent.surface(observed(value), Tuning(half_life_months=1)).score
    # By hand: weights 1/4, 1/2, 1, scaled by 3 / 1.75 to average 1.
    np.testing.assert_allclose(score[[4, 5, 6]], np.array([2.0, 4.0, 8.0]) * 12 / 7)
    assert np.count_nonzero(score) == 3


@pytest.mark.parametrize("half_life", [0.5, 6.0, 120.0])
def test_the_same_in_every_month_is_the_total(half_life: float, observed: Callable[..., Observed]) -> None:
    seen = observed(np.tile(np.arange(SIZES, dtype=np.float64), (5, 1)))
    surface = recent.surface(seen, Tuning(half_life_months=half_life))
    np.testing.assert_allclose(surface.score, seen.value_inside[seen.inside])
    assert surface.is_amount


def test_a_missing_month_is_not_a_shorter_while(observed: Callable[..., Observed]) -> None:
    value = np.zeros((2, SIZES))
    value[0, 0], value[1, 1] = 1.0, 1.0
    gap = replace(observed(value), months=(Month.parse("2024-10"), Month.parse("2025-04")))
    score = recent.surface(gap, Tuning(half_life_months=6)).score
    assert score[1] / score[0] == pytest.approx(2.0)


def test_what_lies_beyond_the_border_is_left_out(observed: Callable[..., Observed]) -> None:
    seen = observed()
    half = replace(seen, by_month_inside=seen.by_month_inside * 0.5)
    whole = recent.surface(seen, Tuning()).score
    np.testing.assert_allclose(recent.surface(half, Tuning()).score, whole / 2)

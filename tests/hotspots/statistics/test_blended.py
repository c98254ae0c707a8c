"""A blend gives neighbours the weight that the latest months show them to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.hotspots.statistics import blended, recent
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30
TUNING = Tuning()


def steps(seen: Observed) -> tuple[np.ndarray, np.ndarray]:
    """Return who is one and who is two steps away, by walking."""
    n = len(seen.cells)
    near = [set(seen.indices[seen.indptr[at] : seen.indptr[at + 1]].tolist()) for at in range(n)]
    one, two = np.zeros((n, n)), np.zeros((n, n))
    for at in range(n):
        for other in near[at]:
            one[at, other] = 1
            for third in near[other] - near[at] - {at}:
                two[at, third] += 1
    return one, two


def test_weights_are_those_of_least_squares_worked_out_densely(observed: Callable[..., Observed]) -> None:
    risk = np.random.default_rng(1).gamma(0.6, 3.0, SIZES)
    value = np.random.default_rng(2).poisson(risk, (9, SIZES)).astype(np.float64)
    seen = observed(value)
    one, two = steps(seen)
    tried = []
    for half_life in (6.0, 9.0, 12.0):
        rows, came = [], []
        for month in (7, 8):
            weight = 0.5 ** (np.arange(month)[::-1] / half_life)
            mean = (weight / weight.sum()) @ value[:month]
            rows.append(np.column_stack([mean, one @ mean, two @ mean])[:61])
            came.append(value[month, :61])
        told, came_all = np.vstack(rows), np.concatenate(came)
        found, *_ = np.linalg.lstsq(told, came_all)
        tried.append((((came_all - told @ found) ** 2).sum(), half_life, found))
    _, half_life, found = min(tried, key=lambda each: each[0])
    near, beyond = np.maximum(found[1:] / found[0], 0)
    weight = 0.5 ** (np.arange(9)[::-1] / half_life)
    mean = (weight / weight.sum()) @ value
    score = found[0] * (mean + near * (one @ mean) + beyond * (two @ mean))
    surface = blended.surface(seen, TUNING)
    np.testing.assert_allclose(surface.score, score[:61])
    assert surface.is_amount
    assert f"half-life of {half_life:g} months" in surface.notes[0]


def test_where_each_cell_keeps_to_its_own_neighbours_tell_nothing(observed: Callable[..., Observed]) -> None:
    value = np.tile(np.random.default_rng(3).integers(0, 90, SIZES), (8, 1)).astype(np.float64)
    surface = blended.surface(observed(value), TUNING)
    np.testing.assert_allclose(surface.score, value[0, :61], atol=1e-9)
    assert "adjoining cell tells 0.0 %" in surface.notes[0]


def test_where_few_incidents_fall_on_a_wide_place_neighbours_count(observed: Callable[..., Observed]) -> None:
    seen = observed(steps=10)
    east = seen.east_north_m[:, 0] > np.median(seen.east_north_m[:, 0])
    few = np.random.default_rng(4).poisson(np.where(east, 0.3, 0.01), (12, len(east))).astype(np.float64)
    learned = blended.learn(observed(few, steps=10), *blended._graphs(seen))
    assert learned.near + learned.beyond > 0.1


@pytest.mark.parametrize("months", [1, 2])
def test_of_few_months_it_is_recent_and_says_so(months: int, observed: Callable[..., Observed]) -> None:
    seen = observed(np.random.default_rng(5).poisson(2.0, (months, SIZES)).astype(np.float64))
    surface = blended.surface(seen, TUNING)
    likewise = recent.surface(seen, Tuning(half_life_months=6)).score
    np.testing.assert_allclose(surface.score, likewise / months)
    assert "Too few months" in surface.notes[0]


def test_an_empty_area_scores_nothing(observed: Callable[..., Observed]) -> None:
    assert not blended.surface(observed(np.zeros((6, SIZES))), TUNING).score.any()

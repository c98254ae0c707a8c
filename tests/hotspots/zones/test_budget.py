"""Zones fill a share of the area, and what a statistic saw of the surroundings is not spread again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.hotspots.zones.budget import ZoneFiller
from geo_service.hotspots.zones.surroundings import sought, surroundings
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

N = 61


@pytest.fixture
def place(
    disk: Callable[..., np.ndarray], graph: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> dict[str, np.ndarray]:
    indptr, indices = graph(disk(4))
    return {"area_ha": np.full(N, 1.36), "indptr": indptr, "indices": indices}


def test_a_statistic_that_looks_beyond_the_cell_is_not_spread_again(place: dict[str, np.ndarray]) -> None:
    value = np.random.default_rng(3).poisson(1.0, N).astype(np.float64)
    spread = surroundings(value, value, **place)
    assert not np.array_equal(spread, value)
    by_total, by_blended = (sought(Surface(name, value, is_amount=True), value, value, **place)
                            for name in ("total", "blended"))  # fmt: skip
    np.testing.assert_array_equal(by_total, spread)
    np.testing.assert_array_equal(by_blended, value)
    # No amount: the measure itself, spread.
    np.testing.assert_array_equal(sought(Surface("gi_star", -value), value, value, **place), spread)


def test_a_smaller_budget_has_the_worthiest_steps_of_the_larger(
    place: dict[str, np.ndarray], observed: Callable[..., Observed]
) -> None:
    value = np.random.default_rng(8).negative_binomial(0.5, 0.1, N + 30).astype(np.float64)
    seen = observed(value)
    surface = Surface("blended", seen.value_inside[seen.inside], is_amount=True)
    small, none, large = ZoneFiller(**place).fill(seen, surface, [6.9, 0.5, 27.3])
    assert not none.any()
    assert 2 <= small.sum() <= 5  # cells of 1.36 ha, two of them at least
    assert 5 < large.sum() <= 20
    assert not (small & ~large).any()
    assert surface.score[small].mean() > surface.score[large].mean()


def test_zones_fit_in_the_share_hang_together_and_hold_the_most(
    place: dict[str, np.ndarray], observed: Callable[..., Observed]
) -> None:
    value = np.zeros(N + 30)
    value[[10, 11, 30, 50]] = [9.0, 8.0, 7.0, 6.0]
    seen = observed(value)
    surface = Surface("blended", seen.value_inside[seen.inside], is_amount=True)
    filler = ZoneFiller(**place)
    best = np.argsort(-surface.score)[:9].astype(np.int64)
    zones = filler.zones(seen, surface, best, 0.15)
    taken = filler(seen, surface, best, 0.15)
    assert taken.sum() <= 0.15 * N
    assert sorted(np.concatenate(zones).tolist()) == np.flatnonzero(taken).tolist()
    assert taken[[10, 11, 30, 50]].all()
    for zone in zones:
        reached, more = {int(zone[0])}, [int(zone[0])]
        while more:
            at = more.pop()
            near = set(place["indices"][place["indptr"][at] : place["indptr"][at + 1]].tolist()) & set(zone.tolist())
            more += near - reached
            reached |= near
        assert reached == set(zone.tolist())

"""Local Moran is esda's Moran_Local, cell for cell, and its classes are the four quadrants."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from esda import Moran_Local
from libpysal.weights import W
from scipy import stats

from geo_service.hotspots.statistics import local_moran
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30


def esda_moran(seen: Observed, permutations: int = 0) -> Moran_Local:
    near = {at: seen.indices[seen.indptr[at] : seen.indptr[at + 1]].tolist() for at in range(len(seen.cells))}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return Moran_Local(seen.value, W(near, silence_warnings=True), permutations=permutations, seed=4)


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_i_and_its_analytical_p_equal_those_of_esda(ring: int, observed: Callable[..., Observed]) -> None:
    seen = observed(steps=7, ring=ring)
    peer = esda_moran(seen)
    z, lag = local_moran.deviations(seen)
    # esda scales by n - 1.
    np.testing.assert_allclose(z * lag, np.asarray(peer.Is) * len(z) / (len(z) - 1), atol=1e-12)
    surface = local_moran.surface(seen, Tuning(ring=ring))
    expected = (z * lag - np.asarray(peer.EIc)) / np.sqrt(np.asarray(peer.VIc))
    # Of I for a hot cell, of minus I for a cold one: the p here is always that of hot neighbours.
    np.testing.assert_allclose(surface.p, stats.norm.sf(expected * np.sign(z))[seen.inside], atol=1e-9)
    np.testing.assert_allclose(np.abs(surface.score), np.abs(z * lag)[seen.inside])


@pytest.mark.parametrize("ring", [1, 2])
def test_permuted_p_and_quadrants_agree_with_esda(ring: int, observed: Callable[..., Observed]) -> None:
    seen, draws = observed(ring=ring), 9_999
    peer = esda_moran(seen, draws)
    inside = seen.inside
    high, low = local_moran.tails(seen, Tuning(ring=ring, permutations=draws))
    z, lag = local_moran.deviations(seen)
    # esda folds over: the smaller of the draws that reach I and of those that do not.
    reach = np.where(z[inside] > 0, high, low) * (draws + 1) - 1
    folded = (np.minimum(reach, draws - reach) + 1) / (draws + 1)
    expected = np.asarray(peer.p_sim)[inside]
    error = np.sqrt(2 * expected * (1 - expected) / draws) + 1 / draws
    # Some 60 cells: beyond 5 standard errors by chance once in 30,000 runs; both seeds are fixed.
    assert (np.abs(folded - expected) < 5 * error).all()
    names = np.array(["hot-hot", "cold-hot", "cold-cold", "hot-cold"])[np.asarray(peer.q) - 1]
    assert (local_moran._quadrant(z, lag) == names).all()


def test_the_four_classes_lie_where_they_were_put(observed: Callable[..., Observed]) -> None:
    rng = np.random.default_rng(1)
    blank = observed(np.zeros(817), steps=15)
    assert len(blank.cells) == 817
    centre = blank.east_north_m.mean(axis=0)
    to_east, to_north = (blank.east_north_m - centre).T
    west, east = np.hypot(to_east + 900, to_north) < 450, np.hypot(to_east - 900, to_north) < 450
    value = 20 + rng.normal(0, 1, 817) + 15 * west - 15 * east
    hot_heart, cold_heart = (int(np.hypot(to_east + side, to_north).argmin()) for side in (900, -900))
    value[hot_heart], value[cold_heart] = 5.0, 35.0
    seen = observed(value, steps=15)
    for tuning in (Tuning(), Tuning(permutations=999)):
        classes = local_moran.surface(seen, tuning).classes
        assert classes is not None
        inside = np.flatnonzero(seen.inside)
        assert classes[inside == hot_heart] == "cold-hot"
        assert classes[inside == cold_heart] == "hot-cold"
        near_west = west[inside] & (np.hypot(to_east + 900, to_north)[inside] < 300) & (inside != hot_heart)
        near_east = east[inside] & (np.hypot(to_east - 900, to_north)[inside] < 300) & (inside != cold_heart)
        assert (classes[near_west] == "hot-hot").all()
        assert (classes[near_east] == "cold-cold").all()
        assert (classes == local_moran.NOT_SIGNIFICANT).mean() > 0.6


def test_hot_among_hot_outranks_a_hot_cell_alone(observed: Callable[..., Observed]) -> None:
    seen = observed()
    score = local_moran.surface(seen, Tuning()).score
    z, lag = (each[seen.inside] for each in local_moran.deviations(seen))
    assert score[(z > 0) & (lag > 0)].min() > score[(z > 0) & (lag <= 0)].max()
    assert score[z <= 0].max() <= 0


@pytest.mark.parametrize("permutations", [0, 99])
def test_the_same_value_everywhere_is_like_chance(permutations: int, observed: Callable[..., Observed]) -> None:
    surface = local_moran.surface(observed(np.full(SIZES, 3.0)), Tuning(permutations=permutations))
    assert not surface.score.any()
    assert surface.p is not None
    assert (surface.p >= 0.5).all()
    assert surface.classes is not None
    assert set(surface.classes) == {local_moran.NOT_SIGNIFICANT}


def test_neighbours_that_are_everybody_else_tell_nothing(observed: Callable[..., Observed]) -> None:
    surface = local_moran.surface(observed(np.arange(7.0), steps=0), Tuning())
    assert surface.p is not None
    np.testing.assert_allclose(surface.p, 0.5)


def test_draws_that_are_too_few_for_any_class_are_told(observed: Callable[..., Observed]) -> None:
    (counted, told) = local_moran.surface(observed(), Tuning(permutations=9)).notes
    assert counted == "Cells by class: not significant 61."
    assert "with 9 draws p is never below 0.2, so that none can pass unless 244 do" in told

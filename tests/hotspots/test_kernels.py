"""Kernels spread without losing anything, and the likelihood finds how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from scipy.spatial.distance import cdist

from geo_service.errors import QueryError
from geo_service.hotspots import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Kernel, Observed


def by_hand(centres: np.ndarray, kernel: Kernel, bandwidth_m: float) -> np.ndarray:
    """Return the dense matrix, written from the densities that statisticians print."""
    apart = cdist(centres, centres)
    if kernel == "quartic":
        height = np.where(apart < bandwidth_m, 3 / np.pi * (1 - apart**2 / bandwidth_m**2) ** 2, 0)
    else:
        height = np.where(apart <= 3 * bandwidth_m, stats.norm.pdf(apart, scale=bandwidth_m), 0)
    return np.asarray(height / height.sum(axis=0))


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
@pytest.mark.parametrize("bandwidth_m", [60.0, 150.0, 430.0])
def test_the_matrix_is_the_density_shared_out_over_the_cells_that_exist(
    kernel: Kernel, bandwidth_m: float, observed: Callable[..., Observed]
) -> None:
    seen = observed()
    expected = by_hand(seen.east_north_m, kernel, bandwidth_m)
    matrix = kernels.kernel_matrix(seen.east_north_m, kernel, bandwidth_m)
    np.testing.assert_allclose(matrix.toarray(), expected, atol=1e-12)
    np.testing.assert_allclose(
        kernels.smooth(seen.value, seen.east_north_m, kernel, bandwidth_m), expected @ seen.value, atol=1e-9
    )


@pytest.fixture(scope="module")
def centres(observed: Callable[..., Observed]) -> np.ndarray:
    return observed().east_north_m


@given(value=st.lists(st.floats(0, 1e4), min_size=91, max_size=91), bandwidth_m=st.floats(25, 2_000))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_mass_is_kept(kernel: Kernel, centres: np.ndarray, value: list[float], bandwidth_m: float) -> None:
    amount = np.array(value)
    spread = kernels.smooth(amount, centres, kernel, bandwidth_m)
    assert spread.sum() == pytest.approx(amount.sum(), rel=1e-9)
    assert (spread >= 0).all()


def test_many_sources_are_taken_a_part_at_a_time(
    observed: Callable[..., Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = observed()
    whole = kernels.smooth(seen.value, seen.east_north_m, "quartic", 300.0)
    monkeypatch.setattr(kernels, "_AT_ONCE", 40)
    np.testing.assert_allclose(kernels.smooth(seen.value, seen.east_north_m, "quartic", 300.0), whole)
    monkeypatch.setattr(kernels, "MOST_PAIRS", 40)
    with pytest.raises(QueryError, match="spans too many cells") as refused:
        kernels.smooth(seen.value, seen.east_north_m, "quartic", 300.0)
    assert refused.value.field == "bandwidth"
    monkeypatch.setattr(kernels, "MOST_KEPT", 40)
    with pytest.raises(QueryError, match="spans too many cells"):
        kernels.kernel_matrix(seen.east_north_m, "quartic", 300.0)


def test_cells_so_fine_that_a_wide_kernel_takes_too_long_try_narrow_ones_alone(
    observed: Callable[..., Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, candidates = observed(), kernels.CANDIDATES_M["quartic"]
    apart = cdist(seen.east_north_m, seen.east_north_m[seen.by_month[:9].sum(axis=0) > 0])
    for most in (1_500, 3_000):
        monkeypatch.setattr(kernels, "MOST_TRIED", most)
        choice = kernels.choose_bandwidth(seen.by_month, seen.east_north_m, "quartic")
        assert choice is not None
        assert choice.tried_m == tuple(each for each in candidates if (apart <= each).sum() <= most)
        assert 1 < len(choice.tried_m) < len(candidates)
    monkeypatch.setattr(kernels, "MOST_TRIED", 1)
    narrowest = kernels.choose_bandwidth(seen.by_month, seen.east_north_m, "quartic")
    assert narrowest is not None
    assert narrowest.tried_m == candidates[:1]


def test_the_likelihood_is_that_of_poisson_counts_with_their_total_given(observed: Callable[..., Observed]) -> None:
    seen = observed()
    choice = kernels.choose_bandwidth(seen.by_month, seen.east_north_m, "quartic")
    assert choice is not None
    assert choice.held_out == 3
    earlier, later = (part.sum(axis=0) for part in (seen.by_month.toarray()[:9], seen.by_month.toarray()[9:]))
    for bandwidth_m, found in zip(choice.tried_m, choice.log_likelihood, strict=True):
        spread = by_hand(seen.east_north_m, "quartic", bandwidth_m) @ earlier
        share = spread / spread.sum()
        # The floor by a plain search; the constant of the Poisson law is the same for every bandwidth.
        best = max(
            stats.poisson.logpmf(later, later.sum() * ((1 - floor) * share + floor / 91)).sum()
            for floor in np.linspace(0.0005, 0.9995, 1_999)
        )
        constant = stats.poisson.logpmf(later, later.sum() / 91).sum() + (later * np.log(91)).sum()
        assert found + constant == pytest.approx(best, abs=0.02)
    assert choice.bandwidth_m == choice.tried_m[int(np.argmax(choice.log_likelihood))]


@pytest.mark.parametrize("kernel", ["quartic", "gaussian"])
def test_repeats_choose_a_narrow_kernel_and_shifting_places_a_wide_one(
    kernel: Kernel, observed: Callable[..., Observed]
) -> None:
    rng = np.random.default_rng(8)
    seen = observed(steps=12)
    n = len(seen.cells)
    same = np.zeros(n)
    same[rng.choice(n, 40, replace=False)] = 3.0
    repeats = sparse.csr_array(rng.poisson(same, (8, n)).astype(float))
    hill = np.exp(-((seen.east_north_m - seen.east_north_m.mean(axis=0)) ** 2).sum(axis=1) / (2 * 500**2)) * 0.3
    shifting = sparse.csr_array(rng.poisson(hill, (8, n)).astype(float))
    narrow = kernels.choose_bandwidth(repeats, seen.east_north_m, kernel)
    wide = kernels.choose_bandwidth(shifting, seen.east_north_m, kernel)
    assert narrow is not None
    assert wide is not None
    assert narrow.bandwidth_m == min(narrow.tried_m)
    assert wide.bandwidth_m >= 2.5 * narrow.bandwidth_m


@pytest.mark.parametrize("empty", [0, 1])
def test_months_without_incidents_choose_nothing(empty: int, observed: Callable[..., Observed]) -> None:
    value = np.ones((2, 91))
    value[empty] = 0
    seen = observed(value)
    assert kernels.choose_bandwidth(seen.by_month, seen.east_north_m, "quartic") is None
    assert kernels.choose_bandwidth(seen.by_month[:1], seen.east_north_m, "quartic") is None

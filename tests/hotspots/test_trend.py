"""The Mann-Kendall test is that of scipy's Kendall tau against time, series by series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_service.hotspots.trend import mann_kendall


def scipy_z(series: np.ndarray) -> float:
    """Return S less 1 over its standard error, both taken back from tau-b and its asymptotic p."""
    time = np.arange(len(series))
    found = stats.kendalltau(time, series, method="asymptotic")
    pairs = len(series) * (len(series) - 1) / 2
    tied = sum(t * (t - 1) / 2 for t in np.unique(series, return_counts=True)[1])
    s = found.statistic * np.sqrt(pairs * (pairs - tied))
    error = abs(s) / stats.norm.isf(found.pvalue / 2)
    return float((s - np.sign(s)) / error)


@pytest.mark.parametrize("kinds", [3, 6, 1_000_000])
def test_z_is_that_of_scipy_with_and_without_ties(kinds: int) -> None:
    rng = np.random.default_rng(9)
    series = rng.integers(0, kinds, (14, 50)) + np.outer(np.arange(14), rng.normal(0, kinds / 12, 50)).round()
    found = mann_kendall(series.astype(np.float64))
    expected = np.array([scipy_z(column) for column in series.T])
    told = np.isfinite(expected)  # S of 0 tells scipy's error by nothing
    assert told.sum() > 40
    np.testing.assert_allclose(found[told], expected[told], atol=1e-9)
    assert not found[~told].any()


def test_a_worked_series_with_a_tie() -> None:
    # By hand: S = 9 of 10 pairs, one tie of two; variance (5*4*15 - 2*1*9) / 18 = 15.6667; Z = 8 / 3.9581.
    assert mann_kendall(np.array([[1.0], [2.0], [2.0], [3.0], [5.0]]))[0] == pytest.approx(8 / np.sqrt(282 / 18))


def test_all_steps_tied_is_no_trend() -> None:
    assert mann_kendall(np.full((12, 3), 4.0)).tolist() == [0.0, 0.0, 0.0]


@given(series=st.lists(st.integers(-5, 5), min_size=3, max_size=25))
@settings(max_examples=60, deadline=None)
def test_a_series_read_backwards_has_the_opposite_trend(series: list[int]) -> None:
    column = np.array(series, dtype=np.float64)[:, None]
    np.testing.assert_allclose(mann_kendall(column[::-1]), -mann_kendall(column))

"""Shrunk rates are the empirical Bayes of esda, and recover a gamma law that is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.hotspots.statistics import shrunk
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 61 + 30


def test_shrunk_rates_equal_those_of_esda(observed: Callable[..., Observed]) -> None:
    rng = np.random.default_rng(5)
    exposure = rng.uniform(10, 500, SIZES)
    value = rng.poisson(exposure * rng.gamma(2, 0.05, SIZES)).astype(np.float64)
    seen = replace(observed(value), denominator=exposure)
    surface = shrunk.surface(seen, Tuning(per="residents"))
    inside = seen.inside
    expected = np.asarray(Empirical_Bayes(value[inside][:, None], exposure[inside][:, None]).r).ravel()
    np.testing.assert_allclose(surface.score / exposure[inside], expected, rtol=1e-10)
    assert surface.is_amount
    assert "gamma with mean" in surface.notes[0]


def test_a_known_gamma_law_is_found_again() -> None:
    rng = np.random.default_rng(6)
    exposure = rng.uniform(20, 200, 40_000)
    value = rng.poisson(exposure * rng.gamma(1.5, 0.2, 40_000)).astype(np.float64)
    fitted = shrunk.fit(value, exposure)
    assert fitted.mean == pytest.approx(0.3, rel=0.03)
    assert fitted.mean**2 / fitted.variance == pytest.approx(1.5, rel=0.06)


def test_the_posterior_mean_is_that_of_the_gamma_poisson_pair() -> None:
    value, exposure = np.array([0.0, 3.0, 40.0]), np.array([10.0, 10.0, 100.0])
    prior = shrunk.Prior(mean=0.2, variance=0.01, dispersion=1.0)
    a, b = 0.2**2 / 0.01, 0.2 / 0.01
    np.testing.assert_allclose(shrunk.posterior_rates(value, exposure, prior), (a + value) / (b + exposure))


def test_pure_chance_is_shrunk_to_the_mean_of_the_area(observed: Callable[..., Observed]) -> None:
    value = np.tile([2.0, 3.0], SIZES)[:SIZES]  # less scatter than Poisson has
    surface = shrunk.surface(observed(value), Tuning())
    assert np.ptp(surface.score) < 1e-9
    assert "no more than chance" in surface.notes[0]


def test_a_cell_with_nothing_to_divide_by_takes_the_mean_rate_and_no_amount(
    observed: Callable[..., Observed],
) -> None:
    value = np.arange(SIZES, dtype=np.float64)
    residents = np.full(SIZES, 20.0)
    residents[5] = 0.0
    surface = shrunk.surface(replace(observed(value), denominator=residents), Tuning(per="residents"))
    assert surface.score[5] == 0.0
    assert np.isfinite(surface.score).all()
    assert "1 cells that hold 5" in surface.notes[1]


def test_nothing_at_all_has_nothing_to_shrink(observed: Callable[..., Observed]) -> None:
    surface = shrunk.surface(observed(np.zeros(SIZES)), Tuning())
    assert not surface.score.any()
    assert "nothing to shrink" in surface.notes[0]


def test_the_dispersion_is_the_pooled_variance_of_the_months_over_their_mean(
    observed: Callable[..., Observed],
) -> None:
    weighed = observed(np.random.default_rng(7).poisson(2.0, (6, SIZES)) * 365.0)
    inside = weighed.by_month_inside.toarray()[:, weighed.inside]
    by_hand = inside.var(axis=0, ddof=1).sum() / inside.mean(axis=0).sum()
    assert shrunk.dispersion(weighed) == pytest.approx(by_hand)
    assert 250 < by_hand < 500
    assert shrunk.dispersion(observed(np.ones(SIZES))) == 1.0
    # A month of 365 days of harm says no more than one incident: the same counts, weighed, shrink alike.
    counted = observed(weighed.by_month.toarray() / 365.0)
    plain = shrunk.fit(counted.value_inside[counted.inside], np.ones(61), shrunk.dispersion(weighed) / 365)
    heavy = shrunk.fit(weighed.value_inside[weighed.inside], np.ones(61), shrunk.dispersion(weighed))
    assert heavy.variance == pytest.approx(plain.variance * 365**2)


@given(value=st.lists(st.integers(0, 30), min_size=12, max_size=12), scale=st.floats(0.1, 1e4))
@settings(max_examples=60, deadline=None)
def test_shrinking_keeps_a_rate_between_its_own_and_the_mean(value: list[int], scale: float) -> None:
    counts, exposure = np.array(value, dtype=np.float64), scale * np.arange(1.0, 13.0)
    prior = shrunk.fit(counts, exposure)
    own, posterior = counts / exposure, shrunk.posterior_rates(counts, exposure, prior)
    slack = 1e-9 * (1 + own.max())
    assert (posterior <= np.maximum(own, prior.mean) + slack).all()
    assert (posterior >= np.minimum(own, prior.mean) - slack).all()

"""Concentration is measured against chance, and noise is not called concentrated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.hotspots import concentration as module
from geo_service.hotspots.concentration import concentration, curve_at, fewest, gini, stability

values = st.lists(st.integers(0, 9), min_size=2, max_size=30).map(lambda some: np.array(some, dtype=np.float64))
ONE = np.ones(1)


def of_counts(counts: np.ndarray, size: np.ndarray | None = None, seed: int = 1) -> module.Concentration:
    return concentration(
        counts[None, :].astype(np.int64), ONE, np.ones(len(counts)) if size is None else size, seed=seed
    )


@given(value=values.filter(lambda some: some.sum() >= len(some)))
def test_the_gini_is_half_the_mean_difference_over_the_mean(value: np.ndarray) -> None:
    differences = np.abs(value[:, None] - value[None, :]).mean()
    assert gini(value, value.sum()) == pytest.approx(differences / (2 * value.mean()))


def test_the_generalised_gini_by_hand() -> None:
    # Bernasco and Steenbeek: as even as so few crimes can lie is 0, all in one place is 1 - 1 / crimes.
    assert gini(np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]), 3) == pytest.approx(0.0)
    # Their formula, worked out: places 10, crimes 3, all in one: (1/3)(2 x 10 - 10 - 1) - 10/3 + 1 = 3 - 7/3.
    assert gini(np.array([0.0] * 9 + [3.0]), 3) == pytest.approx(2 / 3)
    assert gini(np.array([4.0, 4.0, 4.0]), 12) == pytest.approx(0.0)
    assert gini(np.array([0.0, 0.0, 12.0]), 12) == pytest.approx(2 / 3)
    assert np.isnan(gini(np.zeros(4), 0))


@given(value=values, share=st.sampled_from([0.25, 0.5, 0.8, 1.0]))
def test_the_fewest_places_are_those_that_trying_finds(value: np.ndarray, share: float) -> None:
    if not value.any():
        assert fewest(value, share) == 0
        return
    ranked = sorted(value, reverse=True)
    assert fewest(value, share) == next(
        count for count in range(1, len(value) + 1) if sum(ranked[:count]) >= share * sum(value) - 1e-9
    )


def test_the_shares_the_curve_and_the_empty_places_by_hand() -> None:
    found = of_counts(np.array([8, 4, 2, 1, 1, 0, 0, 0, 0, 0]))
    assert [each.places for each in found.held] == [0.1, 0.1, 0.3]
    assert (found.places, found.total, found.empty) == (10, 16.0, 0.5)
    at = curve_at()
    assert np.interp(0.1, at, found.curve) == pytest.approx(0.5, abs=0.01)
    assert found.curve[0] == 0.0
    assert found.curve[-1] == 1.0


@given(value=values, times=st.integers(2, 5))
@settings(deadline=None, max_examples=10)
def test_a_curve_rises_and_bends_down(value: np.ndarray, times: int) -> None:
    curve = module._measure(value * times, float(value.sum())).curve
    slopes = np.diff(curve) / np.diff(curve_at())
    assert (slopes >= -1e-12).all()
    assert (np.diff(slopes) <= 1e-9).all()


@pytest.mark.parametrize(("incidents", "places"), [(60, 200), (600, 200)])
def test_noise_is_called_concentrated_as_seldom_as_it_says(incidents: int, places: int) -> None:
    generator = np.random.default_rng(incidents)
    size = generator.uniform(0.5, 1.5, places)
    alarms = 0
    for trial in range(60):
        counts = generator.multinomial(incidents, size / size.sum())
        alarms += of_counts(counts, size, seed=trial).verdict == "more than chance"
    # At 5 % more than 9 of 60 have a chance below 1 in 500.
    assert alarms <= 9


def test_harm_that_falls_anywhere_is_no_more_than_chance() -> None:
    generator = np.random.default_rng(8)
    worth, alarms = np.array([1.0, 365.0, 20.0]), 0
    for trial in range(40):
        counts = np.stack([generator.multinomial(total, np.full(150, 1 / 150)) for total in (400, 6, 40)])
        alarms += concentration(counts, worth, np.ones(150), seed=trial).verdict == "more than chance"
    # At 5 % more than 7 of 40 have a chance below 1 in 500.
    assert alarms <= 7


def test_what_is_concentrated_is_called_so() -> None:
    risk = np.random.default_rng(2).gamma(0.3, 1.0, 300)
    found = of_counts(np.random.default_rng(3).poisson(risk * 4))
    assert found.verdict == "more than chance"
    assert found.p == pytest.approx(1 / 200)
    half = found.held[1]
    assert half.places < half.by_chance
    assert found.gini > found.gini_by_chance


@pytest.mark.parametrize(("shape", "each"), [(0.8, 4.0), (0.3, 0.4)], ids=["many", "few"])
@pytest.mark.parametrize("worth", [[1.0], [1.0, 19.0, 365.0]], ids=["count", "harm"])
def test_intervals_hold_what_another_period_gives(shape: float, each: float, worth: list[float]) -> None:
    """Nineteen times in twenty the next period of the same places lies within, where incidents are few too."""
    generator = np.random.default_rng(11)
    risk = generator.gamma(shape, each / shape, (1, 300)) * np.array([1.0, 0.3, 0.02])[: len(worth), None]
    holds = np.zeros(2)
    for trial in range(60):
        counts, later = generator.poisson(risk), generator.poisson(risk)
        found = concentration(counts, np.array(worth), np.ones(300), seed=trial)
        even, _, _, half, _ = module._measure(np.array(worth) @ later, float(later.sum())).numbers
        holds += [found.gini_low <= even <= found.gini_high, found.held[1].low <= half <= found.held[1].high]
    # At 95 % fewer than 51 of 60 have a chance below 1 in 500.
    assert (holds >= 51).all()


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    found = of_counts(np.zeros(5, dtype=np.int64))
    assert (found.verdict, found.total) == ("nothing happened", 0.0)


def test_years_that_are_alike_are_stable_and_others_are_not() -> None:
    year = np.array([9.0, 8, 3, 2, 1, 0, 0])
    same = stability(year, year * 2)
    assert (same.rank_correlation, same.jaccard) == (pytest.approx(1.0), 1.0)
    turned = stability(year, year[::-1])
    assert turned.rank_correlation < 0
    assert turned.jaccard == 0.0
    none = stability(np.zeros(3), np.zeros(3))
    assert np.isnan(none.rank_correlation)
    assert np.isnan(none.jaccard)

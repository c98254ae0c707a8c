"""One p for all bands together keeps its level where each band's own does not, and still finds what there is."""

from __future__ import annotations

import numpy as np
from scipy import stats

from geo_service.hotspots.repeats.knox import Bands, knox
from geo_service.hotspots.repeats.many_bands import p_of_any

RUNS = 200


def test_noise_is_called_a_near_repeat_no_more_often_than_one_time_in_twenty() -> None:
    """In 200 runs a 5 % test is wrong 10 times; more than 24 times has a probability below 0.0001."""
    rng = np.random.default_rng(20)
    together = single = 0
    for _ in range(RUNS):
        # Counts small and large, as in a table of near bands.
        tables = rng.poisson(np.geomspace(0.05, 200, 25), (100, 25))
        together += p_of_any(tables[0], list(tables[1:])) <= 0.05
        single += bool((((tables[1:] >= tables[0]).sum(axis=0) + 1) / 100 <= 0.05).any())
    assert stats.binom.sf(24, RUNS, 0.05) < 0.0001
    assert together <= 24
    assert single > RUNS / 4  # what the p of each band alone would have claimed


def test_a_band_that_is_above_chance_is_found_with_few_permutations() -> None:
    rng = np.random.default_rng(2)
    first = rng.uniform(0, 4000, (300, 2))
    day = rng.integers(0, 365, 300)
    follows = slice(0, 60)
    at = np.concatenate([first, first[follows] + rng.uniform(-40, 40, (60, 2))])
    days = np.concatenate([day, day[follows] + 3])
    assert knox(at, days, Bands(), permutations=99).p_any == 0.01


def test_without_permutations_it_is_not_known() -> None:
    assert np.isnan(p_of_any(np.array([1, 2]), []))

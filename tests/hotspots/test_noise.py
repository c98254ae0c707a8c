"""Where there is nothing but chance, a test at 5 % raises about 5 % false alarms.

`python -m benchmarks.noise` counts over 1,000 runs and seven means; this is a bounded sample of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.hotspots.statistics import statistics
from geo_service.model.surfaces import Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

RUNS, SIZES = 150, 331 + 66


def far_apart(seen: Observed) -> np.ndarray:
    """Return cells of the area whose neighbourhoods share no cell."""
    kept: list[int] = []
    for cell in np.flatnonzero(seen.inside):
        if all(np.hypot(*(seen.east_north_m[cell] - seen.east_north_m[other])) > 300 for other in kept):
            kept.append(int(cell))
    return np.array(kept)


@pytest.mark.parametrize(
    ("statistic", "mean", "permutations", "months"),
    [
        ("gi_star", 10, 0, 1),
        ("gi_star", 30, 999, 1),
        ("local_moran", 10, 0, 1),
        ("local_moran", 30, 999, 1),
        ("emerging", 3, 0, 12),
    ],
)
def test_false_alarms_are_as_many_as_they_should_be(
    statistic: str, mean: float, permutations: int, months: int, observed: Callable[..., Observed]
) -> None:
    rng = np.random.default_rng(41)
    apart = far_apart(observed(np.zeros(SIZES), steps=10))
    found: list[float] = []
    for run in range(RUNS):
        counts = rng.poisson(mean, (months, SIZES)).astype(np.float64)
        surface = statistics()[statistic].surface(
            observed(counts, steps=10), Tuning(permutations=permutations, seed=run)
        )
        assert surface.p is not None
        found.append(float((surface.p[apart] <= 0.05).mean()))
    # Some 4,000 all but independent tests: at a rate of 5 % the share has a standard error of 0.35 %, so that it leaves
    # these bounds by chance once in 10 million; counts are whole, which makes the permutations a little careful.
    assert len(apart) * RUNS > 3_500
    assert 0.03 < np.mean(found) < 0.07


def test_a_false_discovery_rate_leaves_few_runs_with_any_discovery(observed: Callable[..., Observed]) -> None:
    rng, discovered = np.random.default_rng(42), 0
    for _ in range(RUNS):
        surface = statistics()["gi_star"].surface(
            observed(rng.poisson(100, SIZES).astype(np.float64), steps=10), Tuning()
        )
        assert surface.q is not None
        discovered += bool((surface.q <= 0.05).any())
    # At 5 % of 150 runs, 20 or more come by chance once in 15,000.
    assert discovered < 20

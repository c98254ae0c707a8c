"""Score a cell by whether it is alike or unlike its neighbours: local Moran's I, with the four classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.hotspots.significance import (
    LEVEL,
    class_notes,
    discovery_rate,
    draw_notes,
    normal_notes,
    reach_or_exceed,
)
from geo_service.hotspots.statistics.gi_star import neighbour_graph
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "local_moran"
TITLE: Final = "Local Moran's I: hot among hot, and cells unlike those around them"
REFERENCE: Final = (
    "Anselin (1995), Geographical Analysis 27, 93-115; moments under conditional randomisation: Sokal, Oden and "
    "Thomson (1998), Geographical Analysis 30, 331-354"
)
TUNED_BY: Final = ("ring", "permutations", "seed")
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0

NOT_SIGNIFICANT: Final = "not significant"


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by I where the cell lies above the mean of all cells, else by minus its size.

    Weights are 1 over the number of neighbours; mean and variance are those of all n cells, zeros and halo included. So
    a hot cell among hot ones comes first, and one among cold ones (negative I) after all that are hot together. p is
    one-sided: that the neighbours hold so much or more by chance, the cell itself held fixed; by the normal law, or by
    `tuning.permutations` draws. Classes `hot-hot`, `cold-cold`, `hot-cold` (a hot cell among cold ones) and `cold-hot`
    are given where the two-sided p passes at a false discovery rate of 5 % over the area.
    """
    z, lag = deviations(observed)
    score = np.where(z > 0, z * lag, -np.abs(z * lag))
    high, low = tails(observed, tuning)
    two_sided = discovery_rate(np.minimum(2 * np.minimum(high, low), 1))
    inside = observed.inside
    classes = np.where(two_sided <= LEVEL, _quadrant(z, lag)[inside], NOT_SIGNIFICANT)
    size = np.diff(observed.indptr)
    notes = () if tuning.permutations else normal_notes(observed.value, size, "take 999 permutations")
    return Surface(
        statistic=NAME,
        score=score[inside],
        p=high,
        q=discovery_rate(high),
        classes=classes,
        notes=class_notes(classes) + draw_notes(classes, NOT_SIGNIFICANT, tuning.permutations) + notes,
    )


def deviations(observed: Observed) -> tuple[Floats, Floats]:
    """Return z of each cell and the mean z of its neighbours (n); I is their product. No spread at all gives 0."""
    n, spread = len(observed.cells), float(observed.value.std())
    if not np.ptp(observed.value):
        return np.zeros(n), np.zeros(n)
    z = (observed.value - observed.value.mean()) / spread
    size = np.diff(observed.indptr)
    lag = np.divide(neighbour_graph(observed) @ z, size, out=np.zeros(n), where=size > 0)
    return z, lag


def tails(observed: Observed, tuning: Tuning) -> tuple[Floats, Floats]:
    """Return for each cell of the area the p that its neighbours hold so much or more, and so little or less."""
    inside = observed.inside
    if not tuning.permutations:
        z = _standardised(observed)[inside]
        return scipy.stats.norm.sf(z), scipy.stats.norm.cdf(z)
    order = np.argsort(observed.cells)
    counts = reach_or_exceed(
        observed.value[order],
        local=(neighbour_graph(observed) @ observed.value)[order],
        size=np.diff(observed.indptr)[order],
        asked=inside[order],
        permutations=tuning.permutations,
        rng=np.random.default_rng(tuning.seed),
    )
    p = np.zeros((2, len(order)))
    p[:, order[inside[order]]] = (1 + np.array(counts)) / (1 + tuning.permutations)
    return p[0, inside], p[1, inside]


def _standardised(observed: Observed) -> Floats:
    """Return by how many standard errors the neighbours' mean differs from that of all others, the cell fixed (n)."""
    z, lag = deviations(observed)
    n, size = len(z), np.diff(observed.indptr)
    each = np.divide(1.0, size, out=np.zeros(n), where=size > 0)
    # Sokal et al. (1998), equations A7 and A8, over z: of k cells drawn from the other n - 1 without replacement.
    variance = n / max(n - 2, 1) * (each - 1 / (n - 1)) * (1 - z**2 / (n - 1)) * (size > 0)
    error = np.sqrt(np.maximum(variance, 0.0))
    found: Floats = np.divide(lag + z / (n - 1) * (size > 0), error, out=np.zeros(n), where=error > _LEAST)
    return found


_LEAST: Final = 1e-9
"""Standard error below which there is none: all others are neighbours, or all others are the same."""


def _quadrant(z: Floats, lag: Floats) -> NDArray[np.str_]:
    """Name each cell by its own side of the mean, and then by that of its neighbours."""
    return np.where(z > 0, np.where(lag > 0, "hot-hot", "hot-cold"), np.where(lag > 0, "cold-hot", "cold-cold"))

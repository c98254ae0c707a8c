"""Score a cell by whether it and its neighbours hold more than chance would give: Getis-Ord Gi*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse, stats

from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "gi_star"
TITLE: Final = "Gi*: hot together with its neighbours, with significance"
REFERENCE: Final = (
    "Ord and Getis (1995), Geographical Analysis 27, 286-306; "
    "false discovery rate: Benjamini and Hochberg (1995), JRSS B 57, 289-300"
)
TUNED_BY: Final = ("ring",)
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0


def surface(observed: Observed, tuning: Tuning) -> Surface:  # noqa: ARG001 - the graph spans the ring already
    """Score each cell of the area by z, with a one-sided p for a hot cell and q over the cells of the area.

    Binary weights over the cell itself and its neighbours. Mean and variance are those of all n cells, zeros and halo
    included, so that the border of the area is no edge. The same value everywhere gives z 0.
    """
    z = z_scores(observed)[observed.inside]
    p = stats.norm.sf(z)
    return Surface(statistic=NAME, score=z, p=p, q=stats.false_discovery_control(p, method="bh"))


def z_scores(observed: Observed) -> Floats:
    """Return the analytical z of Gi* for all n cells."""
    n = len(observed.cells)
    deviation = observed.value - observed.value.mean()
    if not np.ptp(observed.value):
        return np.zeros(n)
    graph = sparse.csr_array((np.ones(len(observed.indices)), observed.indices, observed.indptr), shape=(n, n))
    weight = np.diff(observed.indptr) + 1.0
    # A cell whose neighbourhood is everything differs from nothing: its variance is 0 and so is its z.
    variance = np.mean(deviation**2) * np.maximum(n * weight - weight**2, 0.0) / (n - 1)
    local = graph @ deviation + deviation
    z: Floats = np.divide(local, np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    return z

"""Score a cell by whether it and its neighbours hold more than chance would give: Getis-Ord Gi*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy
from scipy import sparse

from geo_service.hotspots.significance import discovery_rate, hot_notes, normal_notes, reach_or_exceed
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "gi_star"
TITLE: Final = "Gi*: hot together with its neighbours, with significance"
REFERENCE: Final = (
    "Ord and Getis (1995), Geographical Analysis 27, 286-306; "
    "conditional permutations: Anselin (1995), Geographical Analysis 27, 93-115; "
    "false discovery rate: Benjamini and Hochberg (1995), JRSS B 57, 289-300"
)
TUNED_BY: Final = ("ring", "permutations", "seed")
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by z, with a one-sided p for a hot cell and q over the cells of the area.

    Binary weights over the cell itself and its neighbours. Mean and variance are those of all n cells, zeros and halo
    included, so that the border of the area is no edge. The same value everywhere gives z 0. p is that of the normal
    law, which is too small where counts are few; with `tuning.permutations` it is (1 + draws that reach the
    neighbourhood's sum) / (1 + draws), the cell itself held fixed.
    """
    z = z_scores(observed)[observed.inside]
    p = permuted_p(observed, tuning) if tuning.permutations else scipy.stats.norm.sf(z)
    q = discovery_rate(p)
    notes: tuple[str, ...] = ()
    if not tuning.permutations:
        notes = normal_notes(observed.value, np.diff(observed.indptr) + 1, "take 999 permutations")
    return Surface(statistic=NAME, score=z, p=p, q=q, notes=hot_notes(q, tuning.permutations) + notes)


def permuted_p(observed: Observed, tuning: Tuning) -> Floats:
    """Return the one-sided p of each cell of the area by conditional permutation; the same seed gives the same p."""
    order = np.argsort(observed.cells)
    high, _ = reach_or_exceed(
        observed.value[order],
        local=(neighbour_graph(observed) @ observed.value)[order],
        size=np.diff(observed.indptr)[order],
        asked=observed.inside[order],
        permutations=tuning.permutations,
        rng=np.random.default_rng(tuning.seed),
    )
    p = np.zeros(len(order))
    p[order[observed.inside[order]]] = (1 + high) / (1 + tuning.permutations)
    return p[observed.inside]


def neighbour_graph(observed: Observed) -> sparse.csr_array:
    """Return the graph of the neighbours within the ring, 1 for each (n, n)."""
    n = len(observed.cells)
    return sparse.csr_array((np.ones(len(observed.indices)), observed.indices, observed.indptr), shape=(n, n))


def z_scores(observed: Observed, value: Floats | None = None) -> Floats:
    """Return the analytical z of Gi* for all n cells, of the measure over the period or of another value (n)."""
    value = observed.value if value is None else value
    n = len(value)
    if not np.ptp(value):
        return np.zeros(n)
    deviation = value - value.mean()
    weight = np.diff(observed.indptr) + 1.0
    # A cell whose neighbourhood is everything differs from nothing: its variance is 0 and so is its z.
    variance = np.mean(deviation**2) * np.maximum(n * weight - weight**2, 0.0) / (n - 1)
    local = neighbour_graph(observed) @ deviation + deviation
    z: Floats = np.divide(local, np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    return z

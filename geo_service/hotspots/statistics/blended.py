"""Score a cell by its own months and those around it, weighed by how well they foretold the latest ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geo_service.hotspots.statistics.recent import weights
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.periods import Month
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "blended"
TITLE: Final = "Blended: recent months of the cell and of those around it, by how well they foretold the latest"
REFERENCE: Final = (
    "Linear credibility: Buhlmann and Straub (1970), Bulletin of the Swiss Association of Actuaries 70, 111-133; "
    "for crime: Bowers, Johnson and Pease (2004), Prospective hot-spotting, British Journal of Criminology 44, 641-658"
)
TUNED_BY: Final = ("ring",)
NEEDS: Final = frozenset[str]()
REACH_M: Final = 300.0
"""Two steps of resolution 10."""
HALF_LIVES: Final = (6.0, 9.0, 12.0)
"""Months, of which the latest months choose one."""
HELD_OUT: Final = 2
"""Latest months that the weights are learned from, each foretold by the months before it."""
LEAST_BEFORE: Final = 2
"""Months that must lie before a month that is foretold."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Hold what the latest months taught."""

    half_life_months: float
    own: float
    """Incidents a month to be expected for each of the weighted mean of the cell's months."""
    near: float
    """The same for each of the sum over the neighbours within the ring, as a ratio to `own`."""
    beyond: float
    """The same for the neighbours of those."""


def surface(observed: Observed, tuning: Tuning) -> Surface:  # noqa: ARG001 - the graph spans the ring already
    """Score each cell of the area by the measure to be expected of it in a month.

    A weighted sum of the cell's own months, of its neighbours' and of their neighbours', the latest months counting
    most. The three weights and the half-life are those that would have foretold the latest HELD_OUT months best from
    the months before them (least squares; no weight below 0): where incidents are many a cell speaks for itself, where
    they are few its neighbours tell something too. Below LEAST_BEFORE + HELD_OUT months nothing can be learned, and the
    score is that of `recent`.
    """
    near, beyond = _graphs(observed)
    learned = learn(observed, near, beyond)
    weight = weights(observed, learned.half_life_months) / len(observed.months)
    own, around = weight @ observed.by_month_inside, weight @ observed.by_month
    share = np.divide(observed.covered_m2, observed.area_m2)
    score = learned.own * (own + share * (learned.near * (near @ around) + learned.beyond * (beyond @ around)))
    return Surface(statistic=NAME, score=score[observed.inside], is_amount=True, notes=(_said(learned, observed),))


def learn(observed: Observed, near: sparse.csr_array, beyond: sparse.csr_array) -> Learned:
    """Return the half-life and weights that foretell the latest months best.

    near, beyond: which cells are neighbours, and neighbours of neighbours (n, n).
    """
    months = range(max(len(observed.months) - HELD_OUT, LEAST_BEFORE), len(observed.months))
    best: tuple[float, Learned] | None = None
    for half_life in HALF_LIVES:
        squares, products, whole = np.zeros((3, 3)), np.zeros(3), 0.0
        for month in months:
            mean = _mean_before(observed, month, half_life)
            told = np.column_stack([mean, near @ mean, beyond @ mean])[observed.inside]
            came = observed.by_month[[month]].toarray()[0, observed.inside]
            squares, products, whole = squares + told.T @ told, products + told.T @ came, whole + float(came @ came)
        weight = np.linalg.lstsq(squares, products)[0]
        if weight[0] > 0:
            left = whole - float(weight @ products)
            ratio = np.maximum(weight[1:] / weight[0], 0.0)
            found = Learned(half_life, float(weight[0]), float(ratio[0]), float(ratio[1]))
            best = min(best or (left, found), (left, found), key=lambda each: each[0])
    return Learned(HALF_LIVES[0], 1.0, 0.0, 0.0) if best is None else best[1]


def _mean_before(observed: Observed, month: int, half_life: float) -> Floats:
    """Return the weighted mean of the months before one (n)."""
    before: tuple[Month, ...] = observed.months[:month]
    weight = 0.5 ** (np.array([before[-1].ordinal - each.ordinal for each in before]) / half_life)
    mean: Floats = (weight / weight.sum()) @ observed.by_month[:month]
    return mean


def _graphs(observed: Observed) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return which cells are neighbours, and which are neighbours of neighbours and nothing nearer (n, n)."""
    n = len(observed.cells)
    near = sparse.csr_array((np.ones(len(observed.indices)), observed.indices, observed.indptr), shape=(n, n))
    # A walk of two steps that ends at the cell itself or at a neighbour does not lead beyond.
    walks = near @ near
    beyond = walks - walks.multiply(near + sparse.eye_array(n, format="csr"))
    return near, sparse.csr_array(beyond)


def _said(learned: Learned, observed: Observed) -> str:
    if len(observed.months) < LEAST_BEFORE + HELD_OUT:
        return f"Too few months to learn how much neighbours tell: months count by a half-life of {HALF_LIVES[0]:g}."
    return (
        f"Learned from the latest months: a half-life of {learned.half_life_months:g} months; what happened in an "
        f"adjoining cell tells {learned.near:.1%}, and in the cells around those {learned.beyond:.1%}, of what "
        "happened in the cell itself."
    ).replace("%", " %")

"""Look for rare offences in the surroundings of where they were last seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geo_service.hotspots.statistics import statistics

if TYPE_CHECKING:
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.surfaces import Surface

SPREAD_M: Final = 200.0
"""Standard deviation of the surroundings: chosen on rolling origins 13 to 19 of Merseyside."""
_CONFIDENCE: Final = 2.0
"""Incidents in a busy cell at which its own count weighs as much as its surroundings; chosen on the same origins."""
_LEAST: Final = 1e-4
"""What is less than this share of the highest is left out: a patrol cannot follow it."""


def sought(  # noqa: PLR0913 - the parts of one look
    surface: Surface, value: Floats, events: Floats, *, area_ha: Floats, indptr: Ints, indices: Ints
) -> Floats:
    """Return what zones of a surface are to hold: the amount that it expects, or the measure where it expects none.

    Mixed with what the surroundings held (see `surroundings`), unless the statistic looks beyond the cell itself: it
    has them in it already, and twice is too much. value: the measure (n). events: incidents (n).
    """
    amount = np.maximum(surface.score, 0.0) if surface.is_amount else value
    member = statistics().get(surface.statistic)
    if surface.is_amount and member is not None and member.REACH_M:
        return amount
    return surroundings(amount, events, area_ha=area_ha, indptr=indptr, indices=indices)


def surroundings(value: Floats, events: Floats, *, area_ha: Floats, indptr: Ints, indices: Ints) -> Floats:
    """Mix what a cell held with what its surroundings held: the more, the rarer the incidents are.

    value: the measure (n). events: incidents (n). The weight of the surroundings is 1 / (1 + m / 2), m being the
    incidents in a cell that has any: a quarter for what is frequent, a half and more for robberies. The surroundings
    are a random walk over adjoining cells with a standard deviation of SPREAD_M, which no cut edge lets pass. Mass is
    kept. Empirical Bayes in spirit: Clayton and Kaldor (1987, Biometrics 43, 671-681).
    """
    busy = events > 0
    if not busy.any():
        return value.copy()
    weight = 1 / (1 + float(events[busy].mean()) / _CONFIDENCE)
    n = len(value)
    degree = np.diff(indptr)
    # A walk stays or goes to one of six: mass kept because the graph and its weights are symmetric.
    graph = sparse.csr_array((np.full(len(indices), 1 / 7), indices, indptr), shape=(n, n))
    stays = 1 - degree / 7
    step_m2 = 1e4 * float(area_ha.mean()) * 2 / math.sqrt(3) * (6 / 7) / 2
    spread = value.copy()
    for _ in range(max(1, round(SPREAD_M**2 / step_m2))):
        spread = graph @ spread + stays * spread
    spread[spread < _LEAST * spread.max()] = 0
    return (1 - weight) * value + weight * spread

"""Score a cell by what it held, the latest months counting most: exponentially weighted months."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "recent"
TITLE: Final = "Recent: the total, with the latest months counting most"
REFERENCE: Final = (
    "Exponential smoothing: Brown (1959), Statistical Forecasting for Inventory Control; "
    "for crime: Gorr and Olligschlaeger (2002), Crime Hot Spot Forecasting, report on NIJ grant 98-IJ-CX-K005"
)
TUNED_BY: Final = ("half_life_months",)
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by the weighted sum of its months, the measure inside the area alone.

    A month that lies `tuning.half_life_months` before the last one counts half of it; a month that is not loaded is
    missing and not 0, so it takes no weight. The weights average 1: a cell that held the same in every month keeps its
    total.
    """
    score = weights(observed, tuning.half_life_months) @ observed.by_month_inside
    return Surface(statistic=NAME, score=score[observed.inside], is_amount=True)


def weights(observed: Observed, half_life_months: float) -> Floats:
    """Return the weight of each loaded month (m), averaging 1."""
    age = observed.months[-1].ordinal - np.array([month.ordinal for month in observed.months])
    weight = 0.5 ** (age / half_life_months)
    averaged: Floats = weight / weight.mean()
    return averaged

"""Score a cell by what happened there for each resident, household or square kilometre: a crude rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.hotspots.exposure import KM2, exposure_of, notes_without
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "rate"
TITLE: Final = "Rate: the total for each resident, household or km²"
REFERENCE: Final = (
    "Boggs (1965), Urban Crime Patterns, American Sociological Review 30, 899-908; "
    "which denominator: Andresen (2006), British Journal of Criminology 46, 258-285"
)
TUNED_BY: Final = ("per",)
NEEDS: Final = frozenset({"denominator"})
REACH_M: Final = 0.0

SLIVER: Final = 0.1
"""Covered share of a cell below which one incident makes a rate that means little."""


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by the measure inside it over its denominator.

    A cell without a denominator has no rate: it scores 0, is of the class `no denominator`, and the notes say how many
    such cells hold something. Raises QueryError (field `per`) where the denominator is not there.
    """
    value = observed.value_inside[observed.inside]
    exposure = exposure_of(observed, tuning.per)
    score = np.divide(value, exposure, out=np.zeros(len(value)), where=exposure > 0)
    without = exposure <= 0
    return Surface(
        statistic=NAME,
        score=score,
        classes=np.where(without, "no denominator", "") if without.any() else None,
        notes=notes_without(value, exposure, tuning.per) + _slivers(observed, tuning.per),
    )


def _slivers(observed: Observed, per: str) -> tuple[str, ...]:
    """Warn of cells at the border whose small part in the area makes a high rate of few incidents."""
    thin = (observed.covered_m2 < SLIVER * observed.area_m2) & (observed.value_inside > 0) & observed.inside
    if per != KM2 or not thin.any():
        return ()
    return (
        f"{int(thin.sum()):,} cells at the border with less than {SLIVER:.0%} of their ground in the area hold "
        "incidents; a rate of so little ground jumps with one incident: `shrunk` steadies it.".replace("%", " %"),
    )

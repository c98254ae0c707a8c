"""Score a cell by what it holds: the plain total of the measure in its part of the area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "total"
TITLE: Final = "Total: what happened in the cell itself"
REFERENCE: Final = "Grid thematic mapping: Chainey, Tompson and Uhlig (2008), Security Journal 21, 4-28"
TUNED_BY: Final = ()
NEEDS: Final = frozenset[str]()
REACH_M: Final = 0.0


def surface(observed: Observed, tuning: Tuning) -> Surface:  # noqa: ARG001 - a total is told nothing
    """Score each cell of the area by the measure inside it; there is no significance."""
    return Surface(statistic=NAME, score=observed.value_inside[observed.inside], is_amount=True)

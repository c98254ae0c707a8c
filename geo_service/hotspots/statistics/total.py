"""Score a cell by what it holds: the plain total of the measure in its part of the area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.model.hotspots import Surface

if TYPE_CHECKING:
    from geo_service.model.hotspots import Observed

NAME: Final = "total"
REFERENCE: Final = "Grid thematic mapping: Chainey, Tompson and Uhlig (2008), Security Journal 21, 4-28"


def surface(observed: Observed, ring: int) -> Surface:  # noqa: ARG001 - a total looks at no neighbour
    """Score each cell of the area by the measure inside it; there is no significance."""
    return Surface(statistic=NAME, score=observed.value_inside[observed.inside])

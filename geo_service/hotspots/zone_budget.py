"""Fill a share of an area with patrol zones, so that the zones of several statistics can be held side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.hotspots.zones import ZoneRules, grow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.surfaces import Observed, Surface

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ZoneFiller:
    """Make zones of surfaces over the same cells, as many as fit in a share of the area."""

    area_ha: Floats
    """Hectares of the whole cells of the area (n)."""
    indptr: Ints
    indices: Ints
    """Graph of adjoining cells of the area."""
    rules: ZoneRules = field(default_factory=lambda: ZoneRules(min_events_12_months=0.0))
    """Without a least number of events by default: of rare offences hardly a place would have it."""

    def __call__(self, observed: Observed, surface: Surface, best: Ints, share: float) -> NDArray[np.bool_]:
        """Return which cells of the area are in a zone.

        Zones grow from the best cells; those that hold the most of the score in the months fitted for each hectare are
        taken while they fit in the share.
        """
        inside = observed.inside
        chosen = np.zeros(len(surface.score), dtype=np.bool_)
        chosen[best] = True
        value = observed.value_inside[inside]
        grown = grow(
            surface.score,
            value=value,
            events=value,
            area_ha=self.area_ha,
            indptr=self.indptr,
            indices=self.indices,
            chosen=chosen,
            months=len(observed.months),
            rules=self.rules,
        )
        covered_m2 = observed.covered_m2[inside]
        worth = surface.score if surface.is_amount else value
        taken = np.zeros(len(chosen), dtype=np.bool_)
        left_m2 = share * float(covered_m2.sum()) * (1 + _ROUNDING)
        for zone in sorted(grown.zones, key=lambda zone: -float(worth[zone].sum() / covered_m2[zone].sum())):
            size_m2 = float(covered_m2[zone].sum())
            if size_m2 <= left_m2:
                taken[zone] = True
                left_m2 -= size_m2
        return taken

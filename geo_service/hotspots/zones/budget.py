"""Fill a share of an area with patrol zones, so that the zones of several statistics can be held side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geo_service.hotspots.zones.finding import ZoneRules, best_zones
from geo_service.hotspots.zones.surroundings import sought

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.hotspots.zones.finding import Grown
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.surfaces import Observed, Surface


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
        """Return which cells of the area are in a zone (see `zones`)."""
        taken = np.zeros(len(surface.score), dtype=np.bool_)
        taken[np.concatenate([*self.zones(observed, surface, best, share), np.zeros(0, dtype=np.int64)])] = True
        return taken

    def zones(self, observed: Observed, surface: Surface, best: Ints, share: float) -> list[Ints]:
        """Return the positions of the cells of each zone, the zone that holds the most first.

        Zones are the best of what the statistic expects, or of the measure where its score is no amount; they then
        begin only in the best cells.
        """
        inside = observed.inside
        seeds = None
        if not surface.is_amount:
            seeds = np.zeros(len(surface.score), dtype=np.bool_)
            seeds[best] = True
        budget_ha = share * float(observed.covered_m2[inside].sum()) / 1e4
        return self._grown(observed, surface, budget_ha, seeds).zones

    def fill(self, observed: Observed, surface: Surface, budgets_ha: Sequence[float]) -> list[NDArray[np.bool_]]:
        """Return which cells of the area are in a zone, for each of some budgets of hectares.

        One search spends the largest budget, the worthiest step first; a smaller one has the steps that it could pay.
        Zones may begin anywhere.
        """
        found = self._grown(observed, surface, max(budgets_ha), None)
        taken = np.zeros((len(budgets_ha), len(surface.score)), dtype=np.bool_)
        for row, budget_ha in zip(taken, budgets_ha, strict=True):
            row[found.within(budget_ha)] = True
        return list(taken)

    def _grown(self, observed: Observed, surface: Surface, budget_ha: float, seeds: NDArray[np.bool_] | None) -> Grown:
        inside = observed.inside
        value = observed.value_inside[inside]
        return best_zones(
            sought(surface, value, value, area_ha=self.area_ha, indptr=self.indptr, indices=self.indices),
            events=value,
            area_ha=self.area_ha,
            indptr=self.indptr,
            indices=self.indices,
            east_north_m=observed.east_north_m[inside],
            budget_ha=budget_ha,
            months=len(observed.months),
            rules=self.rules,
            seeds=seeds,
        )

"""Hold the zones of a question against those of an earlier period, so that a zone keeps its id and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from geo_service import hotspots
from geo_service.errors import QueryError
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zone_stability import zone_outlines

if TYPE_CHECKING:
    from geo_service.model.cells import Cells, Floats
    from geo_service.model.hotspots import HotspotQuery, PatrolZone, ZoneChange, ZoneRun
    from geo_service.workflows.services import Services

AUTO: Final = "auto"
NONE: Final = "none"


class Compared(NamedTuple):
    """Hold an earlier run and the ground that its zones share with the new ones."""

    run: ZoneRun
    shared_m2: Floats
    """Earlier x new zones."""
    before_m2: Floats
    after_m2: Floats

    def inherited(self) -> list[PatrolZone | None]:
        """Return the earlier zone that each new one is."""
        same = hotspots.same_zones(self.shared_m2, self.before_m2)
        return [self.run.zones[number] if number >= 0 else None for number in same.tolist()]

    def changes(self, ids: list[str]) -> tuple[ZoneChange, ...]:
        """Say what became of the zones, the new ones having these ids."""
        before = [zone.id for zone in self.run.zones]
        return hotspots.changes(self.shared_m2, self.before_m2, self.after_m2, before, ids)


def earlier_run(
    services: Services, query: HotspotQuery, sight: tuple[str, ...] | None, wanted: str = AUTO
) -> ZoneRun | None:
    """Find the run that new zones are held against.

    wanted: `auto` takes the run of the same question about the latest earlier period, the newest of equals; `none`
    none; else the id of a run. Raises NotFoundError for an unknown id, QueryError (field `compare`) where that run
    answers another question.
    """
    if wanted == NONE:
        return None
    if wanted != AUTO:
        found = runs.find(services.store, wanted)
        other = _differs(found, query, sight)
        if other:
            raise QueryError(
                "That run answers another question, so its zones cannot be the same ones",
                found=f"run {found.id}: {other}",
                do="Give a run of the same area, offence set and measure, by somebody who sees as much, or `none`",
                field="compare",
            )
        return found
    alike = [
        run
        for run in runs.kept(services.store)
        if run.query.period.last < query.period.last
        and (run.query.resolution, run.query.statistic) == (query.resolution, query.statistic)
        and not _differs(run, query, sight)
    ]
    return max(alike, key=lambda run: run.query.period.last, default=None)


def _differs(run: ZoneRun, query: HotspotQuery, sight: tuple[str, ...] | None) -> str:
    """Return what sets a run apart from a question, empty where nothing does."""
    found = run.query
    if found.boundary.casefold() != query.boundary.casefold():
        return f"area {found.boundary}, not {query.boundary}"
    if found.offence_set != query.offence_set:
        return f"offence set {found.offence_set}, not {query.offence_set}"
    if (found.measure, found.proxy) != (query.measure, query.proxy):
        return f"measure {found.measure} {found.proxy or ''}".rstrip()
    return "" if run.sight == sight else "asked by somebody who sees more or less"


def compare(run: ZoneRun, zones: list[Cells]) -> Compared:
    """Measure what the zones of an earlier run share with new ones; cells may be of different resolutions."""
    before, after = zone_outlines([zone.cells for zone in run.zones]), zone_outlines(zones)
    shared_m2 = np.zeros((len(before), len(after)))
    if shared_m2.size:
        at_before, at_after = shapely.STRtree(after).query(before, predicate="intersects")
        shared_m2[at_before, at_after] = shapely.area(shapely.intersection(before[at_before], after[at_after]))
        # Zones that only touch share no ground.
        shared_m2[shared_m2 < 1] = 0
    return Compared(run, shared_m2, shapely.area(before), shapely.area(after))

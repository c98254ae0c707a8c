"""The ground that patrol zones grow on: cells that adjoin, lines not to cross, places not to take in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import hotspots, overlay, spatial
from geo_service.errors import NotFoundError
from geo_service.workflows.finding.zone_names import NamedLines, named_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats, Ints
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Snapshot
    from geo_service.model.surfaces import Observed, Surface
    from geo_service.workflows.services import Services

STREETS: Final = "streets"
EXCLUDED: Final = "excluded-places"
BARRIERS: Final = ("motorway", "railway", "river")
"""Classes of lines that no zone crosses."""


@dataclass(frozen=True, slots=True)
class ZoneGround:
    """Hold the cells of an area and what lies on them."""

    cells: Cells
    area_ha: Floats
    """Hectares of whole cells (n)."""
    covered_ha: float
    """Hectares of the area."""
    east_north_m: Floats
    """Centres, EPSG:27700 (n, 2)."""
    indptr: Ints
    indices: Ints
    """Adjoining cells, whatever lies between them."""
    lines: Geometries
    """Lines that no zone crosses, EPSG:27700."""
    places: Geometries
    """Areas that no zone takes in, EPSG:27700."""
    named: NamedLines
    """Streets that a zone may be named after."""
    licences: tuple[str, ...] = ()
    """Of the lines, places and streets."""

    @property
    def said(self) -> str:
        """Return what of this holds for the zones, for the words of their rules."""
        lines = (
            f"across none of {len(self.lines)} lines ({', '.join(BARRIERS)})"
            if len(self.lines)
            else "no rivers, railways or motorways are loaded, so zones may cross them"
        )
        places = (
            f"{len(self.places)} excluded places left out"
            if len(self.places)
            else "no excluded places (prison, hospital, police station) are loaded"
        )
        return f"{lines}; {places}"

    def grow(  # noqa: PLR0913 - the parts of one answer
        self,
        observed: Observed,
        surface: Surface,
        *,
        events: Floats,
        chosen: NDArray[np.bool_],
        share: float,
        rules: hotspots.ZoneRules,
        shift_m: tuple[float, float] = (0.0, 0.0),
    ) -> hotspots.Grown:
        """Find the best zones of a surface.

        events: incidents of the cells of the area. chosen: the best cells; where the score is no amount zones begin
        there, and hold what they can of the measure. share: of the area, for all zones together. shift_m: metres east
        and north that everything on the ground was moved by.
        """
        lines, places = (
            shapely.transform(each, lambda x, y: (x + shift_m[0], y + shift_m[1]), interleaved=False)
            for each in (self.lines, self.places)
        )
        crossed = overlay.crossing(lines, self.east_north_m, self.indptr, self.indices)
        indptr, indices = overlay.without(self.indptr, self.indices, crossed)
        value = observed.value_inside[observed.inside]
        return hotspots.best_zones(
            hotspots.sought(surface, value, events, area_ha=self.area_ha, indptr=indptr, indices=indices),
            events=events,
            area_ha=self.area_ha,
            indptr=indptr,
            indices=indices,
            east_north_m=self.east_north_m,
            budget_ha=share * self.covered_ha,
            months=len(observed.months),
            rules=rules,
            seeds=None if surface.is_amount else chosen,
            blocked=self._taken_up(places),
        )

    def _taken_up(self, places: Geometries) -> NDArray[np.bool_]:
        """Say which cells touch an excluded place."""
        taken = np.zeros(len(self.cells), dtype=np.bool_)
        if len(places) and len(self.cells):
            # A cell reaches no further from its centre than the side of a square as large as it.
            reach_m = float(np.sqrt(self.area_ha.max() * 1e4))
            near, _ = shapely.STRtree(places).query(
                shapely.points(self.east_north_m), predicate="dwithin", distance=reach_m
            )
            near = np.unique(near)
            outlines = spatial.project_geometry(spatial.cell_polygons(self.cells[near]), "grid")
            taken[near] = overlay.touching(places, outlines)
        return taken


def lay_ground(services: Services, snapshot: Snapshot, observed: Observed) -> ZoneGround:
    """Lay the cells of an observed area, with the lines and places that are loaded and may be seen."""
    inside = observed.inside
    cells = observed.cells[inside]
    indptr, indices = spatial.neighbours(cells, 1)
    streets, excluded = _features(services, STREETS, snapshot), _features(services, EXCLUDED, snapshot)
    lines, places, named = _none(), _none(), named_lines(streets)
    licences: tuple[str, ...] = ()
    if streets is not None:
        barrier = streets.rows["class"].is_in(BARRIERS).fill_null(value=False).to_numpy()
        lines = _on_grid(streets.geometry[barrier])
        licences += streets.licences if len(lines) or named.names else ()
    if excluded is not None:
        radius_m = excluded.rows["radius_m"].fill_null(0.0).cast(float).to_numpy()
        places = shapely.buffer(_on_grid(excluded.geometry), radius_m[~shapely.is_missing(excluded.geometry)])
        # A point without a radius is the cell that it lies in: a buffer of nothing would be nothing.
        bare = shapely.is_empty(places)
        places[bare] = _on_grid(excluded.geometry)[bare]
        licences += excluded.licences if len(places) else ()
    return ZoneGround(
        cells=cells,
        area_ha=observed.area_m2[inside] / 1e4,
        covered_ha=float(observed.covered_m2[inside].sum()) / 1e4,
        east_north_m=observed.east_north_m[inside],
        indptr=indptr,
        indices=indices,
        lines=lines,
        places=places,
        named=named,
        licences=licences,
    )


def _features(services: Services, layer: str, snapshot: Snapshot) -> FeatureTable | None:
    try:
        return services.registry.features(layer, services.principal.audience, snapshot)
    except NotFoundError:
        return None


def _on_grid(geometry: Geometries) -> Geometries:
    return spatial.project_geometry(geometry[~shapely.is_missing(geometry)], "grid")


def _none() -> Geometries:
    return np.zeros(0, dtype=np.object_)

"""Which incidents lie in treated places, comparison places and the rings around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import overlay, spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import Audience
from geo_service.model.boundaries import Area
from geo_service.model.cells import OUTSIDE, UNLOCATED
from geo_service.workflows.finding import runs
from geo_service.workflows.finding.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import Geometry

    from geo_service.model.boundaries import BoundarySet
    from geo_service.model.cells import Cells, Cube
    from geo_service.model.evaluation import EvaluationQuery, Named
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

    Flags = NDArray[np.bool_]

_RESOLUTION: Final = 11
"""Cells that rings and circles are made of where no zone says another: about 50 m across."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Hold what one side of a comparison is made of."""

    areas: tuple[Area, ...]
    cells: Cells
    """Cells of patrol zones."""
    shapes: tuple[Geometry, ...]
    """Circles and areas of features, EPSG:27700."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Hold the rows of a cube that belong to each place; no row belongs to two."""

    cube: Cube
    area: Area
    """What the answer speaks of: all members that were named, or that hold the zones, features and rings."""
    treated: Flags
    comparison: Flags
    ring_treated: Flags
    ring_comparison: Flags
    contested: int
    """Cells of both rings, which were given to neither."""


def sides_of(services: Services, snapshot: Snapshot, query: EvaluationQuery) -> Sides:
    """Find the rows of each place.

    Areas take the incidents of their members, zones those of their cells, features and rings those of the cells whose
    centre lies within. Raises QueryError where the places overlap or several boundary sets are meant, NotFoundError.
    """
    treated, own_id, resolution = _resolve(services, snapshot, query.treated, query)
    comparison, other_id, other_resolution = _resolve(services, snapshot, query.comparison, query)
    ids = {found for found in (own_id, other_id) if found}
    sizes = {found for found in (resolution, other_resolution) if found}
    if len(ids) != 1 or len(sizes) > 1:
        raise QueryError(
            "Treated and comparison places are of several boundary sets or cell sizes",
            found=", ".join([*sorted(ids), *(f"resolution {size}" for size in sorted(sizes))]),
            do="Name the set with --set, and zones of one run",
            field="comparison",
        )
    set_id = ids.pop()
    cube = snapshot.cube(next(iter(sizes), _RESOLUTION), set_id)
    centres = _Centres.of(cube)
    taken, others = centres.rows(treated), centres.rows(comparison)
    if _overlap(treated, comparison) or (taken & others).any():
        raise QueryError(
            "Treated and comparison places share ground",
            found=f"{query.treated} and {query.comparison}",
            do="Name others to compare with",
            field="comparison",
        )
    nobody = np.zeros(len(cube.cell), dtype=np.bool_)
    ring, far_ring = nobody, nobody
    contested = 0
    if query.ring_m:
        near, far = centres.ring(treated, query.ring_m), centres.ring(comparison, query.ring_m)
        both = near & far
        contested = len(np.unique(cube.cell[both]))
        ring, far_ring = (rows & ~both & ~taken & ~others for rows in (near, far))
    boundary_set = next(
        (area.boundary_set for area in (*treated.areas, *comparison.areas)), snapshot.boundary_sets().get(set_id)
    )
    if boundary_set is None:
        raise QueryError("The boundary set of the places is not imported", found=set_id, field="boundary_set")
    whole = _whole(boundary_set, (*treated.areas, *comparison.areas), cube.member[taken | others | ring | far_ring])
    return Sides(cube, whole, taken, others, ring, far_ring, contested)


def _overlap(treated: _Place, comparison: _Place) -> bool:
    one, other = (
        {member for area in place.areas for member in area.members.tolist()} for place in (treated, comparison)
    )
    return bool(one & other) or bool(np.isin(treated.cells, comparison.cells).any())


def _resolve(services: Services, snapshot: Snapshot, named: Named, query: EvaluationQuery) -> tuple[_Place, str, int]:
    """Look up places; return them, their boundary set and the resolution of their zones (0 for none)."""
    day = query.phases[-1][1].last.last_day
    areas = tuple(snapshot.area(name, boundary_set=query.boundary_set, on=day) for name in named.areas)
    sets = {area.boundary_set.id for area in areas}
    cells, sizes = [np.zeros(0, dtype=np.uint64)], set()
    for zone_id in named.zones:
        run = runs.holding(services.store, zone_id)
        cells.append(zone_of(run, zone_id).cells)
        sizes.add(run.query.resolution)
        sets.add(run.query.boundary_set or "")
    shapes = tuple(_shape(services, snapshot, feature, query.radius_m) for feature in named.features)
    if shapes and not sets:
        sets.add(query.boundary_set or next(iter(snapshot.boundary_sets()), ""))
    if len(sets) != 1 or len(sizes) > 1:
        raise QueryError(
            "Places of several boundary sets or cell sizes are named together",
            found=", ".join(sorted(sets)),
            do="Name the set with --set, and zones of one run",
            field="boundary_set",
        )
    return _Place(areas, np.concatenate(cells), shapes), sets.pop(), sizes.pop() if sizes else 0


def _shape(services: Services, snapshot: Snapshot, named: str, radius_m: float) -> Geometry:
    """Return a feature as ground on the grid: a point or line with a margin of the radius, an area as it is."""
    layer, _, feature_id = named.partition("/")
    table = services.registry.features(layer, Audience.FORCE, snapshot)
    at = table.rows["id"].to_list()
    if feature_id not in at:
        raise NotFoundError(
            f"The layer {layer} has no such feature",
            found=feature_id,
            do=f"It has {', '.join(map(str, at[:10])) or 'none'}; write it as layer/id",
            field="feature",
        )
    place = at.index(feature_id)
    geometry = table.geometry[place]
    if geometry is None or not snapshot.inside(table.geometry[[place]])[0]:
        raise QueryError("The feature has no place that may be looked at", found=named, field="feature")
    ground = spatial.project_geometry(np.array([geometry], dtype=object), "grid")[0]
    return ground if ground.geom_type.endswith("Polygon") else shapely.buffer(ground, radius_m)


@dataclass(frozen=True, slots=True)
class _Centres:
    """Know where the cells of a cube's rows lie."""

    cube: Cube
    cells: Cells
    """Distinct cells that hold incidents (c)."""
    of_row: NDArray[np.int64]
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]

    @classmethod
    def of(cls, cube: Cube) -> _Centres:
        """Project the centres of all cells of a cube."""
        cells, of_row = np.unique(cube.cell, return_inverse=True)
        there = cells != UNLOCATED
        east_m, north_m = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
        east_m[there], north_m[there] = spatial.to_grid(*spatial.cell_centres(cells[there]))
        return cls(cube, cells, of_row, east_m, north_m)

    def within(self, shape: Geometry) -> Flags:
        """Tell which rows lie in cells whose centre a shape holds."""
        shapely.prepare(shape)
        held = np.zeros(len(self.cells), dtype=np.bool_)
        known = np.isfinite(self.east_m)
        held[known] = shapely.contains_xy(shape, self.east_m[known], self.north_m[known])
        rows: Flags = held[self.of_row]
        return rows

    def rows(self, place: _Place) -> Flags:
        """Return the rows of a place."""
        members = [area.members for area in place.areas]
        rows: Flags = np.isin(self.cube.cell, place.cells)
        if members:
            rows |= np.isin(self.cube.member, np.concatenate(members))
        for shape in place.shapes:
            rows |= self.within(shape)
        return rows

    def ring(self, place: _Place, ring_m: float) -> Flags:
        """Return the rows of cells whose centre lies outside a place, and within so many metres of it."""
        parts = [overlay.area_geometry(area) for area in place.areas]
        if len(place.cells):
            parts.append(shapely.union_all(spatial.cell_polygons(place.cells)))
        ground = (
            [*spatial.project_geometry(np.array(parts, dtype=object), "grid"), *place.shapes]
            if parts
            else [*place.shapes]
        )
        whole = shapely.union_all(ground)
        return self.within(shapely.difference(shapely.buffer(whole, ring_m), whole))


def _whole(boundary_set: BoundarySet, areas: Sequence[Area], within: NDArray[np.int32]) -> Area:
    """Return all members that the answer speaks of: those named, and those that other places and rings lie in."""
    found = np.unique(np.concatenate([within, *(area.members for area in areas)]))
    members = found[found != OUTSIDE].astype(np.int32)
    if not len(members):
        raise QueryError(
            "The places hold no incident and lie in no area that is known",
            found=boundary_set.id,
            do="Name places within the areas that are imported",
            field="treated",
        )
    notes = tuple(dict.fromkeys(note for area in areas for note in area.notes))
    return Area(boundary_set.id, boundary_set.title, boundary_set, members, boundary_set.vintage, notes)

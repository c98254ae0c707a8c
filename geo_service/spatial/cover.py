"""The cells that cover an area, each with its covered share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import h3
import numpy as np
import shapely
from h3.api import numpy_int

from geo_service.errors import QueryError
from geo_service.model.cells import CellTable
from geo_service.spatial.cells import cell_areas_m2, cell_polygons, index_cells
from geo_service.spatial.graph import halo

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Geometry

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Cells, Floats

LEAST_SHARE: Final = 1e-9
"""Below it a cell only touches the border."""

MOST_CELLS: Final = 10_000_000
"""A county at resolution 12; what is more would fill the memory of the machine that others use too."""

_RADIUS_M: Final = 6_371_007.180918475  # H3's authalic sphere
_METRES_IN_DEGREE: Final = 111_320.0
_STEP_DEG: Final = 0.01
_MOST_VERTICES: Final = 64


def cover(geometry: Geometry, resolution: int) -> CellTable:
    """Return every cell that overlaps a polygon, with the share of it that is covered.

    geometry: valid polygon or multipolygon, EPSG:4326, edges straight in degrees as GeoJSON has them, anywhere
    but across the 180th meridian. The share is exactly 1 away from the border and a ratio of equal-area figures
    on it, so that sum(area_m2 * share) is `area_m2` of the polygon to some 1e-7. Cells below LEAST_SHARE are left out.
    Raises InputError for a polygon off the globe, QueryError for one of more than MOST_CELLS cells.
    """
    _refuse_too_many(geometry, resolution)
    pieces = _pieces(geometry)
    cells = _overlapping(pieces, resolution)
    share = np.ones(len(cells))
    border = _on_border(cells, geometry, resolution)
    outlines = cell_polygons(cells[border])
    whole, part = shapely.STRtree(pieces).query(outlines)
    overlap = shapely.intersection(outlines[whole], pieces[part])
    covered = np.bincount(whole, weights=_sphere_m2(overlap), minlength=len(outlines))
    share[border] = np.minimum(covered / _sphere_m2(outlines), 1.0)
    kept = share >= LEAST_SHARE
    return CellTable(resolution, cells[kept], cell_areas_m2(cells[kept]), share[kept])


def _refuse_too_many(geometry: Geometry, resolution: int) -> None:
    if geometry.is_empty:
        return
    west, south, east, north = geometry.bounds
    index_cells([west, east], [south, north], resolution)
    number = area_m2(np.array([geometry]))[0] / h3.average_hexagon_area(resolution, "m^2")
    if number > MOST_CELLS:
        raise QueryError(
            "The area is too large for cells of this size",
            found=f"about {number / 1e6:.0f} million cells at resolution {resolution}",
            do="Ask for a coarser resolution or a smaller area",
            field="resolution",
        )


def area_m2(geometries: Geometries) -> Floats:
    """Measure polygons on the sphere that H3 measures its cells on, so that shares of areas are exact.

    geometries: EPSG:4326, shape (n), edges straight in degrees. Returns square metres (n); in Britain 0.4 % less
    than on the ellipsoid.
    """
    return _sphere_m2(shapely.segmentize(geometries, _STEP_DEG))


def _sphere_m2(geometries: Geometries) -> Floats:
    """Measure small or finely stepped polygons: (longitude, sine of latitude) keeps areas (Lambert 1772)."""
    flat = shapely.transform(geometries, lambda lon, lat: (np.radians(lon), np.sin(np.radians(lat))), interleaved=False)
    return np.asarray(shapely.area(flat) * _RADIUS_M**2, dtype=np.float64)


def _pieces(geometry: Geometry) -> Geometries:
    """Cut a polygon into boxes of few vertices: the work of each cell then stays small."""
    done: list[Geometry] = []
    todo = [part for part in shapely.get_parts(geometry) if not part.is_empty]
    while todo:
        part = todo.pop()
        if part.geom_type != "Polygon":
            todo.extend(piece for piece in shapely.get_parts(part) if piece.area > 0)
        elif shapely.get_num_coordinates(part) <= _MOST_VERTICES:
            done.append(part)
        else:
            todo.extend(shapely.intersection(part, _halves(part)))
    return np.array(done, dtype=np.object_)


def _halves(part: Geometry) -> Geometries:
    west, south, east, north = part.bounds
    x, y = (west + east) / 2, (south + north) / 2
    if east - west > north - south:
        return np.array([shapely.box(west, south, x, north), shapely.box(x, south, east, north)])
    return np.array([shapely.box(west, south, east, y), shapely.box(west, y, east, north)])


def _overlapping(pieces: Geometries, resolution: int) -> Cells:
    found = [
        numpy_int.h3shape_to_cells_experimental(h3.geo_to_h3shape(piece), resolution, contain="overlap")
        for piece in pieces
    ]
    return np.unique(np.concatenate([*found, np.zeros(0, dtype=np.uint64)]).astype(np.uint64))


def _on_border(cells: Cells, geometry: Geometry, resolution: int) -> NDArray[np.bool_]:
    """Say which of the cells the outline of the polygon meets."""
    outline = shapely.boundary(geometry)
    # Points along the outline closer than the shortest cell edge: a cell that it meets holds one of them or
    # adjoins a cell that does.
    step_deg = h3.average_hexagon_edge_length(resolution, "m") / 2 / _METRES_IN_DEGREE
    lon, lat = shapely.get_coordinates(shapely.segmentize(outline, step_deg)).T
    along = np.unique(index_cells(lon, lat, resolution))
    near = np.flatnonzero(np.isin(cells, np.concatenate([along, halo(along, 1)])))
    shapely.prepare(outline)
    border = np.zeros(len(cells), dtype=np.bool_)
    border[near] = shapely.intersects(outline, cell_polygons(cells[near]))
    return border

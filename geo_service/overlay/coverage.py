"""The shape of an area, and what is wrong with how a set's members fit together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import shapely

from geo_service.model.places import LonLat
from geo_service.spatial import area_m2

if TYPE_CHECKING:
    from shapely import Geometry

    from geo_service.model.boundaries import Area, BoundarySet, Geometries

LEAST_M2: Final = 5.0
"""Overlaps and gaps below it are the rounding of coordinates, not a fault of the set."""

_HECTARE_M2: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Name two members that claim the same ground."""

    codes: tuple[str, str]
    names: tuple[str, str]
    area_m2: float
    at: LonLat
    """A position within the overlap."""

    def __str__(self) -> str:
        """Return which two overlap, by how much and where."""
        (a, b), (one, other) = self.codes, self.names
        return f"{a} {one} and {b} {other}, {_size(self.area_m2)} at {_where(self.at)}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Name ground between members that none of them claims."""

    area_m2: float
    at: LonLat
    """A position within the gap."""

    def __str__(self) -> str:
        """Return how large it is and where."""
        return f"{_size(self.area_m2)} at {_where(self.at)}"


def _size(area_m2: float) -> str:
    return f"{area_m2 / _HECTARE_M2:,.1f} ha" if area_m2 >= _HECTARE_M2 else f"{area_m2:,.0f} m²"


def _where(at: LonLat) -> str:
    return f"longitude {at.lon:.5f}, latitude {at.lat:.5f}"


def area_geometry(area: Area) -> Geometry:
    """Return the shape of an area, EPSG:4326: the union of its members, inner borders dissolved."""
    return _union(area.boundary_set.geometry[area.members])


def check_coverage(boundary_set: BoundarySet) -> tuple[tuple[Overlap, ...], tuple[Gap, ...]]:
    """Report where members overlap and where they leave gaps, the largest first.

    A gap is ground enclosed by members that none of them holds; ground beyond the outer border is none. Below LEAST_M2
    nothing is reported.
    """
    return _overlaps(boundary_set), _gaps(boundary_set.geometry)


def _union(geometries: Geometries) -> Geometry:
    # Many times faster where members only touch; wrong where they overlap, hence the question.
    if shapely.coverage_is_valid(geometries):
        return shapely.coverage_union_all(geometries)
    return shapely.union_all(geometries)


def _overlaps(boundary_set: BoundarySet) -> tuple[Overlap, ...]:
    geometries = boundary_set.geometry
    if shapely.coverage_is_valid(geometries):
        return ()
    one, other = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    common = shapely.intersection(geometries[one], geometries[other])
    size_m2 = area_m2(common)
    at = shapely.get_coordinates(shapely.point_on_surface(common[size_m2 >= LEAST_M2]))
    found = zip(one[size_m2 >= LEAST_M2], other[size_m2 >= LEAST_M2], size_m2[size_m2 >= LEAST_M2], at, strict=True)
    codes, names = boundary_set.codes, boundary_set.names
    overlaps = [
        Overlap((codes[a], codes[b]), (names[a], names[b]), float(size), LonLat(float(where[0]), float(where[1])))
        for a, b, size, where in found
    ]
    return tuple(sorted(overlaps, key=lambda overlap: (-overlap.area_m2, overlap.codes)))


def _gaps(geometries: Geometries) -> tuple[Gap, ...]:
    union = _union(geometries)
    parts = shapely.get_parts(union)
    if not shapely.get_num_interior_rings(parts).any():
        return ()
    # What is left of the filled-in parts is their holes, without the islands that other parts are.
    filled = shapely.polygons(shapely.get_exterior_ring(parts))
    left = shapely.get_parts(shapely.difference(shapely.union_all(filled), union))
    size_m2 = area_m2(left)
    gaps = [
        Gap(float(size), LonLat(*map(float, shapely.get_coordinates(shapely.point_on_surface(shape))[0])))
        for shape, size in zip(left, size_m2, strict=True)
        if size >= LEAST_M2
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.area_m2, gap.at)))

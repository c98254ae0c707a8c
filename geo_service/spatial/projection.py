"""Degrees (EPSG:4326) and metres on the British National Grid (EPSG:27700), by one pinned operation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats

    Change: TypeAlias = Callable[..., tuple[Any, Any]]

PIPELINE: Final = (
    "+proj=pipeline "
    "+step +proj=unitconvert +xy_in=deg +xy_out=rad "
    "+step +proj=push +v_3 "
    "+step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 "
    "+convention=position_vector "
    "+step +inv +proj=cart +ellps=airy "
    "+step +proj=pop +v_3 "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)
"""EPSG:1314, a Helmert transformation of seven parameters, and the National Grid's transverse Mercator."""

GRID_SIZE_M: Final = (700_000, 1_300_000)
"""Metres east and north that grid letters can name."""

_NEAR_BRITAIN: Final = (-12.0, 48.0, 6.0, 63.0)
_GRID, _LONLAT = 27700, 4326
_GEOD: Final = Geod(ellps="WGS84")


@cache
def _pinned() -> Transformer:
    # Named step by step: left to itself PROJ picks OSTN15 where that grid happens to be installed,
    # and two machines would then differ by metres.
    return Transformer.from_pipeline(PIPELINE)


def to_grid(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Project degrees to the British National Grid.

    lon, lat: degrees, EPSG:4326, of equal shape. Returns (east_m, north_m), EPSG:27700, float64 of the same
    shape; nan where a coordinate is nan or cannot be projected. Right to ±2 m, says EPSG; of OS's published test points
    the worst, at the Lizard, is 4.1 m off. (OSTN15 would be right to 0.1 m; it is left out so that machines agree.)
    """
    return _run(lon, lat, "FORWARD")


def to_lonlat(east_m: ArrayLike, north_m: ArrayLike) -> tuple[Floats, Floats]:
    """Turn British National Grid metres into degrees.

    east_m, north_m: EPSG:27700, of equal shape. Returns (lon, lat), EPSG:4326; nan and accuracy as in
    `to_grid`. There and back moves a point by about a millimetre, because heights are left out.
    """
    return _run(east_m, north_m, "INVERSE")


def _run(x: ArrayLike, y: ArrayLike, direction: Literal["FORWARD", "INVERSE"]) -> tuple[Floats, Floats]:
    # PROJ writes into its input, so it is handed copies.
    first, second = np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)
    along, up = _pinned().transform(first, second, direction=direction)
    along, up = np.asarray(along, dtype=np.float64), np.asarray(up, dtype=np.float64)
    lost = ~(np.isfinite(along) & np.isfinite(up))
    return np.where(lost, np.nan, along), np.where(lost, np.nan, up)


def project_geometry(geometries: Geometries, to: Literal["grid", "lonlat"]) -> Geometries:
    """Project shapely geometries to the grid (EPSG:27700) or back to degrees (EPSG:4326).

    geometries: array of any shape; one geometry gives one back. Vertices move, edges stay straight; z is dropped.
    """
    change = to_grid if to == "grid" else to_lonlat
    return _moved(geometries, change)


def in_grid(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Say which positions a British National Grid reference can name; nan can never be named."""
    east_m, north_m = to_grid(lon, lat)
    west, south, east, north = _NEAR_BRITAIN
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    # The projection folds the far side of the globe back onto Britain, hence the box in degrees.
    near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    width, height = GRID_SIZE_M
    named = near & (east_m >= 0) & (east_m < width) & (north_m >= 0) & (north_m < height)
    return np.asarray(named, dtype=np.bool_)


def reproject(geometries: Geometries, crs: object) -> Geometries:
    """Bring geometries of any coordinate reference system to EPSG:4326, longitude first.

    crs: whatever pyproj reads: `EPSG:27700`, 27700, WKT, PROJJSON. The National Grid takes the pinned operation,
    any other system the one that PROJ holds best. Axis order is that of files: x is east or longitude. Raises
    InputError for an unknown system and for positions that it cannot turn into degrees.
    """
    try:
        source = CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(
            "Not a coordinate reference system",
            found=crs,
            do="Name it by its EPSG code, for example EPSG:27700, or give a file that states it",
            field="crs",
        ) from error
    moved = _to_lonlat_from(geometries, source)
    corners = shapely.total_bounds(moved)
    known = np.isfinite(corners)
    if known.any() and not _on_globe(corners):
        raise InputError(
            "The coordinates do not fit the stated coordinate reference system",
            found=f"{source.name}: x {corners[0]:g} to {corners[2]:g}, y {corners[1]:g} to {corners[3]:g} in degrees",
            do="Check which system the file is really in and state that one",
            field="crs",
        )
    return moved


def _to_lonlat_from(geometries: Geometries, source: CRS) -> Geometries:
    flat = source.sub_crs_list[0] if source.is_compound else source
    code = flat.to_epsg()
    if code == _LONLAT:
        return cast("Geometries", shapely.force_2d(geometries))
    if code == _GRID:
        return _moved(geometries, to_lonlat)
    try:
        change = Transformer.from_crs(flat, CRS.from_epsg(_LONLAT), always_xy=True)
    except ProjError as error:
        raise InputError(
            "No way from the coordinate reference system to degrees",
            found=flat.name,
            do="Save the file in EPSG:4326 or EPSG:27700",
            field="crs",
        ) from error
    return _moved(geometries, change.transform)


def _moved(geometries: Geometries, change: Change) -> Geometries:
    return cast("Geometries", shapely.transform(geometries, change, include_z=False, interleaved=False))


def _on_globe(corners: NDArray[np.float64]) -> bool:
    west, south, east, north = corners.tolist()
    return bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)  # noqa: PLR2004  (degrees)


def metres_between(lon_a: ArrayLike, lat_a: ArrayLike, lon_b: ArrayLike, lat_b: ArrayLike) -> Floats:
    """Measure the geodesic distance in metres on the WGS 84 ellipsoid (Karney 2013).

    All in degrees, EPSG:4326, broadcast against each other; float64 of the common shape.
    """
    a, b, c, d = np.broadcast_arrays(*(np.asarray(part, dtype=np.float64) for part in (lon_a, lat_a, lon_b, lat_b)))
    # PROJ writes into its input, so it is handed copies.
    _, _, metres = _GEOD.inv(a.copy(), b.copy(), c.copy(), d.copy())
    return np.asarray(metres, dtype=np.float64)

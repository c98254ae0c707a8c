"""Turn metres on the ground into millimetres on paper, and cut what lies beyond the window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.errors import FaultError
from geo_service.printing.style import SHEET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.sheets import SheetMap
    from geo_service.printing.style import MapStyle

_DETAIL_MM = 0.02
_PLANE = 2
"""Dimension of polygons, as shapely counts."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Place the window: x to the right and y downwards in millimetres from its upper left corner."""

    scale: int
    west_m: float
    north_m: float
    width_mm: float
    height_mm: float

    @property
    def mm_per_m(self) -> float:
        """Return the millimetres on paper of one metre on the ground."""
        return 1000 / self.scale

    @property
    def window(self) -> shapely.Polygon:
        """Return the window in millimetres."""
        return shapely.box(0, 0, self.width_mm, self.height_mm)

    def points(self, east_north_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn eastings and northings (n, 2) in metres, EPSG:27700, into x and y (n, 2) in millimetres."""
        moved = (east_north_m - (self.west_m, self.north_m)) * self.mm_per_m
        turned: NDArray[np.float64] = np.column_stack([moved[:, 0], -moved[:, 1]])
        return turned

    def to_paper(self, geometry: Geometries) -> Geometries:
        """Turn geometries (n) in metres, EPSG:27700, into whole geometries in millimetres.

        Missing, empty and endless ones are left out; a polygon that crosses itself is mended, so that one bad outline
        does not cost the map.
        """
        return self.place(geometry)[0]

    def place(self, geometry: Geometries) -> tuple[Geometries, NDArray[np.intp]]:
        """Do as `to_paper`, and return the positions (m) in the input of what was kept, ascending, too."""
        given = np.atleast_1d(np.asarray(geometry, dtype=object))
        kept = np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))
        drawn = shapely.force_2d(given[kept])
        corners, owner = shapely.get_coordinates(drawn, return_index=True)
        endless = owner[~np.isfinite(corners).all(axis=1)]
        drawn, kept = np.delete(drawn, endless), np.delete(kept, endless)
        drawn = shapely.simplify(shapely.transform(drawn, self.points), _DETAIL_MM)
        crossed = ~shapely.is_valid(drawn)
        drawn[crossed] = shapely.buffer(drawn[crossed], 0)
        return np.asarray(drawn, dtype=object), kept

    def near(self, geometry: Geometries) -> NDArray[np.bool_]:
        """Return which of the geometries (n) in metres, EPSG:27700, have a box that meets the window."""
        west, south, east, north = shapely.bounds(np.atleast_1d(np.asarray(geometry, dtype=object))).T
        width_m, height_m = self.width_mm / self.mm_per_m, self.height_mm / self.mm_per_m
        with np.errstate(invalid="ignore"):
            inside: NDArray[np.bool_] = (
                (west <= self.west_m + width_m)
                & (east >= self.west_m)
                & (south <= self.north_m)
                & (north >= self.north_m - height_m)
            )
        return inside

    def clip(self, geometry: Geometries) -> Geometries:
        """Cut geometries in millimetres (n) to the window; those outside it are left out."""
        x0, y0, x1, y1 = shapely.bounds(geometry).T
        # Most lie within the window and stay as they are.
        across = ~((x0 >= 0) & (y0 >= 0) & (x1 <= self.width_mm) & (y1 <= self.height_mm))
        cut = np.array(geometry, dtype=object)
        cut[across] = shapely.intersection(cut[across], self.window)
        return np.asarray(cut[~shapely.is_empty(cut)], dtype=object)


def frame_of(sheet_map: SheetMap, style: MapStyle = SHEET) -> Frame:
    """Return the frame of a map; raise FaultError where it has no size or does not fit the page."""
    width, height = sheet_map.width_mm, sheet_map.height_mm
    east, north = sheet_map.centre
    numbers = (width, height, east, north, float(sheet_map.scale))
    if not all(map(math.isfinite, numbers)) or min(width, height, sheet_map.scale) <= 0:
        raise FaultError("The map of the sheet has no size or place", found=f"{numbers}", field="map")
    if width > style.width or height > style.height:
        raise FaultError(
            "The map does not fit the page, and making it smaller would break its scale",
            found=f"{width:g} mm x {height:g} mm",
            do=f"Draw at most {style.width:g} mm x {style.height:g} mm",
            field="map",
        )
    metres = sheet_map.scale / 1000
    return Frame(sheet_map.scale, east - width * metres / 2, north + height * metres / 2, width, height)


def outlines(geometry: Geometries) -> Geometries:
    """Return the boundaries of polygons and lines as they are (n)."""
    flat = shapely.get_dimensions(geometry) == _PLANE
    return np.asarray(np.where(flat, shapely.boundary(geometry), geometry), dtype=object)

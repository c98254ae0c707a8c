"""Positions and boxes that name their axes and units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from geo_service.errors import QueryError

_AXES = 4
_MOST_LON, _MOST_LAT = 180, 90


class LonLat(NamedTuple):
    """Name a position in degrees, EPSG:4326, longitude first."""

    lon: float
    lat: float


class EastNorth(NamedTuple):
    """Name a position on the British National Grid in metres, EPSG:27700."""

    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class BBox:
    """Bound an area in degrees, EPSG:4326."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        """Refuse a box that is off the globe or inside out."""
        if not (
            -_MOST_LON <= self.west <= self.east <= _MOST_LON and -_MOST_LAT <= self.south <= self.north <= _MOST_LAT
        ):
            raise QueryError(
                "Not a bounding box",
                found=str(self),
                do="Write west,south,east,north in degrees of longitude and latitude",
                field="bbox",
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `west,south,east,north`; raise QueryError on anything else."""
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) != _AXES:
            raise QueryError(
                "Not a bounding box",
                found=text,
                do="Write west,south,east,north in degrees, for example -2.0,52.2,-1.8,52.4",
                field="bbox",
            )
        return cls(*numbers)

    def __str__(self) -> str:
        """Return `west,south,east,north`."""
        return f"{self.west},{self.south},{self.east},{self.north}"

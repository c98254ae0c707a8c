"""Put the invented borough together: land, water, streets, wards, landmarks and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.demonstration import roads, streets, wards
from geo_service.demonstration.curves import CENTRE, Floats, Shapes

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from geo_service.demonstration.roads import Bones
    from geo_service.demonstration.streets import Streets

ADDRESS_STEP_M: Final = 11.0
_FRONT_M: Final = (8.0, 15.0)
"""How far from the middle of the street an address lies."""
_BRIDGE_M: Final = 9.0
_KERB_M: Final = 6.0

HOME, SHOP, WORKS, PARK, ROAD = range(5)
"""Uses of land at an address."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """Name a building that people know."""

    key: str
    name: str
    near: tuple[float, float]
    """Metres east and north of the town's middle; the building takes the nearest suitable address."""
    size_m: tuple[float, float]


LANDMARKS: Final = (
    Landmark("town_hall", "Nonesuch Town Hall", (60, 110), (42, 26)),
    Landmark("library", "Nonesuch Library", (-120, 100), (34, 24)),
    Landmark("arcade", "Thimble Arcade", (-60, -40), (62, 44)),
    Landmark("bus_station", "Nonesuch Bus Station", (-190, -70), (46, 24)),
    Landmark("police", "Nonesuch Police Station", (290, 190), (34, 22)),
    Landmark("station", "Nonesuch Station", (500, 170), (52, 14)),
    Landmark("hospital", "Inkle Valley Hospital", (-900, 1_050), (74, 46)),
    Landmark("college", "Quillholt College", (420, 1_150), (60, 40)),
    Landmark("leisure", "Inkle Leisure Centre", (-640, -560), (56, 34)),
    Landmark("parade", "Fiddlestow Parade", (-1_150, -850), (56, 14)),
    Landmark("retail", "Bobbin Retail Park", (520, -1_250), (80, 46)),
    Landmark("centre_east", "Lanternby Community Centre", (1_350, 80), (30, 20)),
    Landmark("centre_south", "Pebblemere Community Centre", (480, -1_500), (30, 20)),
    Landmark("fire", "Nonesuch Fire Station", (-980, 320), (32, 24)),
    Landmark("school_east", "Lanternby Primary School", (1_080, -330), (54, 30)),
    Landmark("school_north", "Kettlewick Primary School", (-520, 1_330), (52, 30)),
    Landmark("school_west", "Fiddlestow Academy", (-1_500, -420), (70, 44)),
    Landmark("school_south", "Pebblemere Primary School", (-260, -1_330), (50, 30)),
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Hold the places where something can happen, along streets and in parks."""

    at: Floats
    """(n, 2) metres, EPSG:27700, whole numbers."""
    street: NDArray[np.int64]
    """Position of the street in `Ground.streets`."""
    use: NDArray[np.int64]
    """HOME, SHOP, WORKS, PARK or ROAD."""

    def nearest(self, points: Floats) -> NDArray[np.int64]:
        """Return the position of the nearest address of each point (n, 2)."""
        found: NDArray[np.int64] = shapely.STRtree(shapely.points(self.at)).nearest(shapely.points(points))
        return found


@dataclass(frozen=True, slots=True)
class Ground:
    """Hold the borough in metres, EPSG:27700."""

    outline: shapely.Polygon
    wards: Shapes
    bones: Bones
    streets: Streets
    addresses: Addresses
    landmark_at: dict[str, int]
    """Address of each landmark."""
    buildings: Shapes
    """Footprints of the landmarks, in the order of LANDMARKS."""

    def spot(self, landmark: str) -> Floats:
        """Return the position (2,) of a landmark, metres, EPSG:27700."""
        return np.asarray(self.addresses.at[self.landmark_at[landmark]], dtype=np.float64)


def make(rng: Generator) -> Ground:
    """Make the borough."""
    bones = roads.lay(rng)
    wards_ = wards.tile(bones.outline, rng)
    laid = streets.fill(bones, rng)
    addresses = _addresses(bones, laid, rng)
    landmark_at = _landmarks(addresses)
    return Ground(
        outline=shapely.union_all(wards_),
        wards=wards_,
        bones=bones,
        streets=laid,
        addresses=addresses,
        landmark_at=landmark_at,
        buildings=_footprints(addresses, laid, landmark_at),
    )


def _addresses(bones: Bones, laid: Streets, rng: Generator) -> Addresses:
    """Set addresses along every street, on alternate sides; none in the water."""
    count = np.maximum(1, shapely.length(laid.lines) // ADDRESS_STEP_M).astype(np.int64)
    street = np.repeat(np.arange(len(laid.lines)), count)
    along = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + 0.5) * ADDRESS_STEP_M
    along = np.minimum(along, shapely.length(laid.lines)[street])
    here = shapely.get_coordinates(shapely.line_interpolate_point(laid.lines[street], along))
    before = shapely.get_coordinates(shapely.line_interpolate_point(laid.lines[street], np.maximum(along - 2, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(laid.lines[street], along + 2))
    ahead = after - before
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1) / np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    side = np.where(np.arange(along.size) % 2 == 0, 1.0, -1.0) * rng.uniform(*_FRONT_M, along.size)
    at = np.round(here + aside * side[:, None])
    dry = shapely.contains_xy(bones.outline.buffer(-5), at) & ~shapely.contains_xy(bones.river.buffer(_BRIDGE_M), at)
    at, street = at[dry], street[dry]
    return Addresses(at, street, _uses(bones, laid, at, street))


def _uses(bones: Bones, laid: Streets, at: Floats, street: NDArray[np.int64]) -> NDArray[np.int64]:
    """Say what the land is used for at each address."""
    kind = np.array(laid.classes)[street]
    built = shapely.contains_xy(bones.town, at)
    return np.select(
        [
            kind == "footway",
            kind == "service",
            shapely.contains_xy(bones.centre.buffer(25), at),
            np.isin(kind, ("primary", "secondary")) & ~built,
        ],
        [PARK, WORKS, SHOP, ROAD],
        default=HOME,
    ).astype(np.int64)


def _landmarks(addresses: Addresses) -> dict[str, int]:
    """Give every landmark the nearest address that is not in a park."""
    usable = np.flatnonzero(addresses.use != PARK)
    tree = shapely.STRtree(shapely.points(addresses.at[usable]))
    wanted = shapely.points(CENTRE + np.array([landmark.near for landmark in LANDMARKS]))
    found = usable[tree.nearest(wanted)]
    return {landmark.key: int(position) for landmark, position in zip(LANDMARKS, found, strict=True)}


def _footprints(addresses: Addresses, laid: Streets, landmark_at: dict[str, int]) -> Shapes:
    """Draw each landmark as a block beside its street, its long side along it."""
    shapes = []
    for landmark in LANDMARKS:
        position = landmark_at[landmark.key]
        at, line = addresses.at[position], laid.lines[addresses.street[position]]
        foot = shapely.get_coordinates(line.interpolate(line.project(shapely.Point(at))))[0]
        aside = (at - foot) / max(float(np.hypot(*(at - foot))), 1e-9)
        ahead, (length, depth) = np.array([aside[1], -aside[0]]), landmark.size_m
        front, back = foot + aside * (_KERB_M + 1), foot + aside * (_KERB_M + 1 + depth)
        half = ahead * length / 2
        shapes.append(shapely.Polygon(np.round([front - half, front + half, back + half, back - half], 1)))
    blocks = np.array(shapes, dtype=object)
    near = laid.lines[shapely.dwithin(laid.lines, shapely.multipolygons(blocks), 2 * _KERB_M)]
    apart = shapely.difference(blocks, shapely.union_all(shapely.buffer(near, _KERB_M)))
    found: Shapes = np.array([max(shapely.get_parts(shape), key=lambda part: part.area) for shape in apart])
    return np.asarray(shapely.orient_polygons(found), dtype=object)

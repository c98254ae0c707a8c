"""Draw what lies under a map of the borough: water, parks and woods, houses along the streets, and landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.demonstration import names
from geo_service.demonstration.curves import CENTRE, Floats, Shapes
from geo_service.demonstration.ground import HOME, LANDMARKS, SHOP, WORKS, Ground
from geo_service.demonstration.places import Mapped

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_SIZES_M: Final = {
    HOME: ((15.0, 34.0), (7.0, 9.5)),
    SHOP: ((13.0, 19.0), (9.0, 14.0)),
    WORKS: ((15.0, 20.0), (16.0, 30.0)),
}
"""Length along the street and depth of the smallest and the largest building, by use of the land."""
_OF_FOUR: Final = 2
"""Of four addresses two have a building, which reaches to the next: pairs and terraces, one on each side."""
_KINDS: Final = {HOME: "house", SHOP: "retail", WORKS: "industrial"}
_SET_BACK_M: Final = {HOME: 8.0, SHOP: 6.0, WORKS: 9.0}
"""From the middle of the street to the front of a building."""
_KERB_M: Final = 4.5
_RAIL_M: Final = 9.0
_WOODS: Final = 9
_WOOD_M: Final = (110.0, 260.0)
_CORNERS: Final = 28
_FROM_ROADS_M: Final = 14.0
_SMALLEST_WOOD_M2: Final = 5_000.0
_LANDMARK_KINDS: Final = {
    "town_hall": "town hall",
    "library": "library",
    "arcade": "shopping centre",
    "bus_station": "bus station",
    "police": "police station",
    "station": "station",
    "hospital": "hospital",
    "college": "college",
    "leisure": "leisure centre",
    "parade": "shops",
    "retail": "shops",
    "centre_east": "community centre",
    "centre_south": "community centre",
    "fire": "fire station",
}


def areas(ground: Ground, rng: Generator) -> Mapped:
    """List parks, water and woods: `id`, `kind`, `name`, `class`."""
    laid, bones = ground.streets, ground.bones
    woods = _woods(ground, rng)
    parts = [
        *(("park", "park", name, shape) for name, shape in zip(laid.park_names, laid.parks, strict=True)),
        ("water", "river", names.RIVER, bones.river),
        *(("wood", "wood", name, shape) for name, shape in zip(names.WOODS, woods, strict=False)),
    ]
    rows = [
        {"id": f"ground-{nth:04d}", "kind": kind, "name": name, "class": of}
        for nth, (kind, of, name, _) in enumerate(parts, start=1)
    ]
    return Mapped(pl.DataFrame(rows), np.array([shape for *_, shape in parts], dtype=object))


def buildings(ground: Ground, rng: Generator) -> Mapped:
    """List the landmarks' buildings and rows of houses, shops and works along the streets: `id`, `name`, `kind`."""
    houses, kinds = _houses(ground, rng)
    shapes = np.concatenate([ground.buildings, houses])
    rows = pl.DataFrame(
        {
            "id": [f"building-{nth:05d}" for nth in range(1, len(shapes) + 1)],
            "name": [mark.name for mark in LANDMARKS] + [""] * len(houses),
            "kind": [_kind_of(mark.key) for mark in LANDMARKS] + kinds,
        }
    )
    return Mapped(rows, np.asarray(shapes, dtype=object))


def landmarks(ground: Ground) -> Mapped:
    """List what people find their way by: `id`, `name`, `kind`."""
    rows = [
        {"id": f"landmark-{mark.key.replace('_', '-')}", "name": mark.name, "kind": _kind_of(mark.key)}
        for mark in LANDMARKS
    ]
    return Mapped(pl.DataFrame(rows), ground.buildings)


def _kind_of(key: str) -> str:
    return _LANDMARK_KINDS.get(key, "school")


def _houses(ground: Ground, rng: Generator) -> tuple[Shapes, list[str]]:
    """Set a building beside the street at every address that is no park, where nothing else stands."""
    use = ground.addresses.use
    at = np.flatnonzero(np.isin(use, list(_KINDS)) & ((np.arange(len(use)) % 4 < _OF_FOUR) | (use != HOME)))
    lines = ground.streets.lines[ground.addresses.street[at]]
    spots = ground.addresses.at[at]
    along = shapely.line_locate_point(lines, shapely.points(spots))
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
    # The direction of the street, from a little before the address to a little after it.
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(along - 3, 0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.minimum(along + 3, shapely.length(lines))))
    ahead = _unit(after - before)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    aside *= np.where(((spots - foot) * aside).sum(axis=1) < 0, -1.0, 1.0)[:, None]
    length, depth, back = np.empty(len(at)), np.empty(len(at)), np.empty(len(at))
    for kind, (lengths, depths) in _SIZES_M.items():
        here = use[at] == kind
        length[here], depth[here] = rng.uniform(*lengths, here.sum()), rng.uniform(*depths, here.sum())
        back[here] = _SET_BACK_M[kind] + rng.uniform(0, 2.5, here.sum())
    near, far = foot + aside * back[:, None], foot + aside * (back + depth)[:, None]
    half = ahead * (length / 2)[:, None]
    rings = np.stack([near - half, near + half, far + half, far - half], axis=1)
    blocks: Shapes = shapely.polygons(np.round(rings, 1))
    free = _free(ground, blocks)
    return shapely.orient_polygons(blocks[free]), [_KINDS[int(kind)] for kind in use[at[free]]]


def _free(ground: Ground, blocks: Shapes) -> NDArray[np.int64]:
    """Return the positions of the blocks that stand on nothing else: not in a street, nor on an earlier block."""
    bones = ground.bones
    taken = [
        *ground.buildings,
        *ground.streets.parks,
        bones.river.buffer(_KERB_M),
        bones.railway.buffer(_RAIL_M),
        *shapely.buffer(ground.streets.lines, _KERB_M),
    ]
    tree = shapely.STRtree(np.array(taken, dtype=object))
    hit = tree.query(blocks, predicate="intersects")[0]
    inside = shapely.within(blocks, ground.outline)
    inside[hit] = False
    kept = np.flatnonzero(inside)
    one, other = shapely.STRtree(blocks[kept]).query(blocks[kept], predicate="intersects")
    # Of two that overlap the later goes; where it stood in a third one's way, that goes too: there are enough.
    later = np.unique(one[other < one])
    return np.delete(kept, later)


def _woods(ground: Ground, rng: Generator) -> Shapes:
    """Scatter woods over the country around the town, off the roads and the water."""
    bones = ground.bones
    turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    angle = np.linspace(0, 2 * np.pi, _WOODS, endpoint=False) + rng.normal(0, 0.12, _WOODS)
    reach = rng.uniform(2_250, 2_900, _WOODS)
    middle = CENTRE + np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=-1)
    waves = 1 + sum(
        rng.normal(0, 0.22 / order, (_WOODS, 1)) * np.sin(order * turn + rng.uniform(0, 2 * np.pi, (_WOODS, 1)))
        for order in range(2, 7)
    )
    radius = rng.uniform(*_WOOD_M, (_WOODS, 1)) * waves
    rings = middle[:, None, :] + np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=-1)
    blobs = shapely.buffer(shapely.polygons(np.round(rings)), 0)
    country = ground.outline.difference(bones.town.buffer(60))
    off = shapely.union_all(
        [
            *shapely.buffer(ground.streets.lines, _FROM_ROADS_M),
            bones.river.buffer(_FROM_ROADS_M),
            bones.railway.buffer(25),
        ]
    )
    woods = shapely.difference(shapely.intersection(blobs, country), off)
    parts = shapely.get_parts(woods)
    large = parts[
        (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > _SMALLEST_WOOD_M2)
    ]
    return np.asarray(shapely.orient_polygons(large[: len(names.WOODS)]), dtype=object)


def _unit(vectors: Floats) -> Floats:
    """Return vectors (n, 2) of length one."""
    found: Floats = vectors / np.maximum(np.hypot(*vectors.T), 1e-9)[:, None]
    return found

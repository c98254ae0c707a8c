"""Fill the districts with residential streets, closes and parks, and give everything a name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.demonstration import names
from geo_service.demonstration.curves import CENTRE, Floats, Shapes, Wobble, lines_of

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from geo_service.demonstration.roads import Bones

_SHORTEST_M: Final = 38.0
_BESIDE_M: Final = 26.0
"""A street nearer than this to a main road along most of its length would be drawn twice: left out."""
_STEP_M: Final = 20.0
_PARK_HA: Final = (3.5, 26.0)
_VILLAGES: Final = 3
_MIDDLE_M: Final = 70.0
_OUTER_PARKS_M: Final = 800.0
_ROUND_ENOUGH: Final = 0.5
_WORKS_HA: Final = (8.0, 50.0)
_WORKS_FROM_M: Final = 1_050.0
_LINKED: Final = 0.75
"""Share of the blocks that a link road ends."""


@dataclass(frozen=True, slots=True)
class Streets:
    """Hold lines with names and classes, and what the land between them is used for."""

    lines: Shapes
    names: tuple[str, ...]
    classes: tuple[str, ...]
    """`primary`, `secondary`, `residential`, `footway`, `service`."""
    parks: Shapes
    park_names: tuple[str, ...]
    industrial: Shapes
    """Districts of works and sheds."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Say how a district is built."""

    spacing_m: float
    block_m: float
    closes: float
    """Chance of a close off each block."""
    kinds: tuple[str, str, str]
    """Kinds of name for long streets, links and closes."""


_CENTRE = _Pattern(62, 95, 0.1, ("centre", "centre", "centre"))
_TERRACES = _Pattern(68, 190, 0.05, ("residential", "link", "close"))
_SUBURB = _Pattern(92, 210, 0.45, ("residential", "link", "close"))
_WORKS = _Pattern(170, 320, 0.2, ("industrial", "industrial", "industrial"))


def fill(bones: Bones, rng: Generator) -> Streets:
    """Lay streets, parks and works into the districts between the main roads."""
    namer = names.Namer(rng)
    areas_ha = shapely.area(bones.districts) / 1e4
    parks_at, works_at = _uses(bones, areas_ha)
    keep_out = shapely.union_all([bones.river.buffer(14), bones.railway.buffer(22)])
    bend = Wobble.draw(rng, amplitude_m=17.0, length_m=520.0)
    found: list[tuple[Shapes, str, str]] = []
    for index, district in enumerate([bones.centre, *bones.districts]):
        if index - 1 in parks_at:
            continue
        pattern = _pattern(district, rng, works=index - 1 in works_at, centre=index == 0)
        inner = shapely.difference(district, keep_out)
        road = "service" if pattern is _WORKS else "residential"
        for drawn, kind in zip(_lay(district, pattern, rng, bend), pattern.kinds, strict=True):
            found.append((_fit(drawn, inner, district), kind, road))
    found.extend(_villages(bones, rng, bend))
    parks = shapely.difference(bones.districts[parks_at], bones.river.buffer(6))
    parks = shapely.difference(parks, shapely.union_all(bones.roads).buffer(9))
    paths = _paths(parks, rng)
    lines = np.concatenate([bones.roads, *(group for group, _, _ in found), paths])
    labels = [namer.street(kind) for kind in bones.road_classes]
    labels += [namer.street(kind) for group, kind, _ in found for _ in group]
    labels[_main_street(bones, lines, len(bones.roads))] = names.HIGH_STREET
    classes = ["secondary" if road == "lane" else road for road in bones.road_classes]
    classes += [*(road for group, _, road in found for _ in group), *["footway"] * len(paths)]
    park_names = names.PARKS[: len(parks)]
    labels += [park_names[index // _PATHS] for index in range(len(paths))]
    return Streets(lines, tuple(labels), tuple(classes), parks, park_names, bones.districts[works_at])


def _main_street(bones: Bones, lines: Shapes, first: int) -> int:
    """Return the position of the longest street that passes near the middle, the first `first` left out."""
    near = shapely.dwithin(lines, shapely.Point(CENTRE), _MIDDLE_M) & (np.arange(len(lines)) >= first)
    return int(np.argmax(np.where(near & shapely.within(lines, bones.centre.buffer(1)), shapely.length(lines), 0)))


def _uses(bones: Bones, areas_ha: Floats) -> tuple[list[int], list[int]]:
    """Choose districts for parks (one by the river near the middle) and for works (by the railway, far out)."""
    from_middle = shapely.distance(shapely.centroid(bones.districts), shapely.Point(CENTRE))
    by_river = shapely.distance(bones.districts, bones.river) < 1
    by_rail = shapely.distance(bones.districts, bones.railway) < 1
    # A circle has roundness 1, a square 0.79; a strip along a road makes a poor park.
    roundness = 4 * np.pi * areas_ha * 1e4 / shapely.length(bones.districts) ** 2
    works = np.flatnonzero(by_rail & (from_middle > _WORKS_FROM_M) & _between(areas_ha, _WORKS_HA))[:3]
    fit = _between(areas_ha, _PARK_HA) & (roundness > _ROUND_ENOUGH)
    fit[works] = False
    riverside = np.flatnonzero(fit & by_river)[:2]
    fit[riverside] = False
    others = np.flatnonzero(fit & (from_middle > _OUTER_PARKS_M))
    others = others[:: max(1, others.size // 2)][:2]
    return [*riverside.tolist(), *others.tolist()], works.tolist()


def _between(areas_ha: Floats, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (areas_ha > limits[0]) & (areas_ha < limits[1])


def _pattern(district: shapely.Polygon, rng: Generator, *, works: bool, centre: bool) -> _Pattern:
    """Choose how a district is built: the nearer the middle, the denser."""
    if centre:
        return _CENTRE
    if works:
        return _WORKS
    near = float(np.exp(-district.centroid.distance(shapely.Point(CENTRE)) / 900))
    return _TERRACES if rng.random() < 1.3 * near else _SUBURB


def _lay(district: shapely.Polygon, pattern: _Pattern, rng: Generator, bend: Wobble) -> tuple[Shapes, Shapes, Shapes]:
    """Draw long streets, links between them and closes off them, in the district's own direction."""
    box = np.asarray(shapely.get_coordinates(district.minimum_rotated_rectangle))
    sides = np.diff(box, axis=0)
    along = sides[np.argmax(np.hypot(*sides.T))]
    turn = np.arctan2(along[1], along[0]) + rng.normal(0, 0.08)
    x_axis, y_axis = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    middle, half = box[:4].mean(axis=0), float(np.hypot(*(box[2] - box[0]))) / 2

    def placed(x: Floats, y: Floats) -> shapely.LineString:
        return shapely.LineString(np.round(bend(middle + x[:, None] * x_axis + y[:, None] * y_axis), 1))

    rows = (
        np.arange(-half, half, pattern.spacing_m)
        + rng.uniform(-0.14, 0.14, int(np.ceil(2 * half / pattern.spacing_m))) * pattern.spacing_m
    )
    x = np.arange(-half, half + _STEP_M, _STEP_M)
    long, links, closes = [placed(x, np.full(x.size, row)) for row in rows], [], []
    for row, beyond in pairwise(rows):
        spots = np.arange(-half + rng.uniform(0, pattern.block_m), half, pattern.block_m)
        spots = np.round((spots + rng.uniform(-0.3, 0.3, spots.size) * pattern.block_m) / _STEP_M) * _STEP_M
        for spot, chance, side in zip(spots, rng.random(spots.size), rng.random(spots.size), strict=True):
            if chance < _LINKED:
                links.append(placed(np.full(4, spot), np.linspace(row, beyond, 4)))
            if side < pattern.closes:
                reach = row + (beyond - row) * 0.6
                closes.append(placed(np.full(4, spot + 0.45 * pattern.block_m), np.linspace(row, reach, 4)))
    return tuple(np.array(group, dtype=object) for group in (long, links, closes))  # type: ignore[return-value]


def _fit(lines: Shapes, inner: shapely.Geometry, district: shapely.Polygon) -> Shapes:
    """Cut streets to a district; drop stubs and what runs beside a main road."""
    parts = lines_of(shapely.intersection(lines, inner))
    parts = parts[shapely.length(parts) > _SHORTEST_M]
    beside = shapely.length(shapely.intersection(parts, district.boundary.buffer(_BESIDE_M)))
    kept: Shapes = parts[beside < 0.55 * shapely.length(parts)]
    return kept


def _villages(bones: Bones, rng: Generator, bend: Wobble) -> list[tuple[Shapes, str, str]]:
    """Lay a few streets where country lanes begin."""
    lanes = bones.roads[np.array(bones.road_classes) == "lane"]
    longest = np.argsort(-shapely.length(lanes), kind="stable")[:_VILLAGES]
    spots = shapely.line_interpolate_point(lanes[longest], 0.5, normalized=True)
    circles = shapely.buffer(spots, 210.0)
    found = []
    for circle in circles:
        inner = shapely.intersection(circle, bones.outline).difference(bones.river.buffer(14))
        for lines, kind in zip(_lay(circle, _SUBURB, rng, bend), _SUBURB.kinds, strict=True):
            found.append((_fit(lines, inner, circle), kind, "residential"))
    return found


_PATHS: Final = 2


def _paths(parks: Shapes, rng: Generator) -> Shapes:
    """Lay footpaths across the parks, `_PATHS` through each."""
    paths = []
    for park in parks:
        ring = park.exterior if park.geom_type == "Polygon" else max(park.geoms, key=lambda part: part.area).exterior
        start = rng.uniform(0, 0.5)
        for turn in np.linspace(0, 0.25, _PATHS):
            ends = [ring.interpolate((start + turn + half) % 1, normalized=True) for half in (0, 0.5)]
            paths.append(shapely.LineString([ends[0], park.centroid, ends[1]]))
    return np.array(paths, dtype=object)

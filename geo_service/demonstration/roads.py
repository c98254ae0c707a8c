"""Lay the bones of the town: outline, river, railway, main roads, and the districts between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.demonstration.curves import CENTRE, Floats, Shapes, Wobble, lines_of, loop, polar, through

if TYPE_CHECKING:
    from numpy.random import Generator

RING_M: Final = 265.0
"""Radius of the road round the old centre."""
TOWN_M: Final = 2_050.0
_FIELDS_M: Final = 150.0
"""The least that lies between the built-up part and the edge of the borough."""
_BOROUGH_M: Final = 3_250.0
_RADIALS: Final = np.radians([22.0, 76.0, 128.0, 166.0, 232.0, 284.0, 333.0])
_LINKS_M: Final = (720.0, 1_180.0, 1_650.0)
"""Radii about which side roads join neighbouring main roads."""
_LINKED: Final = 0.85
"""Share of the outer side roads that were built."""
_RIVER: Final = np.array(
    [[-4600, 820], [-3500, 320], [-2400, 90], [-1500, -330], [-700, -380], [0, -520], [800, -470], [1600, -760],
     [2500, -930], [3300, -1320], [4600, -1500]]
)  # fmt: skip
_RAILWAY: Final = np.array([[-1500, -4600], [-350, -2200], [420, -700], [560, 300], [900, 1500], [1900, 4600]])
_RIVER_HALF_M: Final = 13.0


@dataclass(frozen=True, slots=True)
class Bones:
    """Hold what everything else is laid out between, in metres, EPSG:27700."""

    outline: shapely.Polygon
    town: shapely.Polygon
    """The built-up part."""
    river: shapely.Polygon
    stream: shapely.LineString
    """The middle of the river."""
    railway: shapely.LineString
    roads: Shapes
    """Main roads and side roads as lines."""
    road_classes: tuple[str, ...]
    """`primary`, `secondary` or `lane` (through the country) for each road."""
    centre: shapely.Polygon
    """What the ring road encloses."""
    districts: Shapes
    """Parts of the town between main roads, river and railway, the centre not among them; nearest first."""


def lay(rng: Generator) -> Bones:
    """Lay out outline, river, railway and main roads."""
    outline = loop(rng, radius_m=_BOROUGH_M, roughness=0.2, points=180)
    town = loop(rng, radius_m=TOWN_M, roughness=0.14, points=180)
    town = shapely.intersection(town, outline.buffer(-_FIELDS_M))
    wobble = Wobble.draw(rng, amplitude_m=45.0, length_m=900.0)
    meander = Wobble.draw(rng, amplitude_m=42.0, length_m=460.0)
    river_line = shapely.LineString(np.round(meander(through(CENTRE + _RIVER, step_m=25.0)), 1))
    railway = shapely.LineString(np.round(through(CENTRE + _RAILWAY + rng.normal(0, 25, _RAILWAY.shape)), 1))
    ring = shapely.LinearRing(np.round(wobble(polar(np.full(48, RING_M), np.linspace(0, 2 * np.pi, 48, False))), 1))  # noqa: FBT003
    centre = shapely.Polygon(ring)
    radials = _radials(rng)
    trunk = shapely.difference(shapely.linestrings([np.round(wobble(path), 1) for path in radials]), centre)
    links = shapely.linestrings([np.round(wobble(path), 1) for path in _links(rng, radials)])
    links = lines_of(shapely.intersection(links, town))
    roads = lines_of(shapely.intersection(np.concatenate([trunk, [ring]]), outline))
    lanes = lines_of(shapely.intersection(_lanes(rng, radials, wobble), outline.difference(town)))
    noded = shapely.union_all(np.concatenate([roads, links, [river_line, railway, town.exterior, ring]]))
    districts = shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)]))

    spots = shapely.point_on_surface(districts)
    districts = districts[shapely.within(spots, town) & ~shapely.within(spots, centre)]
    order = np.argsort(shapely.distance(shapely.centroid(districts), shapely.Point(CENTRE)), kind="stable")
    return Bones(
        outline=outline,
        town=town,
        river=shapely.intersection(shapely.buffer(river_line, _RIVER_HALF_M), outline),
        stream=shapely.intersection(river_line, outline),
        railway=shapely.intersection(railway, outline),
        roads=np.concatenate([roads, links, lanes]),
        road_classes=("primary",) * len(roads) + ("secondary",) * len(links) + ("lane",) * len(lanes),
        centre=centre,
        districts=districts[order],
    )


def _radials(rng: Generator) -> list[Floats]:
    """Draw the main roads from the middle outwards, each drifting a little to either side."""
    radius = np.arange(150.0, 4_700.0, 50.0)
    paths = []
    for base in _RADIALS + rng.normal(0, 0.045, _RADIALS.size):
        drift = rng.normal(0, 0.09) * np.sin(radius / rng.uniform(500, 900)) + rng.normal(0, 0.03) * radius / 1000
        paths.append(polar(radius, base + drift))
    return paths


def _between(rng: Generator, one: Floats, other: Floats, radius_m: float) -> Floats:
    """Join two main roads at about a radius, bowed outwards or inwards; both ends lie on the roads' vertices."""
    radii = np.hypot(*(one - CENTRE).T)
    ends = [int(np.abs(radii - radius_m * rng.uniform(0.8, 1.2)).argmin()) for _ in range(2)]
    start, end = one[ends[0]], other[ends[1]]
    t = np.linspace(0, 1, 24)
    angles = np.unwrap([np.arctan2(*(point - CENTRE)[::-1]) for point in (start, end)])
    bow = 1 + rng.uniform(-0.12, 0.05) * np.sin(np.pi * t)
    path = polar((radii[ends[0]] * (1 - t) + radii[ends[1]] * t) * bow, angles[0] * (1 - t) + angles[1] * t)
    path[0], path[-1] = start, end
    return path


def _links(rng: Generator, radials: list[Floats]) -> list[Floats]:
    """Draw the side roads of the town."""
    return [
        _between(rng, one, other, radius)
        for one, other in zip(radials, [*radials[1:], radials[0]], strict=True)
        for radius in _LINKS_M
        if radius == _LINKS_M[0] or rng.random() < _LINKED
    ]


def _lanes(rng: Generator, radials: list[Floats], wobble: Wobble) -> Shapes:
    """Draw country lanes from main road to main road."""
    paths = [
        wobble(_between(rng, radials[index], radials[(index + 1) % len(radials)], radius))
        for index, radius in ((0, 2_700.0), (2, 2_800.0), (3, 2_650.0), (5, 2_750.0))
    ]
    lines: Shapes = shapely.linestrings([np.round(path, 1) for path in paths])
    return lines

"""Cut the borough into wards that share their edges vertex by vertex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.demonstration.curves import CENTRE, Floats, Shapes, Wobble, polar
from geo_service.errors import FaultError

if TYPE_CHECKING:
    from numpy.random import Generator

_TOWN_M: Final = 1_450.0
_COUNTRY: Final = 0.87
"""How far towards the edge of the borough the middle of a country ward lies."""
_TOWN_ANGLES: Final = np.radians([0.0, 72.0, 144.0, 216.0, 288.0])
_COUNTRY_ANGLES: Final = np.radians([42.0, 150.0, 262.0])
_EDGE_M: Final = 45.0
_TRIES: Final = 60


def tile(outline: shapely.Polygon, rng: Generator) -> Shapes:
    """Tile an outline with nine wards in the order of `names.WARDS`: the middle, five around it, three outside.

    The edges of a Voronoi diagram are bent and snapped to whole metres as lines, and only then made into polygons:
    neighbours hold the same vertices, so nothing overlaps and nothing is left out.
    """
    for _ in range(_TRIES):
        seeds = _seeds(outline, rng)
        bend = Wobble.draw(rng, amplitude_m=48.0, length_m=620.0)
        edges = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=outline.buffer(1_000), only_edges=True)
        edges = shapely.segmentize(shapely.get_parts(edges), _EDGE_M)
        bent = shapely.transform(edges, bend)
        noded = shapely.union_all([*bent, outline.exterior], grid_size=1.0)
        faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(noded)]))
        faces = faces[shapely.within(shapely.point_on_surface(faces), outline)]
        holds = shapely.contains(faces[:, None], shapely.points(bend(seeds))[None, :])
        if len(faces) == len(seeds) and (holds.sum(axis=0) == 1).all() and (holds.sum(axis=1) == 1).all():
            wards: Shapes = shapely.orient_polygons(faces[holds.argmax(axis=0)])
            return wards
    raise FaultError("No tiling into nine wards was found", do="Take another seed")


def _seeds(outline: shapely.Polygon, rng: Generator) -> Floats:
    """Scatter the middles of the wards."""
    town = polar(_TOWN_M * rng.uniform(0.9, 1.12, 5), _TOWN_ANGLES + rng.normal(0, 0.1, 5))
    angles = _COUNTRY_ANGLES + rng.normal(0, 0.1, 3)
    rays = shapely.linestrings(np.stack([np.tile(CENTRE, (3, 1)), polar(np.full(3, 9_000.0), angles)], axis=1))
    country = polar(_COUNTRY * shapely.length(shapely.intersection(rays, outline)) * rng.uniform(0.95, 1.05, 3), angles)
    return np.vstack([CENTRE + rng.normal(0, 120, 2), town, country])

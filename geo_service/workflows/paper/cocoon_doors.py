"""Put the places of a cocoon's sheet in an order to walk, name them, and draw them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import patrol, spatial
from geo_service.model.cocoon_sheets import COCOON_MAP_MM, DoorLine
from geo_service.model.patrol import PatrolRules
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape
from geo_service.workflows.finding.visits import CELLS
from geo_service.workflows.paper import plan_sheet_maps as maps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Ints
    from geo_service.model.sheets import SheetMap
    from geo_service.workflows.finding.near_repeat import CocoonAnswer
    from geo_service.workflows.paper.plan_sheet_ground import Ground

_SCALES: Final = (1_000, 1_250, 1_500, 2_000, 2_500, 3_000, 4_000, *maps.OVERVIEW_SCALES)
_MARGIN_M: Final = 12.0
_STREETS_AROUND_M: Final = 300.0
"""How far beyond the doors a way between two of them is looked for."""
_ALONG_M: Final = 30.0
"""Metres around a door within which a street is its own, for the title."""
_MOST_STREETS: Final = 3
_WHERE: Final = 2
"""Streets that a title names."""
_NUMBER: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Doors:
    """Hold what a sheet lists, in order, and its map."""

    lines: tuple[DoorLine, ...]
    map: SheetMap
    each: str
    plural: str
    counted: bool
    around: str
    """`: Mill Lane and Weir Street`, for the title; empty where no street is known."""


def is_at_home(name: str, place: object) -> bool:
    """Tell whether a place to visit is by its name where the offence was: `Flat 2, 12 Mill Lane` is at `12 Mill Lane`.

    Only an address tells that: the name of a street alone does not.
    """
    own, other = (" ".join(str(words or "").casefold().replace(",", " ").split()) for words in (place, name))
    return _NUMBER.search(own) is not None and re.search(rf"(?<!\w){re.escape(own)}(?!\w)", other) is not None


def doors_of(answer: CocoonAnswer, ground: Ground, listed: Ints) -> Doors:
    """Order, name and draw places.

    listed: positions among the places of the answer; their order does not count, so that it tells nothing.
    """
    listed = np.sort(listed)
    shapes = spatial.project_geometry(answer.places.shapes[listed], "grid")
    order = _order(ground, shapes)
    shapes, names = shapes[order], [answer.places.names[place] for place in listed[order]]
    points, lines = (shapely.get_dimensions(shapes) == kind for kind in (0, 1))
    cells = answer.told.asked.places == CELLS
    if cells:
        names = [", ".join(ground.street_names(shape, _MOST_STREETS)) or "no street" for shape in shapes]
    middles = [_middle(shape) for shape in shapes]
    where = ["" if point else spatial.grid_reference(*at) for point, at in zip(points, middles, strict=True)]
    each, plural = ("Homes of", "areas") if cells else ("Street", "streets") if lines.any() else ("Home", "homes")
    streets = ground.street_names(shapely.MultiPoint(middles).buffer(_ALONG_M), _WHERE)
    return Doors(
        lines=tuple(DoorLine(at, name, ref) for at, (name, ref) in enumerate(zip(names, where, strict=True), start=1)),
        map=_map(ground, shapes, plural),
        each=each,
        plural=plural,
        counted=each != "Home",
        around=f": {' and '.join(streets)}" if streets else "",
    )


def _middle(shape: shapely.Geometry) -> EastNorth:
    """Return the point that stands for a place: of a street the one half-way along, of a cell or home its middle."""
    line = shapely.get_dimensions(shape) == 1
    at = shapely.line_interpolate_point(shape, 0.5, normalized=True) if line else shapely.centroid(shape)
    return EastNorth(at.x, at.y)


def _order(ground: Ground, shapes: Geometries) -> Ints:
    """Return the order in which places are walked along the streets, the western end first."""
    at = [_middle(shape) for shape in shapes]
    west = np.lexsort(np.array(at).T[::-1])
    around = shapely.MultiPoint(at).envelope.buffer(_STREETS_AROUND_M)
    streets, classes = ground.lines(around)
    graph = patrol.street_graph(streets, classes, "foot") if len(streets) else None
    metres = patrol.travel([at[place] for place in west], graph, PatrolRules()).metres
    return np.asarray(west[patrol.walking_order(metres)])


def _map(ground: Ground, shapes: Geometries, plural: str) -> SheetMap:
    """Draw what is listed and the ground: the window lies around what is listed, and so not around the offence."""
    window = maps.window(list(shapes), COCOON_MAP_MM, _SCALES, _MARGIN_M)
    numbered = list(enumerate(shapes, start=1))
    flat = [(number, shape) for number, shape in numbered if shapely.get_dimensions(shape) == 2]  # noqa: PLR2004
    rest = [(number, shape) for number, shape in numbered if shapely.get_dimensions(shape) < 2]  # noqa: PLR2004
    zones: Sequence[MapShape] = [maps.zone_shape(shape, number) for number, shape in flat]
    pins = [MapPin("doors", "circle", str(number), _middle(shape)) for number, shape in rest]
    about = f"Map at 1:{window.scale:,} of the {len(shapes)} {plural} to visit, numbered in the order of the list"
    return window.map([*ground.within(window.box, window.scale), *zones], pins, about, "ward")

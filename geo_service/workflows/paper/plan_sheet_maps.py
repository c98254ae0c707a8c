"""Which window of the ground each map of a plan shows, and what is drawn in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import patrol
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapShape, SheetMap
from geo_service.workflows.planning.plan_words import crew_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.sheets import MapPin
    from geo_service.workflows.paper.plan_sheet_ground import Ground

CARD_SCALES: Final = (2_500, 3_000, 4_000, 5_000)
OVERVIEW_SCALES: Final = (
    5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000,
    200_000, 500_000, 1_000_000,
)  # fmt: skip
_CARD_MARGIN_M: Final = 4.0
_PLACES: Final = 21
"""Places each way at which a window that must cut its zone is tried."""
_OVERVIEW_MARGIN_M: Final = 60.0
_AROUND_M: Final = 1_500.0
"""How far beyond zones and station streets are looked for a way."""
_GRID_STEPS: Final = ((5_000, 100), (15_000, 500), (50_000, 1_000))
_COARSEST_GRID_M: Final = 10_000
_SIZES_M: Final = (10, 100, 1_000, 10_000)


@dataclass(frozen=True, slots=True)
class Window:
    """Bound what a map shows, in metres of EPSG:27700."""

    scale: int
    centre: EastNorth
    width_mm: float
    height_mm: float
    whole: bool
    """Whether all that should be seen fits."""

    @property
    def box(self) -> shapely.Polygon:
        """Return the ground that it covers."""
        half_east, half_north = (mm / 2_000 * self.scale for mm in (self.width_mm, self.height_mm))
        east, north = self.centre
        return shapely.box(east - half_east, north - half_north, east + half_east, north + half_north)

    def map(self, shapes: Sequence[MapShape], pins: Iterable[MapPin], description: str, member: str) -> SheetMap:
        """Return the map of the window."""
        return SheetMap(
            scale=self.scale,
            centre=self.centre,
            width_mm=self.width_mm,
            height_mm=self.height_mm,
            shapes=tuple(shapes),
            pins=tuple(pins),
            grid_step_m=next((step for most, step in _GRID_STEPS if self.scale <= most), _COARSEST_GRID_M),
            scale_bar_m=_bar_m(self.scale),
            description=description,
            member=member,
        )


def _bar_m(scale: int) -> int:
    """Return a round length that takes 16 to 40 mm on paper."""
    longest = scale * 40 // 1_000
    return max(step * size for size in _SIZES_M for step in (1, 2, 5) if step * size <= longest)


def window(
    shapes: Sequence[shapely.Geometry], size_mm: tuple[float, float], scales: Sequence[int], margin_m: float
) -> Window:
    """Take the largest scale at which shapes (EPSG:27700) fit with a margin, or the smallest, centred, if none does."""
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    needed = max((east - west + 2 * margin_m) / size_mm[0], (north - south + 2 * margin_m) / size_mm[1]) * 1_000
    fitting = [scale for scale in scales if scale >= needed]
    centre = EastNorth(float(west + east) / 2, float(south + north) / 2)
    return Window(fitting[0] if fitting else scales[-1], centre, *size_mm, whole=bool(fitting))


def card_window(outline: shapely.Geometry, size_mm: tuple[float, float]) -> Window:
    """Frame one zone at 1:2,500, or as far down as 1:5,000 where it needs that."""
    return window([outline], size_mm, CARD_SCALES, _CARD_MARGIN_M)


def busiest(cut: Window, outline: shapely.Geometry, incidents_m: Floats) -> Window:
    """Move a window that cannot show all of a zone to where most of its incidents lie, as far as the zone reaches.

    incidents_m: EPSG:27700 (n, 2). Where several windows hold as many, the one nearest to the mean of all is taken.
    """
    half = np.array([cut.width_mm, cut.height_mm]) * cut.scale / 2_000 - _CARD_MARGIN_M
    low, high = np.array(outline.bounds).reshape(2, 2)
    middle = (low + high) / 2
    free = np.maximum((high - low) / 2 - half, 0.0)
    shares = np.linspace(-1.0, 1.0, _PLACES)
    offsets = np.stack(np.meshgrid(shares, shares, indexing="ij"), axis=-1).reshape(-1, 2) * free
    inside = (np.abs(incidents_m[None] - (middle + offsets)[:, None]) <= half).all(axis=2).sum(axis=1)
    wanted = incidents_m.mean(axis=0) if len(incidents_m) else middle
    best = np.lexsort((np.hypot(*(middle + offsets - wanted).T), -inside))[0]
    return replace(cut, centre=EastNorth(*(middle + offsets[best]).tolist()))


def overview_window(shapes: Sequence[shapely.Geometry], size_mm: tuple[float, float]) -> Window:
    """Frame zones, ways and the station."""
    return window(shapes, size_mm, OVERVIEW_SCALES, _OVERVIEW_MARGIN_M)


def zone_shape(outline: shapely.Geometry, number: int) -> MapShape:
    """Return a zone for the map."""
    return MapShape("zone", _array([outline]), str(number))


def straight_ways(plan: PatrolPlan) -> tuple[MapShape, ...]:
    """Return the ways of the loops as straight lines."""
    return _by_crew(plan, [_line(_stops(plan, at)) for at in range(len(plan.loops))])


def ways(plan: PatrolPlan, ground: Ground) -> tuple[MapShape, ...]:
    """Return the way of each loop through the streets, one shape for each crew."""
    places = [plan.station, *(zone.at for zone in plan.zones)]
    around = shapely.buffer(shapely.MultiPoint([tuple(place) for place in places]).envelope, _AROUND_M)
    lines, classes = ground.lines(around)
    graph = patrol.street_graph(lines, classes, plan.request.rules.mode) if len(lines) else None
    found: dict[tuple[EastNorth, ...], shapely.LineString] = {}
    for at in range(len(plan.loops)):
        stops = tuple(_stops(plan, at))
        if stops not in found:
            found[stops] = patrol.way(graph, stops)
    return _by_crew(plan, [found[tuple(_stops(plan, at))] for at in range(len(plan.loops))])


def _stops(plan: PatrolPlan, at: int) -> list[EastNorth]:
    return [plan.station, *(plan.zone(visit.zone).at for visit in plan.loops[at].visits), plan.station]


def _by_crew(plan: PatrolPlan, lines: Sequence[shapely.LineString]) -> tuple[MapShape, ...]:
    crews = sorted({loop.crew for loop in plan.loops})
    together = ([line for loop, line in zip(plan.loops, lines, strict=True) if loop.crew == crew] for crew in crews)
    return tuple(
        MapShape("route", _array(found), crew_word(plan, crew)) for crew, found in zip(crews, together, strict=True)
    )


def _line(places: Sequence[EastNorth]) -> shapely.LineString:
    return shapely.LineString([tuple(place) for place in places])


def _array(shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made

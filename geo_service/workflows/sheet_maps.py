"""What the map of a sheet shows: zones, the ground below them, and the pins of what stands near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.model.layers import POSTCODE_CENTRE
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape, SheetMap, SheetRow
from geo_service.workflows import tables, words
from geo_service.workflows.paper.plan_sheet_ground import load_ground

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Cells
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

MAP_MM = (186.0, 120.0)
MARGIN_M = 120.0
NEAR_M = 300.0
"""How far from a zone a camera or Safe Place still helps the patrol of it."""
SCALES = (2_500, 5_000, 10_000, 25_000, 50_000)
PIN_LAYERS = ("cctv", "cctv-redeployable", "safe-places")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold the map of a sheet with what is said beside it."""

    map: SheetMap
    nearby: tuple[SheetRow, ...]
    """What each pin stands for."""
    licences: tuple[str, ...]

    @property
    def with_streets(self) -> bool:
        """Return whether the map shows any street."""
        return any(shape.kind == "street" for shape in self.map.shapes)


def draw(  # noqa: PLR0913 - what a map is bound to
    services: Services, run: ZoneRun, zones: Sequence[PatrolZone], *, data: Snapshot, places: Snapshot, day: dt.date
) -> Drawn:
    """Decide what the map of some zones shows.

    data: what the zones were found in, for wards and streets. places: where cameras and Safe Places are taken from.
    day: that the sheet is for; what stood there before or comes after it is left out.
    """
    window = _window([zone.cells for zone in zones])
    pins, nearby, pin_licences = _pins(services, window, [zone.cells for zone in zones], places, day)
    ground = load_ground(services, data, data, run.query.boundary_set or "")
    shapes = ground.within(window.box, window.scale)
    drawn = SheetMap(
        scale=window.scale,
        centre=window.centre,
        width_mm=MAP_MM[0],
        height_mm=MAP_MM[1],
        shapes=(*shapes, *_zone_shapes(zones)),
        pins=pins,
        grid_step_m=100 if window.scale <= SCALES[1] else 500 if window.scale <= SCALES[2] else 1_000,
        scale_bar_m=window.scale // 50,
        description=f"Map at 1:{window.scale:,} of {', '.join(zone.name for zone in zones)}",
        member=words.member_word(services, run.query.boundary_set),
    )
    return Drawn(drawn, nearby, (*(ground.licences if shapes else ()), *pin_licences))


@dataclass(frozen=True, slots=True)
class _Window:
    """Bound what the map shows, in metres of EPSG:27700."""

    scale: int
    centre: EastNorth

    @property
    def box(self) -> shapely.Polygon:
        """Return the ground that the map window covers."""
        half_east, half_north = (mm / 2_000 * self.scale for mm in MAP_MM)
        east, north = self.centre
        return shapely.box(east - half_east, north - half_north, east + half_east, north + half_north)


def _window(zones: Sequence[Cells]) -> _Window:
    """Take the largest scale at which the zones fit with a margin."""
    cells = np.concatenate(zones)
    west, south, east, north = shapely.total_bounds(spatial.project_geometry(spatial.cell_polygons(cells), to="grid"))
    needed = max((east - west + 2 * MARGIN_M) / MAP_MM[0], (north - south + 2 * MARGIN_M) / MAP_MM[1]) * 1_000
    fitting = [scale for scale in SCALES if scale >= needed]
    if not fitting:
        raise QueryError(
            "The zones lie too far apart for one map",
            found=f"{max(east - west, north - south) / 1_000:.1f} km",
            do="Print them on separate sheets",
            field="zone",
        )
    return _Window(fitting[0], EastNorth((west + east) / 2, (south + north) / 2))


def _zone_shapes(zones: Sequence[PatrolZone]) -> Iterator[MapShape]:
    for zone in zones:
        yield MapShape("zone", np.array([outline(zone.cells)], dtype=object), str(zone.number))


def outline(cells: Cells) -> shapely.Geometry:
    """Return the outline of cells in metres, EPSG:27700."""
    return shapely.union_all(spatial.project_geometry(spatial.cell_polygons(cells), to="grid"))


def _pins(
    services: Services, window: _Window, zones: Sequence[Cells], places: Snapshot, day: dt.date
) -> tuple[tuple[MapPin, ...], tuple[SheetRow, ...], tuple[str, ...]]:
    """Mark the cameras and Safe Places near the zones, numbered by layer."""
    near = shapely.buffer(outline(np.concatenate(zones)), NEAR_M).intersection(window.box)
    pins: list[MapPin] = []
    rows: list[SheetRow] = []
    licences: list[str] = []
    offered = {layer.id for layer in services.registry.layers(services.principal.audience)}
    for layer in PIN_LAYERS:
        if layer not in offered:
            continue
        table = tables.features(services, layer, places)
        on_grid = spatial.project_geometry(table.geometry, to="grid")
        here = np.flatnonzero(shapely.intersects(on_grid, near) & in_use(table, day)).tolist()
        licences += table.licences if here else ()
        for number, position in enumerate(here, start=1):
            label = f"{table.style.letter}{number}"
            at = on_grid[position].centroid
            pins.append(MapPin(layer, table.style.shape, label, EastNorth(at.x, at.y)))
            rows.append(SheetRow(label, pin_words(table, position)))
    return tuple(pins), tuple(rows), tuple(licences)


def in_use(table: FeatureTable, day: dt.date) -> NDArray[np.bool_]:
    """Say which features are there on a day: neither suspended nor waiting, come by then and not gone before."""
    there = tables.there_on(table, day)
    if "status" in table.rows.columns:
        there &= ~table.rows["status"].is_in(tables.NOT_THERE).fill_null(value=False).to_numpy()
    return there


def pin_words(table: FeatureTable, position: int, columns: Sequence[str] = ("address", "opening_hours")) -> str:
    """Say what a pin stands for: its name and some columns; never why it is there."""
    row = table.rows.row(position, named=True)
    said = [str(row.get("name") or row["id"])]
    said += [str(row[column]) for column in columns if row.get(column)]
    if row.get("status") and row["status"] != "verified":
        said.append(str(row["status"]))
    if row.get("position_source") == POSTCODE_CENTRE:
        said.append("position is the postcode's centre")
    return ", ".join(said)

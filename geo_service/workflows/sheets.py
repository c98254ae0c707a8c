"""Flow C: from zones to a printed patrol sheet. Every word and number is decided here."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service import harm, hotspots, spatial
from geo_service.errors import NotFoundError, QueryError
from geo_service.model.access import Audience, AuditEvent
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape, SheetContent, SheetMap, SheetRow, SheetZone
from geo_service.workflows import runs, words
from geo_service.workflows.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo_service.model.access import Principal
    from geo_service.model.cells import Cells
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.model.offences import OffenceSet
    from geo_service.model.ports import Snapshot
    from geo_service.workflows.services import Services

MOST_ZONES = 4
MARKINGS = ("OFFICIAL", "OFFICIAL-SENSITIVE")
KEPT_FOR = dt.timedelta(days=28)
"""A sheet is destroyed four weeks after the day it is for."""
SMALLEST_COUNT = 3
"""Offences with fewer incidents in a zone are put together: a sheet must not point at one victim."""
MAP_MM = (186.0, 120.0)
MARGIN_M = 120.0
NEAR_M = 300.0
"""How far from a zone a camera or Safe Place still helps the patrol of it."""
MOST_OFFENCES = 6
NEVER_ON_PAPER = ("sexual assault", "rape")
"""Offences that no sheet names: paper gets lost."""
SCALES = (2_500, 5_000, 10_000, 25_000, 50_000)
PIN_LAYERS = ("cctv", "cctv-redeployable", "safe-places")
GROUND = "ground"


def sheet_content(
    services: Services, run: ZoneRun, zone_ids: Sequence[str], *, printed_for: dt.date, marking: str = "OFFICIAL"
) -> SheetContent:
    """Decide every word, number and shape of a sheet for at most four zones of one run."""
    if not 1 <= len(zone_ids) <= MOST_ZONES:
        raise QueryError(
            "A sheet holds one to four zones",
            found=len(zone_ids),
            do="Print the others on a second sheet",
            field="zone",
        )
    if marking not in MARKINGS:
        raise QueryError("Unknown marking", found=marking, do=f"Use one of {', '.join(MARKINGS)}", field="marking")
    zones = [zone_of(run, zone_id) for zone_id in dict.fromkeys(zone_ids)]
    snapshot = services.store.snapshot(run.provenance.data_version)
    window = _window([zone.cells for zone in zones])
    pins, nearby, pin_licences = _pins(services, window, [zone.cells for zone in zones])
    shapes, ground_licences = _ground(services, run, snapshot, window)
    named = zones[0].name if len(zones) == 1 else f"{len(zones)} zones"
    return SheetContent(
        title=f"Patrol sheet: {named}",
        subtitle=f"{run.area_name} · {run.query.period} · offence set {run.query.offence_set}",
        marking=marking,
        demonstration=services.demonstration,
        map=SheetMap(
            scale=window.scale,
            centre=window.centre,
            width_mm=MAP_MM[0],
            height_mm=MAP_MM[1],
            shapes=(*shapes, *_zone_shapes(zones)),
            pins=pins,
            grid_step_m=100 if window.scale <= SCALES[1] else 500 if window.scale <= SCALES[2] else 1_000,
            scale_bar_m=window.scale // 50,
            description=f"Map at 1:{window.scale:,} of {', '.join(zone.name for zone in zones)}",
        ),
        zones=tuple(_card(services, run, zone, snapshot) for zone in zones),
        nearby=nearby,
        notes=_notes(run, with_streets=any(shape.kind == "street" for shape in shapes)),
        method=tuple(note for note in run.notes if note != words.DEMONSTRATION),
        data_to=_written(dt.date.fromisoformat(f"{run.provenance.data_to}-01"), day=False),
        printed_for=_written(printed_for),
        destroy_after=_written(printed_for + KEPT_FOR),
        parameters=tuple(SheetRow(label, text) for label, text in run.provenance.parameters.items()),
        licences=tuple(dict.fromkeys((*run.licences, *ground_licences, *pin_licences))),
        footer=(
            f"Data version {run.provenance.data_version} · run {run.id} · "
            f"seed {'none: nothing here is random' if run.provenance.seed is None else run.provenance.seed}"
        ),
    )


def choose_zones(services: Services, zone_ids: Sequence[str], boundary: str, run_id: str) -> tuple[ZoneRun, list[str]]:
    """Find the run and the zones that a sheet is asked for: by zone, by ward, or the first four of the run."""
    if zone_ids:
        if run_id == runs.NEWEST and not all(
            zone_id.isdecimal() and len(zone_id) < len("12345678") for zone_id in zone_ids
        ):
            run = runs.holding(services.store, zone_ids[0])
        else:
            run = runs.find(services.store, run_id)
        return run, [zone_of(run, zone_id).id for zone_id in zone_ids]
    run = runs.find(services.store, run_id)
    wanted = boundary.casefold()
    of_ward = [
        zone.id
        for zone in run.zones
        if wanted in ("", zone.member_code.casefold(), zone.member_name.casefold(), run.area_name.casefold())
    ]
    if not of_ward:
        raise NotFoundError(
            "The run has no zone there",
            found=boundary or run.id,
            do="Find zones there first: `geo-service zones --boundary …`",
            field="boundary",
        )
    return run, of_ward[:MOST_ZONES]


def print_sheet(  # noqa: PLR0913 - what a printed sheet is bound to
    services: Services,
    run: ZoneRun,
    zone_ids: Sequence[str],
    *,
    printed_for: dt.date,
    principal: Principal,
    marking: str = "OFFICIAL",
) -> tuple[str, bytes]:
    """Return the file name (marking included) and the PDF; record the disclosure."""
    content = sheet_content(services, run, zone_ids, printed_for=printed_for, marking=marking)
    pdf = services.printer.print(content)
    said = f"{marking} patrol sheet {content.zones[0].name if len(content.zones) == 1 else run.area_name} {printed_for}"
    name = re.sub(r"[^\w-]+", "-", f"DEMONSTRATION {said}" if services.demonstration else said).strip("-") + ".pdf"
    services.store.record(
        AuditEvent(
            "disclosure",
            principal.name,
            f"sheet of run {run.id}",
            services.clock(),
            {"zones": [zone.id for zone in content.zones], "file": name},
        )
    )
    return name, pdf


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
        yield MapShape("zone", np.array([_outline(zone.cells)], dtype=object), str(zone.number))


def _outline(cells: Cells) -> shapely.Geometry:
    """Return the outline of cells in metres, EPSG:27700."""
    return shapely.union_all(spatial.project_geometry(spatial.cell_polygons(cells), to="grid"))


def _ground(
    services: Services, run: ZoneRun, snapshot: Snapshot, window: _Window
) -> tuple[list[MapShape], tuple[str, ...]]:
    """Return wards and, where there are any, streets, water and parks within the window."""
    shapes: list[MapShape] = []
    licences: tuple[str, ...] = ()
    if GROUND in {layer.id for layer in services.registry.layers(Audience.FORCE)}:
        table = services.registry.features(GROUND, Audience.FORCE, snapshot)
        shapes += _within(window, table, kinds=table.rows["kind"].to_list() if table.rows.height else [])
        licences = table.licences if shapes else ()
    wards = snapshot.boundary_sets()[run.query.boundary_set or ""]
    on_grid = spatial.project_geometry(wards.geometry, to="grid")
    for position in np.flatnonzero(shapely.intersects(on_grid, window.box)).tolist():
        shapes.append(MapShape("ward", on_grid[position : position + 1], wards.names[position]))
    return shapes, licences


def _within(window: _Window, table: FeatureTable, kinds: Sequence[str]) -> Iterator[MapShape]:
    on_grid = spatial.project_geometry(table.geometry, to="grid")
    names = table.rows["name"].fill_null("").to_list() if table.rows.height else []
    for position in np.flatnonzero(shapely.intersects(on_grid, window.box)).tolist():
        yield MapShape(kinds[position], on_grid[position : position + 1], names[position])  # type: ignore[arg-type]


def _pins(
    services: Services, window: _Window, zones: Sequence[Cells]
) -> tuple[tuple[MapPin, ...], tuple[SheetRow, ...], tuple[str, ...]]:
    """Mark the cameras and Safe Places near the zones, numbered by layer; suspended places are left out."""
    near = shapely.buffer(_outline(np.concatenate(zones)), NEAR_M).intersection(window.box)
    pins: list[MapPin] = []
    rows: list[SheetRow] = []
    licences: list[str] = []
    offered = {layer.id for layer in services.registry.layers(Audience.FORCE)}
    for layer in PIN_LAYERS:
        if layer not in offered:
            continue
        table = services.registry.features(layer, Audience.FORCE, services.store.snapshot())
        on_grid = spatial.project_geometry(table.geometry, to="grid")
        here = np.flatnonzero(shapely.intersects(on_grid, near) & _in_use(table)).tolist()
        licences += table.licences if here else ()
        for number, position in enumerate(here, start=1):
            label = f"{table.style.letter}{number}"
            at = on_grid[position].centroid
            pins.append(MapPin(layer, table.style.shape, label, EastNorth(at.x, at.y)))
            rows.append(SheetRow(label, _pin_words(table, position)))
    return tuple(pins), tuple(rows), tuple(licences)


def _in_use(table: FeatureTable) -> NDArray[np.bool_]:
    if "status" not in table.rows.columns:
        return np.ones(table.rows.height, dtype=np.bool_)
    return (table.rows["status"] != "suspended").fill_null(value=True).to_numpy()


def _pin_words(table: FeatureTable, position: int) -> str:
    row = table.rows.row(position, named=True)
    said = [str(row.get("name") or row["id"])]
    said += [str(row[column]) for column in ("address", "opening_hours") if row.get(column)]
    if row.get("status") and row["status"] != "verified":
        said.append(str(row["status"]))
    if row.get("position_source") == "postcode centre":
        said.append("position is the postcode's centre")
    return ", ".join(said)


def _card(services: Services, run: ZoneRun, zone: PatrolZone, snapshot: Snapshot) -> SheetZone:
    months = len(run.query.period)
    why = [
        SheetRow("Incidents", f"{zone.events:,} in {months} months ({run.query.period})"),
    ]
    if zone.harm is not None and run.harm_label is not None:
        why.append(SheetRow("Harm", f"{zone.harm:,.0f} days, {run.harm_label}"))
    return SheetZone(
        number=zone.number,
        id=zone.id,
        name=zone.name,
        where=(
            SheetRow("Grid reference", zone.grid_reference),
            SheetRow("Ward", zone.member_name),
            SheetRow("Size", f"{zone.area_ha:.1f} ha"),
        ),
        why=tuple(why),
        when=_hours(services.registry.offence_sets()[run.query.offence_set], run, zone, snapshot),
        mix=_showable(zone.mix),
    )


def _showable(mix: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Name the commonest offences; what is rare, or must not be on paper, is counted together."""
    shown = [
        (offence, count)
        for offence, count in mix
        if count >= SMALLEST_COUNT and not any(word in offence.casefold() for word in NEVER_ON_PAPER)
    ][:MOST_OFFENCES]
    rest = sum(count for _, count in mix) - sum(count for _, count in shown)
    return (*shown, ("All others", rest)) if rest >= SMALLEST_COUNT else tuple(shown)


def _hours(offence_set: OffenceSet, run: ZoneRun, zone: PatrolZone, snapshot: Snapshot) -> str:
    rows = snapshot.incidents(
        ["committed_from", "committed_to", *GROUP_COLUMNS],
        period=run.query.period,
        cells=zone.cells,
        resolution=run.query.resolution,
    )
    rows = rows.filter(harm.select(rows, offence_set))
    best = hotspots.best_hours(rows["committed_from"], rows["committed_to"])
    if best is None:
        return "Hours are not known: this data has months only. The sergeant chooses the times."
    return best


def _notes(run: ZoneRun, *, with_streets: bool) -> tuple[str, ...]:
    said = [
        run.sentence,
        run.sentence_after,
        "Visits are recorded: write the time in and out, and send the sheet back.",
    ]
    if words.POLICE_UK_NOTES[0] in run.notes:
        said.append(words.POLICE_UK_NOTES[0])
    if not with_streets:
        said.append("No streets are loaded, so the map shows ward outlines only.")
    return tuple(said)


def _written(date: dt.date, *, day: bool = True) -> str:
    return f"{date.day} {date:%B %Y}" if day else f"{date:%B %Y}"

"""From a question to one map file that opens with no network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl
import shapely

from geo_service.model.access import DISCLOSURE
from geo_service.model.layers import GROUND, STREETS, UNDRAWN, marks_of
from geo_service.workflows import tables
from geo_service.workflows.markings import USUAL, Export, Handling, file_name, marked

if TYPE_CHECKING:
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services


_AROUND_DEGREES: Final = 0.008
"""How far around the zones a map file shows the ground: a county's streets would make a file of many megabytes."""
_MOST_STREETS: Final = 4_000
_WATER: Final = ("river", "canal", "stream")


def map_tables(services: Services, run: ZoneRun) -> list[FeatureTable]:
    """Return what a map of a run shows, lowest first: ground, streets, the area's members, other areas, zones, places.

    Ground and streets are those around the zones, or around the area where there are none.
    """
    offered = services.registry.layers(services.principal.audience)
    listed = [
        part
        for layer in offered
        if layer.id not in UNDRAWN | {GROUND}
        for part in tables.drawn(tables.layer_today(services, layer.id))
    ]
    layers = [table for table in listed if table.rows.height]
    area, zones = tables.area_table(services, run), tables.zone_table(services, run)
    ground = [_near(tables.layer_today(services, layer.id), zones, area) for layer in offered if layer.id == GROUND]
    ground += [
        _streets(_near(tables.layer_today(services, STREETS), zones, area)) for layer in offered if layer.id == STREETS
    ]
    ground = [table for table in ground if table.rows.height]
    areas = [table for table in layers if table.style.shape == "area"]
    places = [table for table in layers if table.style.shape not in ("area", "line")]
    return [*ground, area, *areas, zones, *places]


def _near(table: FeatureTable, zones: FeatureTable, area: FeatureTable) -> FeatureTable:
    around = zones.geometry if len(zones.geometry) else area.geometry
    window = shapely.box(*shapely.total_bounds(around)).buffer(_AROUND_DEGREES)
    near = shapely.intersects(table.geometry, window)
    return replace(table, rows=table.rows.filter(pl.Series(near, dtype=pl.Boolean)), geometry=table.geometry[near])


def _streets(table: FeatureTable) -> FeatureTable:
    """Return named streets and water as a map draws them: with `kind`."""
    if table.rows.is_empty():
        return table
    rows = table.rows.with_columns(
        kind=pl.when(pl.col("class").is_in(_WATER)).then(pl.lit("water")).otherwise(pl.lit("street"))
    )
    named = rows["name"].is_not_null()
    keep = named & (named.cum_sum() <= _MOST_STREETS)
    return replace(table, title="Streets", rows=rows.filter(keep), geometry=table.geometry[keep.to_numpy()])


def map_html(services: Services, run: ZoneRun, handling: Handling = USUAL) -> Export:
    """Draw a run's zones with boundaries and layers in one self-contained HTML file; record the disclosure."""
    title = f"Patrol zones of {run.area_name}"
    drawn = [marked(services, table, handling) for table in map_tables(services, run)]
    marks = marks_of(drawn)
    name = file_name(marks, f"Map of patrol zones of {run.area_name} {run.query.period}", ".html")
    made = Export(name, services.map_writer.write(drawn, title=title), "text/html; charset=utf-8", marks)
    services.store.record(DISCLOSURE, f"map of run {run.id}", {"file": name})
    return made

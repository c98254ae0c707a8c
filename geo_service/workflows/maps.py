"""From a question to one map file that opens with no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.model.access import DISCLOSURE
from geo_service.model.layers import GROUND, UNDRAWN, marks_of
from geo_service.workflows import tables
from geo_service.workflows.markings import USUAL, Export, Handling, file_name, marked

if TYPE_CHECKING:
    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services


def map_tables(services: Services, run: ZoneRun) -> list[FeatureTable]:
    """Return what a map of a run shows, lowest first: ground, the area's members, other areas, zones, places."""
    offered = services.registry.layers(services.principal.audience)
    listed = [tables.layer_today(services, layer.id) for layer in offered if layer.id not in UNDRAWN]
    layers = [table for table in listed if table.rows.height]
    ground = [table for table in layers if table.id == GROUND]
    areas = [table for table in layers if table.style.shape == "area"]
    places = [table for table in layers if table.style.shape not in ("area", "line")]
    return [*ground, tables.area_table(services, run), *areas, tables.zone_table(services, run), *places]


def map_html(services: Services, run: ZoneRun, handling: Handling = USUAL) -> Export:
    """Draw a run's zones with boundaries and layers in one self-contained HTML file; record the disclosure."""
    title = f"Patrol zones of {run.area_name}"
    drawn = [marked(services, table, handling) for table in map_tables(services, run)]
    marks = marks_of(drawn)
    name = file_name(marks, f"Map of patrol zones of {run.area_name} {run.query.period}", ".html")
    made = Export(name, services.map_writer.write(drawn, title=title), "text/html; charset=utf-8", marks)
    services.store.record(DISCLOSURE, f"map of run {run.id}", {"file": name})
    return made

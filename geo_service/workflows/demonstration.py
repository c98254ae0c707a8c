"""Build the demonstration area through the ordinary imports, as a user would load a real one."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service import demonstration
from geo_service.errors import ConflictError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.patrol import PlanRequest, Shift
from geo_service.model.periods import Period
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports
from geo_service.workflows.planning import plan

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.hotspots import ZoneRun
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.ports import Progress
    from geo_service.workflows.importing.imported import IncidentImport
    from geo_service.workflows.services import Services

WARDS = "demonstration-wards"
LAYERS = (
    "safe-places",
    "cctv",
    "cctv-redeployable",
    "pspo",
    "environmental-visual-audits",
    "knife-arch",
    "street-watch",
    "street-pastors",
    "parade-stations",
    "streets",
    "excluded-places",
    "ground",
    "landmarks",
    "buildings",
)
FORCE = "demonstration"
HARM_TABLE = "starting-points"
TEAM = "NSUCH-T1"
LATE_SHIFT = "15:00-23:00"
OFFICERS = 4


@dataclass(frozen=True, slots=True)
class DemonstrationBuilt:
    """Say what was built."""

    incidents: IncidentImport
    run: ZoneRun


def refuse_taken(services: Services) -> None:
    """Raise ConflictError where data is there already: invented incidents never stand beside others."""
    versions = len(services.store.versions())
    if versions:
        raise ConflictError(
            "The data directory holds data already",
            found=f"{versions} version{'s' if versions > 1 else ''}",
            do="Give the demonstration a new data directory with --data-dir; what is there is served by "
            "`geo-service serve`",
            field="data_dir",
        )


def build(services: Services, folder: Path, seed: int, progress: Progress | None = None) -> DemonstrationBuilt:
    """Write the area's files into a folder and import them; raise ConflictError where data is there already."""
    refuse_taken(services)
    offences = services.registry.harm_tables()[HARM_TABLE].rows
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in demonstration.files(demonstration.build(seed, offences)).items():
        (folder / name).write_bytes(content)
    imports.import_boundaries(services, folder / "wards.geojson", WARDS)
    imports.import_postcodes(services, folder / "postcodes.csv")
    for layer in LAYERS:
        found = next(folder.glob(f"{layer}.*"))
        imports.import_layer(services, layer, found)
    export = [folder / "incidents.csv"]
    done = imports.import_incidents(services, export, force=FORCE, progress=progress)
    _, run = zones.find_zones(services, _last_year(services))
    return DemonstrationBuilt(done, run)


def _last_year(services: Services) -> HotspotQuery:
    """Ask for the months that leave three to see how the cells held afterwards."""
    last = services.store.snapshot().months()[-1]
    borough = services.store.snapshot().boundary_sets()[WARDS].parent_names[0]
    return HotspotQuery(boundary=borough, period=Period(last - 14, last - 3))


def plan_late_shift(services: Services) -> PatrolPlan:
    """Plan and keep a late shift of the first team, on the first Friday after the data."""
    after = data_end(services) + dt.timedelta(days=1)
    friday = after + dt.timedelta(days=(calendar.FRIDAY - after.weekday()) % 7)
    return plan.make_plan(services, PlanRequest(TEAM, Shift.asked(friday, LATE_SHIFT), OFFICERS))


def data_end(services: Services) -> dt.date:
    """Return the last day that the data covers."""
    return services.store.snapshot().months()[-1].last_day

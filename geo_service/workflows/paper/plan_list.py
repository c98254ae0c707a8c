"""The visits of a plan as a table: for spreadsheets, other programs and maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.layers import FeatureTable, LayerStyle
from geo_service.workflows.exports import export
from geo_service.workflows.markings import USUAL
from geo_service.workflows.planning.plan_words import crew_word

if TYPE_CHECKING:
    from geo_service.model.patrol import Loop, PatrolPlan, Visit
    from geo_service.workflows.markings import Export, Handling
    from geo_service.workflows.services import Services

STYLE: Final = LayerStyle(shape="circle", colour="#003078", letter="V")
_COLUMNS: Final = {
    "id": pl.String,
    "day": pl.Date,
    "start": pl.String,
    "end": pl.String,
    "minutes": pl.Int64,
    "crew": pl.String,
    "loop_leaves": pl.String,
    "loop_back": pl.String,
    "order_in_loop": pl.Int64,
    "zone_number": pl.Int64,
    "zone": pl.String,
    "zone_id": pl.String,
    "grid_reference": pl.String,
    "if_two": pl.String,
    "fixed": pl.Boolean,
    "below_bar": pl.Boolean,
    "plan": pl.String,
    "plan_version": pl.Int64,
}


def visit_table(services: Services, plan: PatrolPlan) -> FeatureTable:
    """Return the visits of a plan in order of time, each at the point where it begins; times are those of the clock."""
    del services
    made = [(loop, order, visit) for loop in plan.loops for order, visit in enumerate(loop.visits, start=1)]
    made.sort(key=lambda row: (row[2].start_min, row[0].crew, row[2].id))
    at = np.array([plan.zone(visit.zone).at for _, _, visit in made], dtype=np.float64).reshape(-1, 2)
    lon, lat = spatial.to_lonlat(at[:, 0], at[:, 1])
    return FeatureTable(
        id="patrol-visits",
        title=f"Visits of plan {plan.id} v{plan.version} {plan.team_name} {plan.request.shift.day}",
        rows=pl.DataFrame([_row(plan, *row) for row in made], schema=_COLUMNS, orient="row"),
        geometry=shapely.points(lon, lat) if made else np.empty(0, dtype=object),
        provenance=plan.provenance,
        licences=plan.licences,
        notes=(*plan.unkept, *plan.notes),
        style=STYLE,
    )


def plan_list(services: Services, plan: PatrolPlan, suffix: str = ".csv", *, handling: Handling = USUAL) -> Export:
    """Write the visits of a plan in the format of a file ending; record the disclosure. Kept as long as its sheets.

    Raises QueryError for an unknown ending.
    """
    return export(services, visit_table(services, plan), suffix, handling, day=plan.request.shift.day)


def _row(plan: PatrolPlan, loop: Loop, order: int, visit: Visit) -> dict[str, object]:
    shift, zone = plan.request.shift, plan.zone(visit.zone)
    return {
        "id": visit.id,
        "day": shift.at(visit.start_min).date(),
        "start": shift.clock(visit.start_min),
        "end": shift.clock(visit.end_min),
        "minutes": visit.minutes,
        "crew": crew_word(plan, loop.crew),
        "loop_leaves": shift.clock(loop.start_min),
        "loop_back": shift.clock(loop.end_min),
        "order_in_loop": order,
        "zone_number": zone.number,
        "zone": zone.name,
        "zone_id": zone.id,
        "grid_reference": spatial.grid_reference(*zone.at),
        "if_two": ", ".join(str(plan.zone(zone_id).number) for zone_id in loop.if_two),
        "fixed": visit.locked,
        "below_bar": zone.below_bar,
        "plan": plan.id,
        "plan_version": plan.version,
    }

"""Visits that were made as a table, and the questions about them as they are typed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import QueryError
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.periods import Month
from geo_service.workflows.finding import runs
from geo_service.workflows.planning.plan_keeping import find_plan
from geo_service.workflows.visiting.dosage import TOLERANCE_MIN, dosage_of_month, dosage_of_plan
from geo_service.workflows.visiting.visits_gps import INTERVAL
from geo_service.workflows.visiting.visits_made import visits_made

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from geo_service.model.patrol import VisitMade
    from geo_service.workflows.services import Services
    from geo_service.workflows.visiting.dosage import Dosage

_SCHEMA: Final = {
    "id": pl.String,
    "plan": pl.String,
    "visit": pl.String,
    "team": pl.String,
    "zone": pl.String,
    "start": pl.String,
    "end": pl.String,
    "patrol_min": pl.Float64,
    "error_min": pl.Float64,
    "officer_min": pl.Float64,
    "officers": pl.Int64,
    "outcome": pl.String,
    "source": pl.String,
    "first_day": pl.Date,
    "last_day": pl.Date,
}


def days_of(first: dt.date | None, last: dt.date | None) -> tuple[dt.date, dt.date] | None:
    """Return a span of days, None where none is said; raise QueryError for half of one, or one that runs backwards."""
    if first is None and last is None:
        return None
    first, last = first or last, last or first
    assert first is not None  # noqa: S101 - one of them is said
    assert last is not None  # noqa: S101 - as above
    if last < first:
        raise QueryError("The last day is before the first", found=f"{first} to {last}", do="Swap them", field="to")
    return first, last


def visits_table(
    services: Services, *, plan: str = "", days: tuple[dt.date, dt.date] | None = None
) -> tuple[Sequence[VisitMade], FeatureTable]:
    """Return the visits of a plan, or of some days, or all, and the same as a table, each at the middle of its zone."""
    plan_id = find_plan(services, plan).id if plan else ""
    found = visits_made(services, plan=plan_id, days=days)
    middles = _middles(services, {made.zone for made in found})
    rows = [
        {
            "id": made.id,
            "plan": made.plan,
            "visit": made.visit,
            "team": made.team,
            "zone": made.zone,
            "start": made.start.isoformat(),
            "end": made.end.isoformat(),
            "patrol_min": round(made.minutes, 2),
            "error_min": made.error_min,
            "officer_min": round(made.officer_minutes, 2),
            "officers": made.officers,
            "outcome": made.outcome,
            "source": made.source,
            "first_day": made.start.date(),
            "last_day": made.end.date(),
        }
        for made in found
    ]
    snapshot = services.store.snapshot()
    when = "all days" if days is None else f"{days[0]} to {days[1]}"
    provenance = Provenance(
        snapshot.version,
        str(snapshot.months()[-1]) if snapshot.months() else "",
        {"plan": plan_id or "any", "days": when},
        demonstration=services.demonstration,
    )
    table = FeatureTable(
        id="visits",
        title=f"Visits made, {f'plan {plan_id}' if plan_id else when}",
        rows=pl.DataFrame(rows, schema=_SCHEMA),
        geometry=np.array([*(middles.get(made.zone) for made in found), None], dtype=object)[:-1],
        provenance=provenance,
        notes=(INTERVAL,) if any(made.source == "gps" for made in found) else (),
        time_columns=("first_day", "last_day"),
        style=LayerStyle(shape="circle", colour="#00703c", letter="V"),
    )
    return found, table


def facts_of(made: VisitMade) -> dict[str, object]:
    """Return a visit as JSON has it."""
    said = asdict(made) | {"start": made.start.isoformat(), "end": made.end.isoformat()}
    return said | {"minutes": round(made.minutes, 2), "officer_minutes": round(made.officer_minutes, 2)}


def _middles(services: Services, wanted: set[str]) -> dict[str, shapely.Point]:
    """Return the middle of each zone that a kept run has."""
    found: dict[str, shapely.Point] = {}
    for run in runs.kept(services.store):
        if wanted <= set(found):
            break
        for zone in run.zones:
            if zone.id in wanted and zone.id not in found:
                lon, lat = spatial.cell_centres(zone.cells)
                found[zone.id] = shapely.Point(float(np.mean(lon)), float(np.mean(lat)))
    return found


def dosage_asked(services: Services, plan: str, month: str, team: str, tolerance_min: int = TOLERANCE_MIN) -> Dosage:
    """Hold a plan, or the plans of a month, against what was made of it; the newest plan where neither is said."""
    if plan and month:
        raise QueryError("A plan and a month are two questions", do="Give --plan or --month", field="month")
    if month:
        return dosage_of_month(services, Month.parse(month), team, tolerance_min)
    if team:
        raise QueryError("A team needs a month", found=team, do="Give --month YYYY-MM too", field="team")
    return dosage_of_plan(services, plan or "latest", tolerance_min)

"""Planned against delivered as a table: a row for each zone and hour of the clock."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.model.clock import LONDON
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.patrol import LONGEST_VISIT_MIN, SHORTEST_VISIT_MIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.patrol import PatrolPlan, Visit, VisitMade

_HOUR: Final = dt.timedelta(hours=1)
SCHEMA: Final = {
    "id": pl.String,
    "zone": pl.String,
    "number": pl.Int64,
    "name": pl.String,
    "hour": pl.String,
    "planned_visits": pl.Int64,
    "planned_min": pl.Float64,
    "visits": pl.Int64,
    "patrol_min": pl.Float64,
    "patrol_low_min": pl.Float64,
    "patrol_high_min": pl.Float64,
    "officer_min": pl.Float64,
    "planned_made": pl.Int64,
    "too_short": pl.Int64,
    "too_long": pl.Int64,
}


class Delivered(NamedTuple):
    """Hold what one plan came to."""

    plan: PatrolPlan
    counted: tuple[VisitMade, ...]
    made: frozenset[str]
    """Ids of the planned visits that were made."""


def is_short(visit: VisitMade) -> bool:
    """Tell whether a visit is certainly shorter than a visit does good."""
    return visit.minutes + visit.error_min < SHORTEST_VISIT_MIN


def is_long(visit: VisitMade) -> bool:
    """Tell whether a visit is certainly longer than a visit does good."""
    return visit.minutes - visit.error_min > LONGEST_VISIT_MIN


def dosage_table(
    title: str, delivered: Sequence[Delivered], provenance: Provenance, said: tuple[str, ...]
) -> FeatureTable:
    """Return a row for each zone and hour of the clock in which anything was planned or delivered.

    said: what goes with every copy.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    places: dict[str, shapely.Point] = {}
    for one in delivered:
        numbers = {zone.id: (zone.number, zone.name) for zone in one.plan.zones}
        for zone in one.plan.zones:
            lon, lat = spatial.to_lonlat([zone.at.east_m], [zone.at.north_m])
            places.setdefault(zone.id, shapely.Point(float(lon[0]), float(lat[0])))
        for visit in one.plan.visits:
            _planned_into(_row(rows, one, visit.zone, numbers, visit), visit, made=visit.id in one.made)
        for made in one.counted:
            _made_into(rows, one, made, numbers)
    for row in rows.values():
        half = row.pop("unsure") + float(np.sqrt(row.pop("squares")))
        row["patrol_low_min"] = max(row["patrol_min"] - half, 0.0)
        row["patrol_high_min"] = row["patrol_min"] + half
    kept = [rows[key] for key in sorted(rows, key=lambda key: (rows[key]["number"], key[0], key[1]))]
    frame = pl.DataFrame(kept, schema=SCHEMA).with_columns(pl.col(pl.Float64).round(1))
    return FeatureTable(
        id="dosage",
        title=title,
        rows=frame,
        geometry=np.array([places[zone] for zone in frame["zone"]], dtype=object),
        provenance=provenance,
        licences=tuple(dict.fromkeys(line for one in delivered for line in one.plan.licences)),
        notes=said,
        style=LayerStyle(shape="circle", colour="#00703c", letter="D"),
    )


def _row(
    rows: dict[tuple[str, str], dict[str, Any]],
    one: Delivered,
    zone: str,
    numbers: dict[str, tuple[int, str]],
    visit: Visit | dt.datetime,
) -> dict[str, Any]:
    at = visit if isinstance(visit, dt.datetime) else one.plan.request.shift.at(visit.start_min)
    hour = f"{at:%H}:00"
    blank: dict[str, Any] = dict.fromkeys(SCHEMA, 0) | {
        "id": f"{zone}-{at:%H}",
        "zone": zone,
        "number": numbers[zone][0],
        "name": numbers[zone][1],
        "hour": hour,
        "unsure": 0.0,
        "squares": 0.0,
    }
    return rows.setdefault((zone, hour), blank)


def _planned_into(row: dict[str, Any], visit: Visit, *, made: bool) -> None:
    row["planned_visits"] += 1
    row["planned_min"] += visit.minutes
    row["planned_made"] += made


def _made_into(
    rows: dict[tuple[str, str], dict[str, Any]],
    one: Delivered,
    made: VisitMade,
    numbers: dict[str, tuple[int, str]],
) -> None:
    """Give each hour its part of a visit's minutes; the visit itself counts in the hour that it began in."""
    first = _row(rows, one, made.zone, numbers, made.start)
    first["visits"] += 1
    first["too_short"] += is_short(made)
    first["too_long"] += is_long(made)
    # By the hours that pass, which are whole ones of London's clock too: on two nights of the year the clock is none.
    begin, end = made.start.astimezone(dt.UTC), made.end.astimezone(dt.UTC)
    whole = max((end - begin).total_seconds(), 1.0)
    hour = begin.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        seconds = (min(end, hour + _HOUR) - max(begin, hour)).total_seconds()
        row, share = _row(rows, one, made.zone, numbers, hour.astimezone(LONDON)), max(seconds, 0.0) / whole
        row["patrol_min"] += made.minutes * share
        row["officer_min"] += made.officer_minutes * share
        row["unsure"] += made.near_edge_min * share
        row["squares"] += ((made.error_min - made.near_edge_min) * share) ** 2
        hour += _HOUR

"""Planned against delivered: minutes and visits of each zone and hour, and how much of the plan was made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service import patrol, spatial
from geo_service.errors import QueryError
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.patrol import LONGEST_VISIT_MIN, SHORTEST_VISIT_MIN
from geo_service.workflows.plan_keeping import find_plan, plans
from geo_service.workflows.visits_made import visits_made

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.patrol import PatrolPlan, Visit, VisitMade
    from geo_service.model.periods import Month
    from geo_service.workflows.services import Services

TOLERANCE_MIN: Final = 30
MOST_TOLERANCE_MIN: Final = 180
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


class ZoneDosage(NamedTuple):
    """Sum up one zone."""

    zone: str
    number: int
    name: str
    planned_visits: int
    planned_min: float
    visits: int
    patrol_min: float
    low_min: float
    high_min: float
    officer_min: float
    planned_made: int
    too_short: int
    too_long: int
    longest_gap_min: float
    """In any one shift, between two visits, or to its begin or end."""


@dataclass(frozen=True, slots=True)
class Dosage:
    """Hold planned against delivered of some plans."""

    title: str
    plans: tuple[PatrolPlan, ...]
    zones: tuple[ZoneDosage, ...]
    table: FeatureTable
    """A row for each zone and hour of the clock."""
    tolerance_min: int
    sentences: tuple[str, ...]
    provenance: Provenance
    notes: tuple[str, ...]

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold."""
        return {
            "title": self.title,
            "plans": [plan.id for plan in self.plans],
            "sentences": self.sentences,
            "zones": [zone._asdict() for zone in self.zones],
            "hours": self.table.rows.to_dicts(),
            "tolerance_min": self.tolerance_min,
            "data_version": self.provenance.data_version,
            "parameters": dict(self.provenance.parameters),
            "seed": self.provenance.seed,
            "notes": self.notes,
            "licences": self.table.licences,
        }


class _Delivered(NamedTuple):
    """Hold what one plan came to."""

    plan: PatrolPlan
    counted: tuple[VisitMade, ...]
    made: frozenset[str]
    """Ids of the planned visits that were made."""


def dosage_of_plan(services: Services, plan_id: str = "latest", tolerance_min: int = TOLERANCE_MIN) -> Dosage:
    """Hold one plan against what was made of it; raise NotFoundError, QueryError."""
    plan = find_plan(services, plan_id)
    title = f"Planned and delivered of {plan.team_name}, {plan.request.shift.day}"
    return _dosage(services, title, [plan], tolerance_min)


def dosage_of_month(services: Services, month: Month, team: str = "", tolerance_min: int = TOLERANCE_MIN) -> Dosage:
    """Hold the plans of a month against what was made of them; raise QueryError where there are none.

    team: code or name; empty for every team that may be seen.
    """
    held = [plan for plan in plans(services, team) if month.first_day <= plan.request.shift.day <= month.last_day]
    if not held:
        raise QueryError(
            "There is no plan in that month",
            found=f"{month}{f', {team}' if team else ''}",
            do="List the plans: `geo-service plans`",
            field="month",
        )
    names = ", ".join(dict.fromkeys(plan.team_name for plan in held)) if team else f"{len(held)} plans"
    return _dosage(services, f"Planned and delivered of {names}, {month}", _in_force(held), tolerance_min)


def _in_force(held: Sequence[PatrolPlan]) -> list[PatrolPlan]:
    """Leave out plans that a later one of the same team and shift took the place of; the newest stands first."""
    seen: dict[tuple[str, dt.datetime], PatrolPlan] = {}
    for plan in held:
        seen.setdefault((plan.team_code, plan.request.shift.start), plan)
    return list(seen.values())


def _dosage(services: Services, title: str, held: Sequence[PatrolPlan], tolerance_min: int) -> Dosage:
    if not 0 <= tolerance_min <= MOST_TOLERANCE_MIN:
        raise QueryError(
            "The tolerance is out of range",
            found=f"{tolerance_min} minutes",
            do=f"Give 0 to {MOST_TOLERANCE_MIN}",
            field="tolerance",
        )
    days = [day for plan in held for day in (plan.request.shift.day, plan.request.shift.end.date())]
    visits = visits_made(services, zones={zone.id for plan in held for zone in plan.zones}, days=(min(days), max(days)))
    delivered = [_delivered(plan, visits, tolerance_min) for plan in held]
    newest = held[0].provenance
    parameters = {"plans": ", ".join(plan.id for plan in held[:20]), "tolerance": f"{tolerance_min} min"}
    provenance = Provenance(
        services.store.snapshot().version,
        newest.data_to,
        parameters,
        newest.seed,
        demonstration=newest.demonstration,
    )
    zones = _zones(delivered)
    sentences = _sentences(zones, tolerance_min)
    notes = _notes(delivered)
    table = _table(title, delivered, provenance, (*sentences, *notes))
    return Dosage(title, tuple(held), zones, table, tolerance_min, sentences, provenance, notes)


def _delivered(plan: PatrolPlan, visits: Sequence[VisitMade], tolerance_min: int) -> _Delivered:
    shift, zones = plan.request.shift, {zone.id for zone in plan.zones}
    mine = [
        made
        for made in visits
        if made.zone in zones
        and (made.plan == plan.id or (not made.plan and made.start < shift.end and made.end > shift.start))
    ]
    return _Delivered(plan, counted(mine), _made(plan, mine, tolerance_min))


def counted(visits: Iterable[VisitMade]) -> tuple[VisitMade, ...]:
    """Leave out the written visits that a device recorded too: its minutes are measured."""
    held = list(visits)
    measured = [made for made in held if made.source == "gps"]
    return tuple(
        made
        for made in held
        if made.source == "gps"
        or not any(made.zone == other.zone and made.start < other.end and made.end > other.start for other in measured)
    )


def _made(plan: PatrolPlan, visits: Sequence[VisitMade], tolerance_min: int) -> frozenset[str]:
    """Return the planned visits that were made: named by a visit, or begun within the tolerance; each visit is one."""
    named = {made.visit for made in visits if made.visit}
    free = [made for made in visits if not made.visit]
    pairs = sorted(
        (abs(plan.request.shift.minute(made.start) - planned.start_min), number, planned.id)
        for number, made in enumerate(free)
        for planned in plan.visits
        if planned.zone == made.zone and planned.id not in named
    )
    taken: set[int] = set()
    for off, number, planned_id in pairs:
        if off <= tolerance_min and number not in taken and planned_id not in named:
            taken.add(number)
            named.add(planned_id)
    return frozenset(named & {visit.id for visit in plan.visits})


def _zones(delivered: Sequence[_Delivered]) -> tuple[ZoneDosage, ...]:
    order: dict[str, tuple[int, str]] = {}
    for one in delivered:
        for zone in one.plan.zones:
            order.setdefault(zone.id, (zone.number, zone.name))
    return tuple(_zone(delivered, zone, *said) for zone, said in sorted(order.items(), key=lambda at: at[1]))


def _zone(delivered: Sequence[_Delivered], zone: str, number: int, name: str) -> ZoneDosage:
    planned = [(one, visit) for one in delivered for visit in one.plan.visits if visit.zone == zone]
    made = [visit for one in delivered for visit in one.counted if visit.zone == zone]
    minutes, low, high = summed(made)
    return ZoneDosage(
        zone,
        number,
        name,
        len(planned),
        float(sum(visit.minutes for _, visit in planned)),
        len(made),
        round(minutes, 1),
        round(low, 1),
        round(high, 1),
        round(sum(visit.officer_minutes for visit in made), 1),
        sum(visit.id in one.made for one, visit in planned),
        sum(is_short(visit) for visit in made),
        sum(is_long(visit) for visit in made),
        round(max((_longest_gap(one, zone) for one in delivered), default=0.0), 1),
    )


def summed(made: Sequence[VisitMade]) -> tuple[float, float, float]:
    """Return the patrol-minutes of visits to one zone with their interval; who is there at once counts once."""
    minutes, low, high = patrol.total(*_arrays(made))
    covered = patrol.covered_minutes(
        np.array([visit.start.timestamp() for visit in made]), np.array([visit.end.timestamp() for visit in made])
    )
    once = min(minutes, covered)
    return once, max(once - (minutes - low), 0.0), once + (high - minutes)


def _arrays(made: Sequence[VisitMade]) -> tuple[Any, Any, Any]:
    return (
        np.array([visit.minutes for visit in made]),
        np.array([visit.error_min for visit in made]),
        np.array([visit.near_edge_min for visit in made]),
    )


def is_short(visit: VisitMade) -> bool:
    """Tell whether a visit is certainly shorter than a visit does good."""
    return visit.minutes + visit.error_min < SHORTEST_VISIT_MIN


def is_long(visit: VisitMade) -> bool:
    """Tell whether a visit is certainly longer than a visit does good."""
    return visit.minutes - visit.error_min > LONGEST_VISIT_MIN


def _longest_gap(one: _Delivered, zone: str) -> float:
    shift = one.plan.request.shift
    if all(held.id != zone for held in one.plan.zones):
        return 0.0
    spans = sorted((shift.minute(made.start), shift.minute(made.end)) for made in one.counted if made.zone == zone)
    at, longest = 0.0, 0.0
    for start, end in spans:
        longest, at = max(longest, start - at), max(at, end)
    return max(longest, shift.minutes - at)


def _table(title: str, delivered: Sequence[_Delivered], provenance: Provenance, said: tuple[str, ...]) -> FeatureTable:
    """Return a row for each zone and hour of the clock in which anything was planned or delivered."""
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
    one: _Delivered,
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
    one: _Delivered,
    made: VisitMade,
    numbers: dict[str, tuple[int, str]],
) -> None:
    """Give each hour its part of a visit's minutes; the visit itself counts in the hour that it began in."""
    first = _row(rows, one, made.zone, numbers, made.start)
    first["visits"] += 1
    first["too_short"] += is_short(made)
    first["too_long"] += is_long(made)
    whole = max((made.end - made.start).total_seconds(), 1.0)
    hour = made.start.replace(minute=0, second=0, microsecond=0)
    while hour < made.end:
        seconds = (min(made.end, hour + _HOUR) - max(made.start, hour)).total_seconds()
        row, share = _row(rows, one, made.zone, numbers, hour), max(seconds, 0.0) / whole
        row["patrol_min"] += made.minutes * share
        row["officer_min"] += made.officer_minutes * share
        row["unsure"] += made.near_edge_min * share
        row["squares"] += ((made.error_min - made.near_edge_min) * share) ** 2
        hour += _HOUR


def _sentences(zones: Sequence[ZoneDosage], tolerance_min: int) -> tuple[str, ...]:
    planned, made = sum(zone.planned_visits for zone in zones), sum(zone.planned_made for zone in zones)
    visits, minutes = sum(zone.visits for zone in zones), sum(zone.patrol_min for zone in zones)
    wanted = sum(zone.planned_min for zone in zones)
    share = f" ({made / planned:.0%})" if planned else ""
    short, long = sum(zone.too_short for zone in zones), sum(zone.too_long for zone in zones)
    by = f"logged as that visit, or begun in its zone within {tolerance_min} minutes of its time"
    hours = f"{visits} visits, {minutes:,.0f} patrol-minutes of {wanted:,.0f} planned"
    officers = f"{sum(zone.officer_min for zone in zones):,.0f} officer-minutes"
    return (
        f"{made} of {planned} planned visits were made{share}: {by}.",
        f"{hours}; {officers}.",
        f"{short} visits under {SHORTEST_VISIT_MIN} minutes, {long} over {LONGEST_VISIT_MIN}.",
    )


def _notes(delivered: Sequence[_Delivered]) -> tuple[str, ...]:
    said = ["Patrol-minutes count somebody's presence once, officer-minutes each officer's."]
    if any(made.source == "gps" for one in delivered for made in one.counted):
        said.append(
            "Minutes from positions lie in the interval with about 90 %. Where a visit was written down and recorded "
            "by a device, the device's minutes count."
        )
    else:
        said.append("All minutes are as they were written down or tapped, so their interval has no width.")
    return (*said, "What is shorter or longer is told only where the interval leaves no doubt.")

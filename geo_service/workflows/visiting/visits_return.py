"""The month's return: patrols, hours, incidents in zones and enforcement, by team and zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import shapely

from geo_service import spatial
from geo_service.errors import GeoServiceError
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.model.layers import FeatureTable, LayerStyle, Provenance
from geo_service.model.patrol import OUTCOMES
from geo_service.model.periods import Period
from geo_service.workflows.finding import runs
from geo_service.workflows.planning.plan_keeping import plans
from geo_service.workflows.planning.plan_words import number_of
from geo_service.workflows.visiting.dosage import counted, matched, summed
from geo_service.workflows.visiting.visits_made import visits_made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import PatrolPlan, VisitMade
    from geo_service.model.periods import Month
    from geo_service.workflows.services import Services

NOT_LOADED: Final = "not loaded yet"
_OUTCOME_COLUMNS: Final = {outcome: outcome.replace(" ", "_") for outcome in OUTCOMES}
SCHEMA: Final = {
    "id": pl.String,
    "team": pl.String,
    "zone": pl.String,
    "name": pl.String,
    "visits": pl.Int64,
    "loops": pl.Int64,
    "patrol_hours": pl.Float64,
    "patrol_hours_low": pl.Float64,
    "patrol_hours_high": pl.Float64,
    "officer_hours": pl.Float64,
    "incidents": pl.Int64,
    **dict.fromkeys(_OUTCOME_COLUMNS.values(), pl.Int64),
    "outcome_not_given": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Return:
    """Hold the return of a month."""

    month: Month
    table: FeatureTable
    """A row for each team and zone, and one for each team with an empty zone."""
    incidents_loaded: bool
    sentences: tuple[str, ...]

    @property
    def facts(self) -> dict[str, object]:
        """Return what JSON can hold."""
        told = self.table.provenance
        return {
            "month": str(self.month),
            "sentences": self.sentences,
            "rows": self.table.rows.to_dicts(),
            "incidents": "loaded" if self.incidents_loaded else NOT_LOADED,
            "data_version": told.data_version,
            "parameters": dict(told.parameters),
            "notes": self.table.notes,
            "licences": self.table.licences,
        }


def month_return(services: Services, month: Month, team: str = "") -> Return:
    """Count what was done in a month in the zones that may be seen.

    team: code or name; empty for all. Incidents are those recorded in a zone's cells in that month, of every offence,
    where the month is loaded; None otherwise.
    """
    held = plans(services, team)
    codes = {plan.team_code for plan in held} | {team.strip()}
    visits = [
        made for made in counted(visits_made(services, period=Period(month, month))) if not team or made.team in codes
    ]
    zones = _zones(services, {made.zone for made in visits})
    snapshot = services.store.snapshot()
    loaded = month in snapshot.months()
    incidents = _incidents(services, month, zones) if loaded else {}
    loops = _loops(visits, {plan.id: plan for plan in held})
    rows = []
    for code in sorted({made.team for made in visits}):
        of_team = [made for made in visits if made.team == code]
        listed = sorted({made.zone for made in of_team})
        own = [_row(code, zone, [made for made in of_team if made.zone == zone], loops, zones) for zone in listed]
        for row in own:
            row["incidents"] = incidents.get(row["zone"])
        rows += [_whole(code, of_team, own, loops), *own]
    provenance = Provenance(
        snapshot.version,
        str(snapshot.months()[-1]) if snapshot.months() else "",
        {"month": str(month), "team": team or "every team"},
        demonstration=services.demonstration,
    )
    sentences = _sentences(month, visits, loops, loaded=loaded)
    table = FeatureTable(
        id="visits-return",
        title=f"Return of patrol visits, {month}",
        rows=pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.col(pl.Float64).round(2)),
        geometry=np.array([_shape(zones.get(row["zone"])) for row in rows] + [None], dtype=object)[:-1],
        provenance=provenance,
        licences=tuple(dict.fromkeys(line for _, run in zones.values() for line in run.licences)),
        notes=(*sentences, *_NOTES),
        style=LayerStyle(shape="area", colour="#00703c"),
    )
    return Return(month, table, loaded, sentences)


_NOTES: Final = (
    "For the force alone: incidents are whole counts of small places.",
    "A row without a zone is its team; patrol-hours count somebody's presence once, officer-hours each officer's.",
    "Loops are those of the plans in which at least one planned visit was made.",
)


def _zones(services: Services, wanted: set[str]) -> dict[str, tuple[PatrolZone, ZoneRun]]:
    """Find zones in the newest runs that have them."""
    found: dict[str, tuple[PatrolZone, ZoneRun]] = {}
    for run in runs.kept(services.store):
        if wanted <= set(found):
            break
        for zone in run.zones:
            if zone.id in wanted:
                found.setdefault(zone.id, (zone, run))
    return found


def _incidents(services: Services, month: Month, zones: Mapping[str, tuple[PatrolZone, ZoneRun]]) -> dict[str, int]:
    """Count the incidents of the month in the cells of each zone."""
    found = {}
    for zone_id, (zone, run) in zones.items():
        resolution = run.query.resolution
        try:
            rows = services.store.snapshot().incidents(
                [CELL_COLUMNS[resolution]], period=Period(month, month), cells=zone.cells, resolution=resolution
            )
        except GeoServiceError:
            continue
        found[zone_id] = rows.height
    return found


def _loops(visits: Sequence[VisitMade], held: Mapping[str, PatrolPlan]) -> dict[tuple[str, str, int], set[str]]:
    """Return (team, plan, position of the loop) -> zones that were visited in it as planned."""
    found: dict[tuple[str, str, int], set[str]] = {}
    for plan_id in {made.plan for made in visits} & set(held):
        plan = held[plan_id]
        done = matched(plan, [made for made in visits if made.plan == plan_id])
        for number, loop in enumerate(plan.loops):
            zones = {visit.zone for visit in loop.visits if visit.id in done}
            if zones:
                found[plan.team_code, plan_id, number] = zones
    return found


def _row(
    team: str,
    zone: str,
    made: Sequence[VisitMade],
    loops: Mapping[tuple[str, str, int], set[str]],
    zones: Mapping[str, tuple[PatrolZone, ZoneRun]],
) -> dict[str, Any]:
    minutes, low, high = summed(made)
    return {
        "id": f"{team}/{zone}",
        "team": team,
        "zone": zone,
        "name": zones[zone][0].name if zone in zones else "",
        "visits": len(made),
        "loops": sum(key[0] == team and zone in visited for key, visited in loops.items()),
        "patrol_hours": minutes / 60,
        "patrol_hours_low": low / 60,
        "patrol_hours_high": high / 60,
        "officer_hours": sum(visit.officer_minutes for visit in made) / 60,
        "incidents": None,
        **{column: sum(visit.outcome == said for visit in made) for said, column in _OUTCOME_COLUMNS.items()},
        "outcome_not_given": sum(not visit.outcome for visit in made),
    }


def _whole(
    team: str,
    made: Sequence[VisitMade],
    own: Sequence[Mapping[str, Any]],
    loops: Mapping[tuple[str, str, int], set[str]],
) -> dict[str, Any]:
    """Sum up a team."""
    added = {name: sum(row[name] for row in own) for name in SCHEMA if name not in _NOT_ADDED}
    half = float(np.sqrt(sum((row["patrol_hours_high"] - row["patrol_hours"]) ** 2 for row in own)))
    known = [row["incidents"] for row in own]
    return {
        "id": team or "no team",
        "team": team,
        "zone": "",
        "name": "",
        **added,
        "visits": len(made),
        "loops": sum(key[0] == team for key in loops),
        "patrol_hours_low": max(added["patrol_hours"] - half, 0.0),
        "patrol_hours_high": added["patrol_hours"] + half,
        "incidents": None if None in known else sum(known),
    }


_NOT_ADDED: Final = ("id", "team", "zone", "name", "incidents", "patrol_hours_low", "patrol_hours_high")


def _shape(held: tuple[PatrolZone, ZoneRun] | None) -> shapely.Geometry | None:
    if held is None:
        return None
    whole: shapely.Geometry = shapely.union_all(spatial.cell_polygons(held[0].cells))
    return whole


def _sentences(
    month: Month, visits: Sequence[VisitMade], loops: Mapping[tuple[str, str, int], set[str]], *, loaded: bool
) -> tuple[str, ...]:
    hours = sum(made.officer_minutes for made in visits) / 60
    arrests = sum(made.outcome == "arrest" for made in visits)
    searches = sum(made.outcome == "stop and search" for made in visits)
    done = f"{number_of(len(visits), 'visit')} in {number_of(len(loops), 'planned loop')}, {hours:,.1f} officer-hours"
    told = "Incidents are those recorded in the zones in that month."
    return (
        f"{month}: {done}; visits with an arrest: {arrests}, with a stop and search: {searches}.",
        told if loaded else f"Incidents of {month}: {NOT_LOADED}.",
    )

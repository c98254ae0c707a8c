"""Which patrol zones a plan is about: those of the team in a run, or its best places where none qualifies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service import hotspots, overlay, spatial
from geo_service.errors import GeoServiceError, NotFoundError, QueryError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import runs, zone_identity
from geo_service.workflows.finding.zones import find_zones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.boundaries import Area
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import PlanRequest
    from geo_service.workflows.services import Services

MOST_BELOW: Final = 3
"""Places that stand in where no zone qualifies."""
_LEAST_HA: Final = 0.1
"""Least size of such a place: one cell."""
_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class TeamZones:
    """Hold what a plan is made for."""

    area: Area
    run: ZoneRun
    zones: tuple[PatrolZone, ...]
    """Highest expected harm first."""
    notes: tuple[str, ...]
    further: tuple[PatrolZone, ...] = ()
    """The next ones, for where some of `zones` cannot be reached."""

    @property
    def members(self) -> tuple[str, ...]:
        """Return the codes of the team's members."""
        return codes_of(self.area)


def zones_of_team(services: Services, request: PlanRequest) -> TeamZones:
    """Find the zones that a plan is asked for; raise NotFoundError for an unknown team or run, QueryError."""
    area = _area(services, request)
    run, notes = _run_of(services, area, request.run)
    ranked = _ranked(_lying_in(run, area))
    if ranked:
        zones, further = ranked[: request.most_zones], ranked[request.most_zones :]
        return TeamZones(area, run, zones, (*notes, *area.notes), further)
    if run.below_bar:
        raise QueryError("That run has no place of the team", found=run.id, do="Leave --run out", field="run")
    instead = _best_places(services, area, run)
    zones = instead.zones[: min(MOST_BELOW, request.most_zones)]
    if not zones:
        raise QueryError(
            "Nothing was recorded in the area of the team, so there is no place to send anybody to",
            found=f"{area.name}, {instead.query.offence_set}, {instead.query.period}",
            do="Find zones with another offence set or period first, and give that run with --run",
            field="team",
        )
    stands_in = "best place stands" if len(zones) == 1 else f"{len(zones)} best places stand"
    below = (
        f"Below the bar: no place of {area.name} qualifies as a patrol zone by the rules of run {run.id}. Its "
        f"{stands_in} in, whatever the size and the number of incidents."
    )
    return TeamZones(area, instead, zones, (below, *notes, *area.notes))


def _area(services: Services, request: PlanRequest) -> Area:
    try:
        return services.store.snapshot().area(request.team, boundary_set=request.boundary_set, on=request.shift.day)
    except GeoServiceError as problem:
        problem.field = "team" if problem.field == "boundary" else problem.field
        raise


def codes_of(area: Area) -> tuple[str, ...]:
    """Return the codes of the members of an area."""
    return tuple(area.boundary_set.codes[at] for at in area.members)


def measure_of(zone: PatrolZone) -> float:
    """Return the harm of a zone, or its incidents where no harm is weighed."""
    return float(zone.events if zone.harm is None else zone.harm)


def _run_of(services: Services, area: Area, wanted: str) -> tuple[ZoneRun, tuple[str, ...]]:
    """Return the run that is asked for, else the newest with zones of the team, one of all its area before others.

    Where none is, zones are found there first, by the question that was asked last or the usual one; that is said.
    """
    if wanted != runs.NEWEST:
        run = runs.find(services.store, wanted)
        if run.query.boundary_set != area.boundary_set.id:
            raise QueryError(
                "The run is of another boundary set than the team",
                found=f"{run.query.boundary_set}, and {area.name} is of {area.boundary_set.id}",
                do="Name the set with --set, or find zones in the other one first",
                field="run",
            )
        return run, ()
    kept = list(runs.kept(services.store))
    alike = [run for run in kept if run.query.boundary_set == area.boundary_set.id]
    with_zones = [run for run in alike if _lying_in(run, area)]
    # A run of one ward of the team says nothing of its other wards.
    best = (
        next((run for run in with_zones if _covers(services, run, area)), None)
        or next(iter(with_zones), None)
        or next((run for run in alike if _covers(services, run, area)), None)
    )
    if best is not None:
        return best, ()
    _, made = find_zones(services, _question(services, area, kept[0] if kept else None))
    said = f"{made.query.offence_set}, {made.query.period}"
    return made, (f"No zones had been asked for there, so they were found for this plan: run {made.id}, {said}.",)


def _covers(services: Services, run: ZoneRun, area: Area) -> bool:
    """Tell whether the area of a run holds all of the team's."""
    query = run.query
    try:
        whole = services.store.snapshot().area(
            query.boundary, boundary_set=query.boundary_set, on=query.period.last.last_day
        )
    except GeoServiceError:
        return False
    return set(codes_of(area)) <= set(codes_of(whole))


def _question(services: Services, area: Area, like: ZoneRun | None) -> HotspotQuery:
    """Return the question of a run, or the usual one about the last year, asked of an area in the newest data."""
    if like is None:
        return HotspotQuery(area.code, _last_year(services), area.boundary_set.id)
    return replace(like.query, boundary=area.code, boundary_set=area.boundary_set.id, as_of=None)


def _lying_in(run: ZoneRun, area: Area) -> list[PatrolZone]:
    members = set(codes_of(area))
    return [zone for zone in run.zones if zone.member_code in members]


def _ranked(zones: Sequence[PatrolZone]) -> tuple[PatrolZone, ...]:
    return tuple(sorted(zones, key=lambda zone: (-measure_of(zone), zone.number)))


def _best_places(services: Services, area: Area, like: ZoneRun) -> ZoneRun:
    """Find the best places of an area, size and incidents being no condition, by the question of a run."""
    query = _question(services, area, like)
    rules = hotspots.ZoneRules(min_ha=_LEAST_HA, min_events_12_months=1)
    area_ha = float(np.sum(spatial.area_m2(np.array([overlay.area_geometry(area)], dtype=object)))) / 1e4
    # At least what that many of the largest zones take, or the budget of a small area would end with the first.
    share = min(1.0, max(query.area_share, round(MOST_BELOW * rules.max_ha / area_ha, 6)))
    _, run = find_zones(
        services, replace(query, area_share=share), rules, compare_with=zone_identity.NONE, below_bar=True
    )
    return run


def _last_year(services: Services) -> Period:
    months = services.store.snapshot().months()
    if not months:
        raise NotFoundError(
            "No incidents are loaded, so no zones can be found",
            do="Import some first: `geo-service import incidents PATH`",
            field="run",
        )
    return Period(max(months[0], months[-1] - (_YEAR - 1)), months[-1])

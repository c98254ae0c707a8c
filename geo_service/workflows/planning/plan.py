"""Flow C, first half: from the zones of a team to who goes where and when in one shift."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geo_service import patrol
from geo_service.errors import QueryError
from geo_service.model.layers import Provenance
from geo_service.model.patrol import SPEED_KMH, PatrolPlan
from geo_service.workflows import words
from geo_service.workflows.planning.plan_ground import station_of, streets_between, travel_between
from geo_service.workflows.planning.plan_keeping import (
    Made,
    edit_plan,
    find_plan,
    keep,
    known_plan,
    plan_before,
    plans,
)
from geo_service.workflows.planning.plan_reach import within_reach
from geo_service.workflows.planning.plan_windows import CHOSEN, bound_zones, plan_zones
from geo_service.workflows.planning.plan_words import BY
from geo_service.workflows.planning.plan_zones import zones_of_team
from geo_service.workflows.planning.plans_json import request_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geo_service.model.patrol import PlanRequest, PlanZone, Shift, Travel
    from geo_service.patrol import Solved
    from geo_service.workflows.planning.plan_ground import Station, Streets
    from geo_service.workflows.planning.plan_zones import TeamZones
    from geo_service.workflows.services import Services

__all__ = ["Made", "edit_plan", "find_plan", "make_plan", "plan_shift", "plans"]

_MOST_SEEDS: Final = 1_000
_INTO: Final = re.compile(r"(\d+):(\d{2}) into the shift")


def make_plan(services: Services, request: PlanRequest) -> PatrolPlan:
    """Plan a shift and keep the plan; the same request on the same data is the same plan, with its edits.

    Raises NotFoundError for an unknown team, run or station, QueryError for what cannot be planned, naming the rule
    to relax.
    """
    return plan_shift(services, request).plan


def plan_shift(services: Services, request: PlanRequest, *, again: bool = False) -> Made:
    """Plan a shift as `make_plan` does, and say whether the plan is new.

    again: where the plan was made before, make another with the next seed that none was made with.
    """
    found = zones_of_team(services, request)
    request = replace(request, run=found.run.id, boundary_set=found.area.boundary_set.id)
    version = services.store.snapshot().version
    for seed in range(request.seed, request.seed + _MOST_SEEDS):
        request = replace(request, seed=seed)
        plan_id = _plan_id(services, request, found, version)
        known = known_plan(services, plan_id)
        if known is None:
            return _solved(services, request, found, plan_id, version)
        if not again:
            return Made(known, new=False)
    raise QueryError(
        "The shift was planned with every seed that was tried",
        found=f"{_MOST_SEEDS} seeds from {seed - _MOST_SEEDS + 1}",
        do="Give another seed",
        field="seed",
    )


def _plan_id(services: Services, request: PlanRequest, found: TeamZones, version: int) -> str:
    """Return eight hexadecimal digits of all that a plan follows from."""
    areas = services.principal.areas
    parts = [found.area.code, found.members, version, request_facts(request), areas and sorted(areas)]
    # By what the team is, not by which of its names was typed.
    parts[3] = {**request_facts(request), "team": found.area.code}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]


def _solved(services: Services, request: PlanRequest, found: TeamZones, plan_id: str, version: int) -> Made:
    found, out_of_reach = within_reach(services, request, found, version)
    request = replace(request, commitments=bound_zones(request.commitments, found.zones))
    zones, hours = plan_zones(services, request, found)
    station = station_of(services, request, found.area, found.members, zones)
    streets = streets_between(services, [station.at, *(zone.at for zone in zones)], request.rules, version)
    travel = travel_between(station.at, zones, streets, request.rules)
    solved = _solve(request, found.area.code, zones, travel)
    plan = PatrolPlan(
        id=plan_id,
        request=request,
        team_code=found.area.code,
        team_name=found.area.name,
        boundary_set=found.area.boundary_set.id,
        members=found.members,
        run=found.run.id,
        zones=zones,
        station=station.at,
        station_name=station.name,
        loops=solved.loops,
        travel_by=travel.by,
        harm_minutes=solved.harm_minutes,
        unkept=tuple(_by_the_clock(line, request.shift) for line in solved.unkept),
        provenance=Provenance(
            data_version=version,
            data_to=found.run.provenance.data_to,
            parameters=_parameters(request, found, station, travel),
            seed=request.seed,
            demonstration=services.demonstration,
        ),
        licences=tuple(dict.fromkeys((*found.run.licences, *station.licences, *streets.licences))),
        notes=tuple(dict.fromkeys((*out_of_reach, *_notes(request, found, zones, station, streets, travel, hours)))),
        before=plan_before(services, found.area.code, found.area.boundary_set.id, request.shift.start, plan_id),
    )
    return keep(services, plan, travel)


def _drawn(request: PlanRequest, team: str) -> int:
    """Return what chance begins with: the same seed is another on another day, or every Friday would be alike."""
    said = f"{request.seed} {team} {request.shift.start.isoformat()}"
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8])


def _solve(request: PlanRequest, team: str, zones: Sequence[PlanZone], travel: Travel) -> Solved:
    try:
        return patrol.solve(
            zones,
            request.crews,
            request.shift.minutes,
            request.rules,
            travel,
            commitments=request.commitments,
            seed=_drawn(request, team),
        )
    except QueryError as problem:
        told = [_by_the_clock(str(text), request.shift) for text in (problem.what, problem.found, problem.do)]
        found = None if problem.found is None else told[1]
        raise QueryError(told[0], found=found, do=told[2], field=problem.field) from None


def _by_the_clock(text: str, shift: Shift) -> str:
    """Write times of a shift as those of the clock: who solves it knows minutes alone."""
    return _INTO.sub(lambda found: shift.clock(int(found[1]) * 60 + int(found[2])), text)


def _parameters(request: PlanRequest, found: TeamZones, station: Station, travel: Travel) -> Mapping[str, str]:
    rules = request.rules
    speed = rules.speed_kmh or SPEED_KMH[rules.mode]
    said = {
        "team": f"{found.area.name} ({found.area.code})",
        "boundary set": found.area.boundary_set.id,
        "shift": request.shift.words,
        "officers": f"{request.officers}, {'in pairs' if rules.crew > 1 else 'singly'}",
        "going": f"{BY[rules.mode]} at {speed:g} km/h",
        "travel": travel.by,
        "visit": f"{rules.visit_min} min",
        "loop": f"at most {rules.loop_min} min",
        "every": f"{rules.every_min} min",
        "gap": f"{rules.gap_min} min",
        "pause": f"{rules.pause_min} min",
        "zones": f"at most {request.most_zones} of run {found.run.id}",
        "parade station": station.name,
    }
    if rules.cap is not None:
        said["cap"] = f"{rules.cap} visits of a zone"
    numbers = {zone.id: zone.number for zone in found.zones}
    lists: dict[str, Sequence[str]] = {
        "caps": [f"zone {zone} at most {most}" for zone, most in request.caps],
        "windows": [f"{f'zone {zone}' if zone else 'every zone'} {text}" for zone, text in request.windows],
        "commitments": [
            f"{request.shift.clock(one.start_min)} to {request.shift.clock(one.end_min)} {one.what}, "
            f"{'every crew' if one.crew is None else f'crew {one.crew}'}"
            f"{'' if one.zone is None else f', a visit of zone {numbers[one.zone]}'}"
            for one in request.commitments
        ],
    }
    return said | {name: "; ".join(each) for name, each in lists.items() if each}


def _notes(  # noqa: PLR0913, PLR0917 - each has something to say
    request: PlanRequest,
    found: TeamZones,
    zones: Sequence[PlanZone],
    station: Station,
    streets: Streets,
    travel: Travel,
    hours: str,
) -> list[str]:
    said = [*found.notes]
    if any(zone.whence == "sergeant" for zone in zones):
        said.append(f"{CHOSEN}.")
    if any(zone.whence == "shift" for zone in zones):
        said.append("No times were chosen where the data has none: there a window is the whole shift.")
    said += [hours, *station.notes, *travel.notes]
    if streets.graph is None and not travel.notes:
        said.append("No streets are loaded there, so travel is the straight line times 1.3.")
    spare = request.officers - request.crews * request.rules.crew
    if spare:
        said.append(f"{spare} of the {request.officers} officers makes no pair and is not planned for.")
    said += [
        f"What is expected of a zone in an hour is {found.run.harm_label or 'incidents'}, by {found.run.query.period}.",
        "Visits are recorded.",
    ]
    if services_notes := [note for note in found.run.notes if note in _KEPT_NOTES]:
        said += services_notes
    return said


_KEPT_NOTES: Final = frozenset({words.DEMONSTRATION, *words.POLICE_UK_NOTES})
"""Notes of the run that a plan must say too."""

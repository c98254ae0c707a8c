"""Every team of a force, and its plan: found, or made for all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.errors import GeoServiceError, NotFoundError, QueryError
from geo_service.workflows.planning.plan import make_plan, plans

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from geo_service.model.boundaries import BoundaryDescriptor, BoundarySet
    from geo_service.model.patrol import PatrolPlan, PlanRequest
    from geo_service.model.ports import Progress
    from geo_service.workflows.markings import Export
    from geo_service.workflows.services import Services


@dataclass(frozen=True, slots=True)
class Team:
    """Name one team of a list."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamSheets:
    """Hold what became of one team."""

    team: Team
    plan: PatrolPlan | None = None
    name: str = ""
    """Of the file."""
    export: Export | None = None
    """None where the file was there already, or there is a problem."""
    sheets: int = 0
    problem: str = ""
    """Why there is no sheet, in words."""


def teams_of(services: Services, boundary_set: str | None = None) -> tuple[str, tuple[Team, ...]]:
    """List the teams of a force: the areas of a list of policing areas, or the members of a boundary set.

    boundary_set: id of the list or set; None takes the one list whose members are imported. Returns its id with them.
    Raises NotFoundError for an unknown one, QueryError where several could be meant.
    """
    described, held = services.registry.boundaries(), services.store.snapshot().boundary_sets()
    if boundary_set is not None and boundary_set in held:
        members = held[boundary_set]
        return boundary_set, tuple(map(Team, members.codes, members.names))
    lists = {name: one for name, one in described.items() if _teams_in(one, held)}
    if boundary_set is not None:
        if boundary_set not in lists:
            raise NotFoundError(
                "No such list of teams",
                found=boundary_set,
                do=f"Its members must be imported; there is {', '.join([*lists, *held]) or 'none'}",
                field="boundary_set",
            )
        return boundary_set, _teams_in(lists[boundary_set], held)
    if len(lists) != 1:
        raise QueryError(
            "It is not clear whose teams are meant",
            found=f"{len(lists)} lists of teams",
            do=f"Name one with --set: {', '.join([*lists, *held]) or 'import boundaries first'}",
            field="boundary_set",
        )
    return next((name, _teams_in(one, held)) for name, one in lists.items())


def _teams_in(described: BoundaryDescriptor, held: Mapping[str, BoundarySet]) -> tuple[Team, ...]:
    """Return the areas of a list that have members in an imported set."""
    members = next((held[name] for name in described.members_of if name in held), None)
    if members is None:
        return ()
    codes, parents = set(members.codes), set(members.parent_codes)
    return tuple(
        Team(area.code, area.name)
        for area in described.areas
        if codes.intersection(area.members) or parents.intersection(area.parents)
    )


def newest_plans(services: Services, teams: Sequence[Team], day: dt.date) -> list[TeamSheets]:
    """Find the newest plan of each team for the shifts that begin on a day; say where there is none."""
    found: dict[str, PatrolPlan] = {}
    for plan in plans(services):
        if plan.request.shift.day == day:
            found.setdefault(plan.team_code, plan)
    none = f"No plan begins on {day}"
    return [TeamSheets(team, found.get(team.code), problem="" if team.code in found else none) for team in teams]


def plan_teams(
    services: Services, teams: Sequence[Team], request: PlanRequest, progress: Progress | None = None
) -> Iterator[TeamSheets]:
    """Plan the same shift for each team; a team that cannot be planned is said and costs no other.

    request: of any team; its own name is put in.
    """
    for done, team in enumerate(teams):
        if progress is not None:
            progress(done, len(teams), f"planning {team.name}")
        try:
            yield TeamSheets(team, make_plan(services, replace(request, team=team.code)))
        except GeoServiceError as problem:
            yield TeamSheets(team, problem=problem.message)

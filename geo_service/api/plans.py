"""Patrol plans in the API: made, read, and edited on the version that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.answers import base, json
from geo_service.api.asking import (
    FEATURES,
    MOST_ITEMS,
    FormatOption,
    LimitOption,
    OffsetOption,
    page_of,
    services_of,
)
from geo_service.api.etags import version_of
from geo_service.errors import UnconditionalError
from geo_service.model.access import COMBINATION, DISCLOSURE, PLANNERS, Audience
from geo_service.patrol import Change
from geo_service.workflows.paper.plan_list import visit_table
from geo_service.workflows.planning import plan
from geo_service.workflows.planning.plan_asked import TypedPlan
from geo_service.workflows.planning.plan_words import facts_of, headline
from geo_service.workflows.policy import RECORDED_BY_THE_WORKFLOW, declare

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Office

_MADE: Final[dict[int | str, dict[str, Any]]] = {201: {"description": "The plan was made; 200 where it was there"}}
_LONGEST: Final = 200
Words = Annotated[str, Field(max_length=_LONGEST)]
Lines = Annotated[list[Words], Field(max_length=40)]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="ETag of the plan as it was read.")]
TeamOption = Annotated[str, Query(description="Code or name of a team; all if left out.")]


class PlanBody(BaseModel):
    """Ask for a plan."""

    model_config = ConfigDict(extra="forbid", strict=True)

    team: Words = Field(description="Code or name of a team, a policing area, a district or a ward.")
    date: Words = Field(default="", description="YYYY-MM-DD on which the shift begins; today if left out.")
    shift: Words = Field(description="15:00-23:00")
    officers: int
    seed: int = 1
    crew: int = Field(default=2, description="Officers who go together: 1 or 2.")
    mode: Words = Field(default="foot", description="foot, cycle or car.")
    speed: float | None = Field(default=None, description="km/h; usual for the mode if left out.")
    visit: int = Field(default=15, description="Minutes of a visit, 10 to 16.")
    loop: int = Field(default=60, description="Most minutes away from the station.")
    every: int = Field(default=120, description="Most minutes between two visits of a zone in its window.")
    gap: int = Field(default=45, description="Least minutes between two visits of a zone.")
    pause: int = Field(default=15, description="Least minutes at the station between two loops of a crew.")
    zones: int = Field(default=4, description="Most zones.")
    windows: Lines = Field(default=[], description="18:00-20:00 for every zone, 1=18:00-20:00 for one.")
    commitments: Lines = Field(
        default=[], description="18:00-18:30 market; @2 behind for crew 2, 1= before for zone 1."
    )
    caps: Lines = Field(default=[], description="2 for every zone, 1=2 for zone 1.")
    station: Words = Field(default="", description="Of the layer parade-stations; the team's own if left out.")
    run: Words = Field(default="latest", description="Run of zones.")
    boundary_set: Words = Field(default="", description="Boundary set to look in.")

    def typed(self) -> TypedPlan:
        """Return it as a person types it."""
        said = self.model_dump()
        return TypedPlan(**said | {name: tuple(said[name]) for name in ("windows", "commitments", "caps")})


class ChangeBody(BaseModel):
    """Change a plan by hand."""

    model_config = ConfigDict(extra="forbid", strict=True)

    change: Words = Field(description="drop, swap, move, lock or unlock.")
    visit: Words = Field(description="Id of the visit.")
    other: Words = Field(default="", description="swap: id of the visit that it changes places with.")
    start: Words = Field(default="", description="move: HH:MM at which it is to begin.")
    crew: int | None = Field(default=None, description="move: crew that is to make it, from 1.")
    loop: bool = Field(default=False, description="lock, unlock: every visit of its loop.")


def add_plans(app: FastAPI, office: Office) -> None:
    """Add the routes."""
    _add_reading(app, office)

    @app.post("/plans", summary="Plan a shift", responses=_MADE)
    @declare(Audience.FORCE, roles=PLANNERS, act=COMBINATION)
    def make(request: Request, body: PlanBody) -> Response:
        services = services_of(office, request)
        made = plan.plan_shift(services, body.typed().read(services.today()))
        answer = _one(made.plan, 201 if made.new else 200)
        answer.headers["Location"] = f"{base(request)}/plans/{made.plan.id}"
        return answer

    @app.patch("/plans/{planId}", summary="Change a plan by hand")
    @declare(Audience.FORCE, roles=PLANNERS, act=RECORDED_BY_THE_WORKFLOW)
    def change(
        request: Request,
        planId: str,  # noqa: N803 - as the other paths are written
        body: ChangeBody,
        if_match: IfMatch = None,
    ) -> Response:
        version = version_of(if_match)
        if version is None:
            raise UnconditionalError(
                "An edit must say on which version it was made",
                do="Send the ETag of the plan as If-Match",
                field="If-Match",
            )
        wanted = Change.from_json(body.model_dump())
        return _one(plan.edit_plan(services_of(office, request), planId, wanted, version=version))


def _add_reading(app: FastAPI, office: Office) -> None:
    @app.get("/plans", summary="Patrol plans")
    @declare(Audience.FORCE)
    def listed(request: Request, team: TeamOption = "") -> Response:
        here = f"{base(request)}/plans"
        found = plan.plans(services_of(office, request), team)
        return json({"plans": [_short(one) | {"href": f"{here}/{one.id}"} for one in found]})

    @app.get("/plans/{planId}", summary="One plan")
    @declare(Audience.FORCE)
    def one(request: Request, planId: str) -> Response:  # noqa: N803 - as the other paths are written
        return _one(plan.find_plan(services_of(office, request), planId))

    @app.get("/plans/{planId}/visits", summary="The visits of a plan", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def visits(
        request: Request,
        planId: str,  # noqa: N803 - as the other paths are written
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        table = visit_table(services, plan.find_plan(services, planId))
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned={})


def _one(found: PatrolPlan, status: int = 200) -> Response:
    answer = json(facts_of(found))
    answer.status_code = status
    answer.headers["ETag"] = f'"{found.version}"'
    return answer


def _short(found: PatrolPlan) -> dict[str, Any]:
    return {
        "id": found.id,
        "version": found.version,
        "team": found.team_code,
        "team_name": found.team_name,
        "shift": found.request.shift.words,
        "start": found.request.shift.start.isoformat(),
        "headline": headline(found),
        "edits": found.edits,
    }

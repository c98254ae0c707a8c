"""Visits that were made, and planned against delivered, over the API."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.answers import json
from geo_service.api.asking import (
    FEATURES,
    MOST_ITEMS,
    FormatOption,
    LimitOption,
    OffsetOption,
    page_of,
    services_of,
)
from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE, PLANNERS, READERS, Audience
from geo_service.workflows.policy import RECORDED_BY_THE_WORKFLOW, declare
from geo_service.workflows.visiting.dosage import TOLERANCE_MIN
from geo_service.workflows.visiting.visits_import import read_time
from geo_service.workflows.visiting.visits_made import Wanted, log_visit
from geo_service.workflows.visiting.visits_table import days_of, dosage_asked, facts_of, visits_table

if TYPE_CHECKING:
    from geo_service.workflows.services import Office

_LOGGED: Final[dict[int | str, dict[str, Any]]] = {201: {"description": "Logged; 200 where it was there already"}}
Words = Annotated[str, Field(max_length=200)]
PlanQuery = Annotated[str, Query(description="Id of a plan, or latest.")]


class VisitBody(BaseModel):
    """Say which visit was made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    zone: Words = Field(description="Id of the zone, or with a plan its number.")
    start: Words = Field(description="2026-10-23T18:05, by London's clock unless it says another.")
    end: Words
    officers: int = 2
    outcome: Words = Field(default="", description="One of the sheet's boxes, such as `spoke to people`.")
    plan: Words = ""
    visit: Words = Field(default="", description="Id of the planned visit that it is.")
    team: Words = ""
    crew: Words = Field(default="", description="Tells two crews apart that were there at once; not kept.")


def add_visits(app: FastAPI, office: Office) -> None:
    """Add the routes; they are for the force alone."""

    @app.post("/visits", summary="Log a visit", responses=_LOGGED)
    @declare(Audience.FORCE, roles=READERS, act=RECORDED_BY_THE_WORKFLOW)
    def log(request: Request, body: VisitBody) -> Response:
        said = body.model_dump()
        times = {name: read_time(said[name], name) for name in ("start", "end")}
        made, new = log_visit(services_of(office, request), Wanted(**said | times))
        answer = json({"new": new, "visit": facts_of(made)})
        answer.status_code = 201 if new else 200
        return answer

    @app.get("/visits", summary="Visits that were made", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def made(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        plan: PlanQuery = "",
        first: Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD.")] = "",
        last: Annotated[str, Query(alias="to", description="Last day, included.")] = "",
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        _, table = visits_table(services, plan=plan, days=days_of(_day(first, "from"), _day(last, "to")))
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned={})

    @app.get("/dosage", summary="Planned against delivered, by zone and hour", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def dosage(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        plan: PlanQuery = "",
        month: Annotated[str, Query(description="All plans of a month, YYYY-MM, in place of one.")] = "",
        team: Annotated[str, Query(description="With a month: code or name of a team.")] = "",
        tolerance: Annotated[int, Query(description="Minutes that a visit may be off its time.")] = TOLERANCE_MIN,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        found = dosage_asked(services, plan, month, team, tolerance)
        return page_of(services, request, found.table, limit=limit, offset=offset, form=form, pinned={})


def _day(text: str, field: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise QueryError("Not a day", found=text, do="Write it as YYYY-MM-DD", field=field) from None

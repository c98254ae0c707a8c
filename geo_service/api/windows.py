"""When in the week most happens, over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from geo_service.api.asking import (
    FEATURES,
    MOST_ITEMS,
    FormatOption,
    LimitOption,
    OffsetOption,
    asks,
    page_of,
    services_of,
)
from geo_service.model.access import DISCLOSURE, PLANNERS, Audience
from geo_service.model.asked import Asked  # noqa: TC001 - read when the route is made
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.windows import PATROL_MIN, WindowsQuery, check_months
from geo_service.workflows.finding import windows
from geo_service.workflows.finding.window_tables import window_table
from geo_service.workflows.policy import declare

if TYPE_CHECKING:
    from geo_service.workflows.services import Office


def add_windows(app: FastAPI, office: Office) -> None:
    """Add the route; it is for the force alone."""

    @app.get("/windows", summary="When in the week an area and its zones have most", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    @asks
    def best(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        asked: Asked,
        length: Annotated[int, Query(description="Minutes of a window, 15 to 720.")] = PATROL_MIN,
        run: Annotated[str | None, Query(description="Run of zones to look at too, or latest.")] = None,
        zone: Annotated[str | None, Query(description="Zones of the run by number or id, with commas.")] = None,
        check_from: Annotated[str | None, Query(description="First of later months to check, YYYY-MM.")] = None,
        check_to: Annotated[str | None, Query(description="Last of them.")] = None,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        zones = tuple(each for each in (zone or "").split(",") if each)
        check = check_months(check_from, check_to)
        answer = windows.ask(services, WindowsQuery(HotspotQuery.asked(asked), length, run, zones, check))
        pinned = {"as_of": str(answer.provenance.data_version)} | ({} if answer.run is None else {"run": answer.run})
        table = window_table(answer)
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned=pinned)

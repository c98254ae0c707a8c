"""How concentrated, over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response  # noqa: TC002 - read when the route is made

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
from geo_service.workflows.policy import declare
from geo_service.workflows.validating import concentration as work
from geo_service.workflows.validating.concentration_outputs import table

if TYPE_CHECKING:
    from geo_service.workflows.services import Office


def add_concentration(app: FastAPI, office: Office) -> None:
    """Add the route."""

    @app.get("/concentration", summary="How much a small part of the cells holds", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    @asks
    def concentration(
        request: Request,
        asked: Asked,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        report = work.ask(services, HotspotQuery.asked(asked))
        pinned = {"as_of": str(report.provenance.data_version)}
        return page_of(services, request, table(report), limit=limit, offset=offset, form=form, pinned=pinned)

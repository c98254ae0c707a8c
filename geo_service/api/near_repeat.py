"""Near repeats and live cocoons over the API."""

from __future__ import annotations

import datetime as dt
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
from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE, PLANNERS, Audience
from geo_service.model.asked import Asked  # noqa: TC001 - read when the route is made
from geo_service.model.hotspots import HotspotQuery
from geo_service.workflows.finding.near_repeat import CocoonAnswer, NearRepeatQuery, ask, read_bands, read_rules
from geo_service.workflows.finding.near_repeat_tables import cocoon_table, knox_table
from geo_service.workflows.finding.visits import CELLS
from geo_service.workflows.policy import declare

if TYPE_CHECKING:
    from geo_service.workflows.services import Office


def add_near_repeat(app: FastAPI, office: Office) -> None:
    """Add the route; it is for the force alone, for a cocoon says where somebody became a victim."""

    @app.get("/near-repeat", summary="Whether offences follow each other, or the live cocoons of a day", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    @asks
    def near_repeat(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        asked: Asked,
        cocoon: Annotated[str | None, Query(description="List the cocoons live on that day, YYYY-MM-DD.")] = None,
        distances: Annotated[str, Query(description="Upper ends of the bands in metres.")] = "0.1,100,200,300,400",
        bands: Annotated[str, Query(description="Upper ends of the bands in days, left out.")] = "1,8,15,29,43",
        distance: Annotated[str, Query(description="euclidean or manhattan.")] = "euclidean",
        radius: Annotated[float, Query(description="Metres of the ring or cocoon, 10 to 1,000.")] = 200.0,
        days: Annotated[int, Query(description="Days that it lasts, 1 to 90.")] = 21,
        places: Annotated[str, Query(description="cells, or a layer of homes or streets.")] = CELLS,
        nearest: Annotated[int, Query(ge=1, description="Places around one offence.")] = 40,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        query = NearRepeatQuery(
            HotspotQuery.asked(asked),
            read_bands(distances, bands, distance),
            read_rules(radius, days, nearest),
            _day(cocoon),
            places,
        )
        answer = ask(services, query)
        table = cocoon_table(answer) if isinstance(answer, CocoonAnswer) else knox_table(answer)
        pinned = {"as_of": str(answer.told.provenance.data_version)}
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned=pinned)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise QueryError(
            "Not a day", found=text, do="Write it as YYYY-MM-DD, for example 2025-06-30", field="cocoon"
        ) from None

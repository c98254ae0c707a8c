"""Which statistic held, over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response

from geo_service.api.asking import (
    FEATURES,
    MOST_ITEMS,
    FormatOption,
    LimitOption,
    OffsetOption,
    page_of,
    services_of,
)
from geo_service.model.access import DISCLOSURE, PLANNERS, Audience
from geo_service.model.asked import Asked
from geo_service.model.backtests import asked
from geo_service.workflows.policy import declare
from geo_service.workflows.validating import backtest as work
from geo_service.workflows.validating.backtest_outputs import table

if TYPE_CHECKING:
    from geo_service.workflows.services import Office


def add_backtest(app: FastAPI, office: Office) -> None:
    """Add the route."""

    @app.get("/backtest", summary="Which statistic held on months that it had not seen", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def backtest(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        boundary: Annotated[str, Query(description="Code or name of a ward, district or policing area.")],
        boundary_set: Annotated[
            str | None, Query(alias="set", description="Boundary set; by date if left out.")
        ] = None,
        offences: Annotated[str, Query(description="Offence set.")] = Asked.offences,
        measure: Annotated[str, Query(description="count or harm.")] = Asked.measure,
        proxy: Annotated[str | None, Query(description="low, middle or high.")] = None,
        harm_table: Annotated[str | None, Query(description="Harm table by id.")] = None,
        statistics: Annotated[str, Query(description="all, or names with commas between them.")] = "all",
        resolution: Annotated[int, Query(description="H3 resolution, 8 to 12.")] = Asked.resolution,
        ring: Annotated[int, Query(description="k-ring of neighbours, 1 to 3.")] = Asked.ring,
        half_life: Annotated[float, Query(description="recent: half-life in months.")] = Asked.half_life,
        seed: Annotated[int, Query(description="Seed of everything random.")] = Asked.seed,
        fit_months: Annotated[str, Query(description="Months before each origin that are fitted, or all.")] = "12",
        ahead: Annotated[str, Query(description="Months that are scored.")] = "1,3,6",
        shares: Annotated[str, Query(description="Percentages of the area.")] = "0.5,1.4,3",
        first_origin: Annotated[str | None, Query(description="First month scored: YYYY-MM or its number.")] = None,
        last_origin: Annotated[str | None, Query(description="Last month that any score may look at.")] = None,
        zones: Annotated[bool, Query(description="Score patrol zones beside single cells.")] = False,  # noqa: FBT002 - a parameter
        zone_resolution: Annotated[
            int | None, Query(description="H3 resolution of zones, at least that of the cells; 11 if left out.")
        ] = None,
        as_of: Annotated[int | None, Query(description="Data version.")] = None,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        typed = Asked(
            boundary, "", "", boundary_set, offences, measure, proxy, harm_table,
            resolution=resolution, ring=ring, half_life=half_life, seed=seed, as_of=as_of,
        )  # fmt: skip
        query = asked(
            typed, statistics, fit_months, ahead, shares, first_origin, last_origin,
            zones=zones, zone_resolution=zone_resolution,
        )  # fmt: skip
        services = services_of(office, request)
        report = work.run(services, query)
        pinned = {"as_of": str(report.provenance.data_version)}
        return page_of(services, request, table(report), limit=limit, offset=offset, form=form, pinned=pinned)

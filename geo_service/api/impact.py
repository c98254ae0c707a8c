"""Impact areas and displacement differences, over the API."""

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
from geo_service.errors import QueryError
from geo_service.model.access import DISCLOSURE, PLANNERS, Audience
from geo_service.model.asked import Asked
from geo_service.model.evaluation import EvaluationQuery, Named, months_of
from geo_service.model.impact import ImpactQuery, NamedArea
from geo_service.model.periods import Month
from geo_service.workflows.evaluating import evaluate, impact, impact_outputs
from geo_service.workflows.policy import declare

if TYPE_CHECKING:
    from geo_service.workflows.services import Office

_YEAR_DIGITS = 4

SetOption = Annotated[str | None, Query(alias="set", description="Boundary set; by date if left out.")]
OffencesOption = Annotated[str, Query(description="Offence set.")]
TableOption = Annotated[str | None, Query(description="Harm table by id.")]
ProxyOption = Annotated[str | None, Query(description="low, middle or high.")]
AsOfOption = Annotated[int | None, Query(description="Data version.")]
PlacesOption = Annotated[str, Query(description="Codes or names of areas, with semicolons between them.")]
ZonesOption = Annotated[str, Query(description="Ids of patrol zones, with commas.")]


def add_impact(app: FastAPI, office: Office) -> None:
    """Add the routes; they are for the force alone."""

    @app.get("/impact", summary="How the harm or count of areas moves, month by month", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def report(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        to: Annotated[str, Query(description="Last month, YYYY-MM.")],
        boundary_set: SetOption = None,
        boundary: Annotated[
            str, Query(description="Codes or names of areas, with semicolons; all of the set if left out.")
        ] = "",
        measure: Annotated[str, Query(description="harm or count.")] = "harm",
        offences: OffencesOption = Asked.offences,
        harm_table: TableOption = None,
        proxy: ProxyOption = None,
        year_from: Annotated[str, Query(description="april or january.")] = "april",
        against: Annotated[str, Query(description="Years to compare with, 2024,2022; the one before if empty.")] = "",
        as_of: AsOfOption = None,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        query = ImpactQuery(
            to=Month.parse(to, field="to"),
            areas=tuple(NamedArea(name, (name,)) for name in _listed(boundary, ";")),
            boundary_set=boundary_set,
            measure=measure,  # type: ignore[arg-type] # the query refuses what it is not
            offence_set=offences,
            harm_table=harm_table,
            proxy=proxy,  # type: ignore[arg-type] # the query refuses what it is not
            year_from=year_from,  # type: ignore[arg-type] # the query refuses what it is not
            against=_years(against),
            as_of=as_of,
        )
        made = impact.report(services, query)
        pinned = {"as_of": str(made.provenance.data_version)}
        table = impact_outputs.table(made)
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned=pinned)

    @app.get("/evaluate/wdd", summary="How treated places changed beside comparison places", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    def difference(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        before: Annotated[str, Query(description="Months before, 2025-01..2025-06.")],
        after: Annotated[str, Query(description="Months after.")],
        during: Annotated[str | None, Query(description="Months of what was done, where they are neither.")] = None,
        treated: PlacesOption = "",
        treated_zones: ZonesOption = "",
        comparison: PlacesOption = "",
        comparison_zones: ZonesOption = "",
        ring: Annotated[float, Query(description="Metres of the displacement ring; 0 looks at none.")] = 0.0,
        boundary_set: SetOption = None,
        offences: OffencesOption = Asked.offences,
        harm_table: TableOption = None,
        proxy: ProxyOption = None,
        level: Annotated[float, Query(description="Level of the intervals.")] = 0.9,
        as_of: AsOfOption = None,
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        query = EvaluationQuery(
            treated=Named(_listed(treated, ";"), _listed(treated_zones, ",")),
            comparison=Named(_listed(comparison, ";"), _listed(comparison_zones, ",")),
            before=months_of(before, "before"),
            during=None if during is None else months_of(during, "during"),
            after=months_of(after, "after"),
            ring_m=ring,
            boundary_set=boundary_set,
            offence_set=offences,
            harm_table=harm_table,
            proxy=proxy,  # type: ignore[arg-type] # the query refuses what it is not
            level=level,
            as_of=as_of,
        )
        made = evaluate.evaluate(services, query)
        pinned = {"as_of": str(made.provenance.data_version)}
        table = evaluate.table(made)
        return page_of(services, request, table, limit=limit, offset=offset, form=form, pinned=pinned)


def _listed(text: str, mark: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(mark) if each.strip())


def _years(text: str) -> tuple[int, ...]:
    years = _listed(text, ",")
    if not all(len(year) == _YEAR_DIGITS and year.isascii() and year.isdecimal() for year in years):
        raise QueryError("Not years", found=text, do="Write them as 2024,2022", field="against")
    return tuple(map(int, years))

"""The parameters of a question, named once for every address that asks one."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import Query, Request, Response

from geo_service.api import answers, description, pages
from geo_service.model.asked import Asked
from geo_service.workflows.policy import PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Office, Services

MOST_ITEMS: Final = 10_000
FormatOption = Annotated[
    Literal["json", "geojson", "csv"] | None,
    Query(alias="f", description="geojson (or json) or csv; by the Accept header if left out."),
]
# More than the maximum is no error (OGC API Features 1.0.1, fc-limit-response-1): the page is cut and `next` leads on.
LimitOption = Annotated[
    int, Query(ge=1, json_schema_extra={"maximum": MOST_ITEMS}, description="Features on a page, at most 10,000.")
]
OffsetOption = Annotated[int, Query(ge=0, description="Features to pass over; given by the paging links.")]
# Without a class of its own a route would be described as sending plain JSON, too.
FEATURES: Final[dict[str, Any]] = {"responses": description.FEATURES, "response_class": Response}


def asked_of(  # noqa: PLR0913, PLR0917 - one argument for each parameter
    boundary: Annotated[str, Query(description="Code or name of a ward, district or policing area.")],
    first: Annotated[str, Query(alias="from", description="First month, YYYY-MM.")],
    last: Annotated[str, Query(alias="to", description="Last month, YYYY-MM.")],
    boundary_set: Annotated[str | None, Query(alias="set", description="Boundary set; by date if left out.")] = None,
    offences: Annotated[str, Query(description="Offence set.")] = Asked.offences,
    measure: Annotated[str, Query(description="count or harm.")] = Asked.measure,
    proxy: Annotated[str | None, Query(description="low, middle or high.")] = None,
    harm_table: Annotated[str | None, Query(description="Harm table by id.")] = None,
    resolution: Annotated[int, Query(description="H3 resolution, 8 to 12.")] = Asked.resolution,
    permutations: Annotated[int, Query(description="Permutations behind p; 0 is the default.")] = Asked.permutations,
    seed: Annotated[int, Query(description="Seed of everything random.")] = Asked.seed,
    as_of: Annotated[int | None, Query(description="Data version.")] = None,
    harm_score: Annotated[
        str | None, Query(description="Weight of a code with several: lowest or highest; 0 if left out.")
    ] = None,
    proactive: Annotated[
        bool, Query(alias="include_proactive", description="Put in what police activity found.")
    ] = Asked.proactive,
) -> Asked:
    """Name the parameters of a question that chooses incidents and ranks no cells."""
    return Asked(
        boundary,
        first,
        last,
        boundary_set,
        offences,
        measure,
        proxy,
        harm_table,
        resolution=resolution,
        permutations=permutations,
        seed=seed,
        as_of=as_of,
        harm_score=harm_score,
        proactive=proactive,
    )


def asks(endpoint: Callable[..., Response]) -> Callable[..., Response]:
    """Give an endpoint the parameters of a question in place of its argument `asked`."""
    question = inspect.signature(asked_of, eval_str=True).parameters
    request, _, *rest = inspect.signature(endpoint, eval_str=True).parameters.values()

    def run(**given: Any) -> Response:  # noqa: ANN401 - FastAPI has checked them
        typed = asked_of(**{name: given.pop(name) for name in question})
        return endpoint(given.pop(request.name), typed, **given)

    options = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (request, *question.values(), *rest)]
    run.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined] # what FastAPI reads
    run.__name__, run.__doc__ = endpoint.__name__, endpoint.__doc__
    return run


def services_of(office: Office, request: Request) -> Services:
    """Return the services of whoever asks."""
    return office.services(request.scope[PRINCIPAL])


def page_of(  # noqa: PLR0913 - the parts of a page
    services: Services,
    request: Request,
    table: FeatureTable,
    *,
    limit: int,
    offset: int,
    form: str | None,
    pinned: Mapping[str, str],
) -> Response:
    """Answer with one page of a table as GeoJSON or CSV; pinned: what keeps the next page of one answer with this."""
    cut = pages.cut(table, bbox=None, interval=None, limit=min(limit, MOST_ITEMS), offset=offset)
    return answers.page(services, request, cut, form, pinned)

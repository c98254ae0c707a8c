"""Routes of the API; each declares its audience."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute

from geo_service import __version__
from geo_service.api import answers, description, pages, problems
from geo_service.api.answers import CSV, GEOJSON, JSON, base, json, link
from geo_service.api.asking import FEATURES, MOST_ITEMS, FormatOption, LimitOption, OffsetOption, asks, services_of
from geo_service.api.backtest import add_backtest
from geo_service.api.concentration import add_concentration
from geo_service.api.impact import add_impact
from geo_service.api.near_repeat import add_near_repeat
from geo_service.api.people import add_accounts
from geo_service.api.plans import add_plans
from geo_service.api.visits import add_visits
from geo_service.api.windows import add_windows
from geo_service.errors import NotFoundError
from geo_service.model.access import ANYBODY, DISCLOSURE, PLANNERS, READERS, Audience, Role
from geo_service.model.asked import Asked
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.places import BBox
from geo_service.workflows import tables
from geo_service.workflows.finding import hotspots
from geo_service.workflows.policy import declare

if TYPE_CHECKING:
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Office

# Not `oas30`: the document below is OpenAPI 3.1.
_SEES_LAYERS: Final = READERS | {Role.COORDINATOR}
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
ITEMS = 1_000

BBoxOption = Annotated[str | None, Query(description="west,south,east,north in degrees.")]
TimeOption = Annotated[str | None, Query(description="A day, or first/last, `..` for an open end.")]
FEATURE: dict[str, Any] = {"responses": description.FEATURE, "response_class": Response}


def create_api(office: Office) -> FastAPI:
    """Make the API; the gate before it leaves in the scope of each request who asks."""
    app = FastAPI(
        title="geo_service",
        version=__version__,
        description="Hotspot cells, patrol zones, boundaries and layers.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # our own route below declares its audience
        dependencies=[Depends(problems.refuse_unknown_parameters)],
        responses=description.PROBLEMS,
    )
    problems.install(app)
    _add_core(app)
    _add_collections(app, office)
    _add_hotspots(app, office)
    add_windows(app, office)
    add_backtest(app, office)
    add_concentration(app, office)
    add_near_repeat(app, office)
    add_impact(app, office)
    add_plans(app, office)
    add_visits(app, office)
    add_accounts(app, office)
    app.openapi()  # made and kept before HEAD is added, which would be listed as an operation of its own
    for route in app.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            route.methods = {"GET", "HEAD"}
    return app


def _add_core(app: FastAPI) -> None:
    @app.get("/", summary="Landing page")
    @declare(Audience.FORCE, roles=ANYBODY)
    def landing(request: Request) -> Response:
        here = base(request)
        links = [
            link(f"{here}/", "self", JSON, "This document"),
            link(f"{here}/openapi.json", "service-desc", description.MEDIA_TYPE, "The API"),
            link(f"{here}/conformance", "conformance", JSON, "Conformance classes"),
            link(f"{here}/collections", "data", JSON, "Collections"),
        ]
        return json({"title": app.title, "description": app.description, "links": links})

    @app.get("/openapi.json", summary="This API in OpenAPI", include_in_schema=False)
    @declare(Audience.FORCE, roles=ANYBODY)
    def openapi(request: Request) -> Response:
        return json(description.document(app, base(request)), description.MEDIA_TYPE)

    @app.get("/conformance", summary="Conformance classes")
    @declare(Audience.FORCE, roles=ANYBODY)
    def conformance() -> Response:
        return json({"conformsTo": CONFORMANCE})


def _add_collections(app: FastAPI, office: Office) -> None:
    @app.get("/collections", summary="What there is to ask for")
    @declare(Audience.FORCE, roles=_SEES_LAYERS)
    def collections(request: Request) -> Response:
        services, here = services_of(office, request), f"{base(request)}/collections"
        listed = [
            _described(here, *found, tables.collection(services, found[0])) for found in tables.collections(services)
        ]
        return json({"collections": listed, "links": [link(here, "self", JSON, "This document")]})

    @app.get("/collections/{collectionId}", summary="One collection")
    @declare(Audience.FORCE, roles=_SEES_LAYERS)
    def collection(request: Request, collectionId: str) -> Response:  # noqa: N803 - the OGC's word
        services = services_of(office, request)
        table = tables.collection(services, collectionId)
        found = next(found for found in tables.collections(services) if found[0] == collectionId)
        return json(_described(f"{base(request)}/collections", *found, table))

    @app.get("/collections/{collectionId}/items", summary="Features of a collection", **FEATURES)
    @declare(Audience.FORCE, roles=_SEES_LAYERS, act=DISCLOSURE)
    def items(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        collectionId: str,  # noqa: N803 - the OGC's word
        bbox: BBoxOption = None,
        datetime: TimeOption = None,
        limit: LimitOption = ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        services = services_of(office, request)
        page = pages.cut(
            tables.collection(services, collectionId),
            bbox=BBox.parse(bbox) if bbox is not None else None,
            interval=pages.Interval.parse(datetime) if datetime is not None else None,
            limit=min(limit, MOST_ITEMS),
            offset=offset,
        )
        return answers.page(services, request, page, form)

    # A path, so that an identifier may have a slash.
    @app.get("/collections/{collectionId}/items/{featureId:path}", summary="One feature", **FEATURE)
    @declare(Audience.FORCE, roles=_SEES_LAYERS, act=DISCLOSURE)
    def item(request: Request, collectionId: str, featureId: str) -> Response:  # noqa: N803 - the OGC's words
        services = services_of(office, request)
        found = pages.one(tables.collection(services, collectionId), featureId)
        if found is None:
            raise NotFoundError("No such feature", found=featureId, do="List the items first", field="featureId")
        return answers.feature(services, request, found)


def _add_hotspots(app: FastAPI, office: Office) -> None:
    @app.get("/hotspots", summary="Which small places hold the most", **FEATURES)
    @declare(Audience.FORCE, roles=PLANNERS, act=DISCLOSURE)
    @asks
    def ask(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        asked: Asked,
        statistic: Annotated[str, Query(description="How cells are ranked: total, gi_star, kde …")] = Asked.statistic,
        ring: Annotated[int, Query(description="k-ring of neighbours, 1 to 3.")] = Asked.ring,
        half_life: Annotated[float, Query(description="recent: half-life in months.")] = Asked.half_life,
        kernel: Annotated[str, Query(description="kde: quartic or gaussian.")] = Asked.kernel,
        bandwidth: Annotated[
            float | None, Query(description="kde: metres; by held-out likelihood if left out.")
        ] = Asked.bandwidth,
        per: Annotated[str, Query(description="rate, shrunk: km2 or an imported denominator.")] = Asked.per,
        area_share: Annotated[float, Query(description="Percentage of the area.")] = Asked.area_share,
        cells: Annotated[Literal["chosen", "all"], Query(description="The best cells or all.")] = "chosen",
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        typed = replace(
            asked,
            statistic=statistic,
            ring=ring,
            half_life=half_life,
            kernel=kernel,
            bandwidth=bandwidth,
            per=per,
            area_share=area_share,
        )
        services = services_of(office, request)
        surface = hotspots.ask(services, HotspotQuery.asked(typed))
        chosen, most = cells == "chosen", min(limit, MOST_ITEMS)
        table = tables.hotspot_table(services, surface, chosen_only=chosen, first=offset, most=most)
        page = pages.Page(table, int(surface.chosen.sum()) if chosen else len(surface.chosen), offset)
        # The next page is of the same data, whatever is imported meanwhile.
        return answers.page(services, request, page, form, {"as_of": str(surface.query.as_of)})


def _described(here: str, found_id: str, title: str, said: str, table: FeatureTable) -> dict[str, Any]:
    address = f"{here}/{found_id}"
    return {
        "id": found_id,
        "title": title,
        "description": said,
        "extent": pages.extent(table),
        "itemType": "feature",
        "crs": [pages.CRS84],
        "links": [
            link(address, "self", JSON, title),
            link(f"{address}/items", "items", GEOJSON, f"{title} as GeoJSON"),
            link(f"{address}/items?f=csv", "items", CSV, f"{title} as CSV"),
        ],
    }

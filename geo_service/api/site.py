"""Routes of the API; each declares its audience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

import orjson
from fastapi import Depends, FastAPI, Query, Request, Response

from geo_service import __version__
from geo_service.api import pages, problems
from geo_service.errors import NotFoundError
from geo_service.model.access import Audience
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.places import BBox
from geo_service.workflows import hotspots, tables
from geo_service.workflows.policy import declare

if TYPE_CHECKING:
    from geo_service.workflows.services import Services

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MOST_ITEMS = 10_000
GEOJSON, CSV = "application/geo+json", "text/csv"

FormatOption = Annotated[Literal["json", "geojson", "csv"] | None, Query(alias="f", description="geojson or csv.")]
BBoxOption = Annotated[str | None, Query(description="west,south,east,north in degrees.")]
TimeOption = Annotated[str | None, Query(description="A day, or first/last, `..` for an open end.")]
LimitOption = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Features on a page.")]
OffsetOption = Annotated[int, Query(ge=0, description="Features to pass over; given by the paging links.")]


def create_api(services: Services, *, audience: Audience) -> FastAPI:
    """Make the API over what an audience may see."""
    app = FastAPI(
        title="geo_service",
        version=__version__,
        description="Hotspot cells, patrol zones, boundaries and layers.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # our own route below declares its audience
        dependencies=[Depends(problems.refuse_unknown_parameters)],
    )
    problems.install(app)
    _add_core(app)
    _add_collections(app, services, audience)
    _add_hotspots(app, services)
    return app


def _add_core(app: FastAPI) -> None:
    @app.get("/", summary="Landing page")
    @declare(Audience.FORCE)
    def landing(request: Request) -> Response:
        base = _base(request)
        links = [
            _link(f"{base}/", "self", "application/json", "This document"),
            _link(f"{base}/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.1", "The API"),
            _link(f"{base}/conformance", "conformance", "application/json", "Conformance classes"),
            _link(f"{base}/collections", "data", "application/json", "Collections"),
        ]
        return _json({"title": "geo_service", "description": app.description, "links": links})

    @app.get("/openapi.json", summary="This API in OpenAPI", include_in_schema=False)
    @declare(Audience.FORCE)
    def openapi() -> Response:
        return _json(app.openapi(), "application/vnd.oai.openapi+json;version=3.1")

    @app.get("/conformance", summary="Conformance classes")
    @declare(Audience.FORCE)
    def conformance() -> Response:
        return _json({"conformsTo": CONFORMANCE})


def _add_collections(app: FastAPI, services: Services, audience: Audience) -> None:
    @app.get("/collections", summary="What there is to ask for")
    @declare(Audience.FORCE)
    def collections(request: Request) -> Response:
        base = _base(request)
        listed = [_described(base, *found) for found in tables.collections(services, audience)]
        links = [_link(f"{base}/collections", "self", "application/json", "This document")]
        return _json({"collections": listed, "links": links})

    @app.get("/collections/{collectionId}", summary="One collection")
    @declare(Audience.FORCE)
    def collection(request: Request, collectionId: str) -> Response:  # noqa: N803 - the OGC's word
        for found in tables.collections(services, audience):
            if found[0] == collectionId:
                return _json(_described(_base(request), *found))
        raise _unknown_collection(collectionId)

    @app.get("/collections/{collectionId}/items", summary="Features of a collection")
    @declare(Audience.FORCE)
    def items(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        collectionId: str,  # noqa: N803 - the OGC's word
        bbox: BBoxOption = None,
        datetime: TimeOption = None,
        limit: LimitOption = 100,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        page = pages.cut(
            tables.collection(services, collectionId, audience),
            bbox=BBox.parse(bbox) if bbox is not None else None,
            interval=pages.Interval.parse(datetime) if datetime is not None else None,
            limit=limit,
            offset=offset,
        )
        return _answer(services, request, page, form)

    @app.get("/collections/{collectionId}/items/{featureId}", summary="One feature")
    @declare(Audience.FORCE)
    def item(request: Request, collectionId: str, featureId: str) -> Response:  # noqa: N803 - the OGC's words
        found = pages.one(tables.collection(services, collectionId, audience), featureId)
        if found is None:
            raise NotFoundError("No such feature", found=featureId, do="List the items first", field="featureId")
        whole = orjson.loads(services.formats["geojson"].write(found))
        base = f"{_base(request)}/collections/{collectionId}"
        links = [
            _link(f"{base}/items/{featureId}", "self", GEOJSON, "This document"),
            _link(base, "collection", "application/json", "The collection"),
        ]
        return _json(whole["features"][0] | {"links": links}, GEOJSON)


def _add_hotspots(app: FastAPI, services: Services) -> None:
    @app.get("/hotspots", summary="Which small places hold the most")
    @declare(Audience.FORCE)
    def ask(  # noqa: PLR0913, PLR0917 - one argument for each parameter
        request: Request,
        boundary: Annotated[str, Query(description="Code or name of a ward, district or policing area.")],
        first: Annotated[str, Query(alias="from", description="First month, YYYY-MM.")],
        last: Annotated[str, Query(alias="to", description="Last month, YYYY-MM.")],
        boundary_set: Annotated[
            str | None, Query(alias="set", description="Boundary set; by date if left out.")
        ] = None,
        offences: Annotated[str, Query(description="Offence set.")] = "public-place",
        measure: Annotated[str, Query(description="count or harm.")] = "count",
        proxy: Annotated[str | None, Query(description="low, middle or high.")] = None,
        harm_table: Annotated[str | None, Query(description="Harm table by id.")] = None,
        statistic: Annotated[str, Query(description="total or gi_star.")] = "total",
        resolution: Annotated[int, Query(description="H3 resolution, 8 to 12.")] = 10,
        ring: Annotated[int, Query(description="k-ring of gi_star, 1 to 3.")] = 1,
        area_share: Annotated[float, Query(description="Percentage of the area.")] = 1.4,
        as_of: Annotated[int | None, Query(description="Data version.")] = None,
        cells: Annotated[Literal["chosen", "all"], Query(description="The best cells or all.")] = "chosen",
        limit: LimitOption = MOST_ITEMS,
        offset: OffsetOption = 0,
        form: FormatOption = None,
    ) -> Response:
        query = HotspotQuery(
            boundary=boundary,
            boundary_set=boundary_set,
            period=Period.parse(first, last),
            offence_set=offences,
            measure=measure,  # type: ignore[arg-type]  # checked by HotspotQuery
            proxy=proxy,  # type: ignore[arg-type]  # checked by HotspotQuery
            harm_table=harm_table,
            statistic=statistic,
            resolution=resolution,
            ring=ring,
            area_share=area_share / 100,
            as_of=as_of,
        )
        table = tables.hotspot_table(services, hotspots.ask(services, query), chosen_only=cells == "chosen")
        return _answer(services, request, pages.cut(table, bbox=None, interval=None, limit=limit, offset=offset), form)


def _answer(services: Services, request: Request, page: pages.Page, form: str | None) -> Response:
    """Write a page as GeoJSON or CSV, by `f` or else by the Accept header."""
    as_csv = form == "csv" if form else CSV in request.headers.get("accept", "")
    links = _paging(request, page, CSV if as_csv else GEOJSON)
    headers = {
        "Link": ", ".join(f'<{link["href"]}>; rel="{link["rel"]}"; type="{link["type"]}"' for link in links),
        "OGC-NumberMatched": str(page.matched),
    }
    if as_csv:
        return Response(services.formats["csv"].write(page.table), media_type=CSV, headers=headers)
    body = orjson.loads(services.formats["geojson"].write(page.table))
    body |= {"numberMatched": page.matched, "numberReturned": page.table.rows.height, "links": links}
    return _json(body, GEOJSON, headers)


def _paging(request: Request, page: pages.Page, media_type: str) -> list[dict[str, str]]:
    here = str(request.url.replace(query=""))
    given = dict(request.query_params)
    links = [_link(_with(here, given), "self", media_type, "This page")]
    if page.next_offset is not None:
        links.append(_link(_with(here, given | {"offset": str(page.next_offset)}), "next", media_type, "Next page"))
    return links


def _with(here: str, parameters: dict[str, str]) -> str:
    return f"{here}?{urlencode(parameters)}" if parameters else here


def _described(base: str, found_id: str, title: str, description: str) -> dict[str, Any]:
    return {
        "id": found_id,
        "title": title,
        "description": description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(f"{base}/collections/{found_id}", "self", "application/json", title),
            _link(f"{base}/collections/{found_id}/items", "items", GEOJSON, f"{title} as GeoJSON"),
            _link(f"{base}/collections/{found_id}/items?f=csv", "items", CSV, f"{title} as CSV"),
        ],
    }


def _unknown_collection(found: str) -> NotFoundError:
    return NotFoundError("No such collection", found=found, do="List them at /collections", field="collectionId")


def _base(request: Request) -> str:
    """Return the address that the API is mounted at, without a closing slash."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def _json(body: object, media_type: str = "application/json", headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), media_type=media_type, headers=headers)

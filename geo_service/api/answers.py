"""Write an answer: links, GeoJSON or CSV, and what its headers say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import orjson
from fastapi import Request, Response

from geo_service.workflows.markings import marked, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.api.pages import Page
    from geo_service.model.layers import FeatureTable
    from geo_service.workflows.services import Services

JSON, GEOJSON, CSV = "application/json", "application/geo+json", "text/csv"

_MEDIA_RANGE: Final = re.compile(
    r"\s*(?P<name>[^;,\s]+)\s*(?:;\s*q=(?P<quality>[01](?:\.\d{0,3})?))?\s*", re.IGNORECASE
)


def json(body: object, media_type: str = JSON, headers: Mapping[str, str] | None = None) -> Response:
    """Return a document as JSON."""
    return Response(orjson.dumps(body), media_type=media_type, headers=headers)


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """Return one link of a document."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def base(request: Request) -> str:
    """Return the address that the API is mounted at, without a closing slash."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def page(
    services: Services, request: Request, cut: Page, form: str | None, pinned: Mapping[str, str] | None = None
) -> Response:
    """Write a page of features as GeoJSON or CSV, by `f` or else by the Accept header.

    pinned: parameters that the next page must have for both to be of one answer.
    """
    as_csv = wants_csv(request, form)
    cut = replace(cut, table=marked(services, cut.table))
    links = _links(request, cut, as_csv=as_csv, pinned=pinned or {})
    headers = {
        "Link": ", ".join(f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"]}"' for each in links),
        "OGC-NumberMatched": str(cut.matched),
        "OGC-NumberReturned": str(cut.table.rows.height),
        **_named(cut.table, "csv" if as_csv else "geojson"),
    }
    if as_csv:
        return Response(services.formats["csv"].write(_said(cut)), media_type=CSV, headers=headers)
    body = orjson.loads(services.formats["geojson"].write(cut.table))
    body |= {"numberMatched": cut.matched, "numberReturned": cut.table.rows.height, "links": links}
    return json(body, GEOJSON, headers)


def feature(services: Services, request: Request, table: FeatureTable) -> Response:
    """Write a table of one feature as that feature, GeoJSON."""
    table = marked(services, table)
    whole = orjson.loads(services.formats["geojson"].write(table))
    marks = {name: whole[name] for name in ("marking", "data_version", "destroy_after")}
    here = str(request.url)
    links = [
        link(here, "self", GEOJSON, "This document"),
        link(here.rpartition("/items/")[0], "collection", JSON, "The collection"),
    ]
    return json(whole["features"][0] | marks | {"links": links}, GEOJSON, _named(table, "geojson"))


def _named(table: FeatureTable, suffix: str) -> dict[str, str]:
    """Return the header that names what is saved: a browser shows GeoJSON and downloads CSV."""
    kind = "attachment" if suffix == "csv" else "inline"
    return {"Content-Disposition": f'{kind}; filename="{name_of(table, f".{suffix}")}"'}


def wants_csv(request: Request, form: str | None) -> bool:
    """Say whether a request asks for CSV rather than GeoJSON, which is what it gets unless it says otherwise."""
    if form is not None:
        return form == "csv"
    asked = {}
    for written in request.headers.get("accept", "").split(","):
        found = _MEDIA_RANGE.fullmatch(written)
        if found:
            asked[found["name"].casefold()] = float(found["quality"] or 1)
    return asked.get(CSV, 0.0) > max(asked.get(GEOJSON, 0.0), asked.get(JSON, 0.0))


def _said(cut: Page) -> FeatureTable:
    """Return the table of a page that says, where no link stands beside it, that there is more."""
    first, last = cut.offset + 1, cut.offset + cut.table.rows.height
    if last - cut.offset == cut.matched:
        return cut.table
    more = "" if cut.next_offset is None else f"; the next ones begin at offset={cut.next_offset}"
    return replace(cut.table, notes=(f"Features {first} to {last} of {cut.matched}{more}", *cut.table.notes))


def _links(request: Request, cut: Page, *, as_csv: bool, pinned: Mapping[str, str]) -> list[dict[str, str]]:
    given = dict(request.query_params)
    this, that = (CSV, GEOJSON) if as_csv else (GEOJSON, CSV)
    links = [
        link(_with(request, given), "self", this, "This page"),
        link(_with(request, given | {"f": "geojson" if as_csv else "csv"}), "alternate", that, "This page"),
    ]
    if cut.next_offset is not None:
        onwards = given | dict(pinned) | {"offset": str(cut.next_offset)}
        if as_csv:
            onwards["f"] = "csv"
        links.append(link(_with(request, onwards), "next", this, "Next page"))
    return links


def _with(request: Request, parameters: Mapping[str, str]) -> str:
    here = str(request.url.replace(query=""))
    return f"{here}?{urlencode(parameters)}" if parameters else here

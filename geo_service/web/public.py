"""The public site: Safe Places as a list and on a map. It is given a release and no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response

from geo_service.errors import FaultError
from geo_service.model.access import Audience
from geo_service.safe_places.opening import LONDON
from geo_service.web.geojson import feature_collection
from geo_service.web.headers import PUBLIC_HEADERS, Headers
from geo_service.web.languages import LanguagePages, LanguagePaths
from geo_service.web.pages import file_routes, new_site, page_route
from geo_service.web.places import by_town, listing_words, pins, read_places
from geo_service.workflows.policy import policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request

    from geo_service.model.ports import PublicReleases
    from geo_service.model.release import PublicRelease
    from geo_service.web.places import Place

LEAVE_TO = "https://www.bbc.co.uk/weather"
TITLE = "Places and opening times"
"""Says nothing of why somebody looks at the page; it stays in the browser's history."""


def create_public(releases: PublicReleases, *, clock: Callable[[], dt.datetime], assets: Path) -> FastAPI:
    """Build the public site from the release that is shown, asked for with each request.

    clock: time now, with its zone. assets: folder of the built front-end files. Raises FaultError where they are not
    built.
    """
    site = _PublicPages(releases, LanguagePages("public", PUBLIC_HEADERS, site_title=TITLE, leave_to=LEAVE_TO), clock)
    app = new_site(
        TITLE,
        [
            page_route("/", site.places, Audience.PUBLIC),
            page_route("/places.json", site.places_json, Audience.PUBLIC),
            page_route("/about", site.about, Audience.PUBLIC),
            *file_routes(assets),
        ],
    )
    app.add_middleware(GZipMiddleware)
    app.add_middleware(LanguagePaths)
    app.add_middleware(Headers, headers=PUBLIC_HEADERS)
    app.add_exception_handler(HTTPException, site.refused)
    app.add_exception_handler(Exception, site.failed)
    closed = [path for path, policy in policies(app.routes) if policy is None or policy.audience is not Audience.PUBLIC]
    if closed:
        raise FaultError("A route of the public site is not public", found=", ".join(closed))
    return app


class _PublicPages:
    def __init__(self, releases: PublicReleases, pages: LanguagePages, clock: Callable[[], dt.datetime]) -> None:
        self.releases = releases
        self.pages = pages
        self.clock = clock

    def _page(
        self, request: Request, name: str, release: PublicRelease, status: int = 200, **values: object
    ) -> Response:
        """Return a page with what every page says of the release that it was made from."""
        return self.pages(
            request,
            name,
            status,
            area=release.area,
            demonstration=release.places.provenance.demonstration,
            unverified=_unverified(release),
            licences=release.all_licences,
            **values,
        )

    def _now(self, release: PublicRelease) -> tuple[dt.datetime, list[Place]]:
        now = self.clock().astimezone(LONDON)
        return now, read_places(release.places, now)

    def places(self, request: Request) -> Response:
        release = self.releases.current()
        now, places = self._now(release)
        only_open = request.query_params.get("show") == "open"
        shown = [place for place in places if place.opening.state == "open"] if only_open else places
        return self._page(
            request,
            "places.html",
            release,
            now=now,
            towns=by_town(shown),
            shown=len(shown),
            total=len(places),
            open_now=sum(place.opening.state == "open" for place in places),
            only_open=only_open,
            on_map=sum(place.lon_lat is not None for place in shown),
        )

    def places_json(self, request: Request) -> Response:
        """Return the pins; what is said of a place stands in the list, which the map copies."""
        del request
        release = self.releases.current()
        outline = release.outline
        body = {
            "pins": pins(self._now(release)[1]),
            "outline": None if outline is None else feature_collection(outline, columns=("id", "name")),
        }
        return Response(orjson.dumps(body), media_type="application/json")

    def about(self, request: Request) -> Response:
        return self._page(request, "about.html", self.releases.current())

    def refused(self, request: Request, problem: Exception) -> Response:
        status = problem.status_code if isinstance(problem, HTTPException) else 400
        return self._page(request, "error.html", self.releases.current(), status, code=status, here="/")

    def failed(self, request: Request, problem: Exception) -> Response:
        del problem
        return self._page(request, "error.html", self.releases.current(), 500, code=500, here="/")


def _unverified(release: PublicRelease) -> str:
    """Return what every page must say of unverified places; empty where none is shown."""
    rows = release.places.rows
    doubtful = rows.filter(rows["status"] != "verified")
    if not release.show_unverified or doubtful.is_empty():
        return ""
    which = "These places have" if doubtful.height == rows.height else f"{doubtful.height} of these places have"
    listed = sorted({str(day) for day in doubtful["as_listed"] if day}) if "as_listed" in rows.columns else []
    since = f" They are shown as listed {', '.join(map(listing_words, listed))}." if listed else ""
    return f"{which} not been verified.{since} Check before you go."

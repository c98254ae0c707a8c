"""The public site: Safe Places as a list and on a map. It is given releases and no store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from geo_service.errors import FaultError, GeoServiceError, QueryError, TooLargeError
from geo_service.model.access import Audience
from geo_service.web.headers import PUBLIC_HEADERS, Headers
from geo_service.web.languages import LanguagePages, LanguagePaths
from geo_service.web.pages import file_routes, form_route, new_site, page_route
from geo_service.web.public_files import MAP_TILES, PublicFiles
from geo_service.web.public_pages import PLAIN_PAGES, PublicPages
from geo_service.web.view import Views
from geo_service.web.wrong import WrongPages
from geo_service.workflows.policy import policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from geo_service.model.ports import Inbox, PublicReleases

LEAVE_TO = "https://www.bbc.co.uk/weather"
TITLE = "Places and opening times"
"""Says nothing of why somebody looks at the page; it stays in the browser's history."""


def create_public(
    releases: PublicReleases, *, clock: Callable[[], dt.datetime], assets: Path, inbox: Inbox | None = None
) -> FastAPI:
    """Build the public site from the release that is shown, asked for with each request.

    clock: time now, with its zone. assets: folder of the built front-end files. inbox: where it leaves what people say
    is wrong; without one they are not asked. Raises FaultError where the front-end files are not built.
    """
    views = Views(releases, clock)
    pages = PublicPages(views, LanguagePages("public", PUBLIC_HEADERS, leave_to=LEAVE_TO), can_report=inbox is not None)
    app = new_site(
        TITLE,
        _routes(pages, PublicFiles(views), None if inbox is None else WrongPages(pages, inbox), assets),
        beside=views.follow,
    )
    app.add_middleware(_Packed, compresslevel=5)
    app.add_middleware(LanguagePaths)
    app.add_middleware(Headers, headers=PUBLIC_HEADERS)
    app.add_exception_handler(HTTPException, pages.refused)
    for wrong in (QueryError, TooLargeError):
        app.add_exception_handler(wrong, partial(_not_taken, pages))
    app.add_exception_handler(GeoServiceError, pages.failed)
    app.add_exception_handler(Exception, pages.failed)
    closed = [path for path, policy in policies(app.routes) if policy is None or policy.audience is not Audience.PUBLIC]
    if closed:
        raise FaultError("A route of the public site is not public", found=", ".join(closed))
    return app


def _not_taken(pages: PublicPages, request: Request, problem: Exception) -> Response:
    """Say of a form that cannot be taken that it cannot: what was in it is not told."""
    return pages.refused(request, HTTPException(getattr(problem, "http_status", QueryError.http_status)))


def _routes(pages: PublicPages, files: PublicFiles, wrong: WrongPages | None, assets: Path) -> list[BaseRoute]:
    public = Audience.PUBLIC
    routes: list[BaseRoute] = [
        page_route("/", pages.start, public),
        page_route("/near", pages.start, public),
        form_route("/near", pages.near, public),
        page_route("/place/{id}", pages.place, public),
        page_route("/way", pages.start, public),
        form_route("/way", pages.way, public),
        page_route("/embed", pages.embed, public),
        *(page_route(f"/{name}", pages.plain, public) for name in PLAIN_PAGES),
        page_route("/map.json", files.map_json, public),
        page_route(MAP_TILES, files.tiles, public),
        page_route("/picture/{id}", files.picture, public),
        page_route("/open-data/{name}", files.open_data, public),
    ]
    if wrong is not None:
        routes += [page_route("/wrong/{id}", wrong.ask, public), form_route("/wrong/{id}", wrong.take, public)]
    return [*routes, *file_routes(assets)]


class _Packed(GZipMiddleware):
    """Pack what is sent, but for the tiles: they are asked for in pieces, and are packed already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["path"].endswith(MAP_TILES):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
